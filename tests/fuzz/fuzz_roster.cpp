// The first byte picks the reader: an iCalendar timetable, a OneRoster export's users, or our own
// people. Whatever is read keeps its bounds, and what is wrong with a record is found before it
// reaches the tables.
#include <cstdlib>
#include <string>

#include "daemon/roster/calendar.hpp"
#include "daemon/roster/difference.hpp"
#include "daemon/roster/files.hpp"
#include "daemon/roster/oneroster.hpp"

namespace rollcall::roster {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

std::string hash(std::span<const std::uint8_t>) {
  return std::string(64, 'a');
}

void compare(const Reading& reading) {
  const Difference found = difference({}, reading);
  for (const Change& change : found.changes) {
    require(fault_of(change.content).empty());
    require(!key_of(change.content).empty());
  }
  for (const Problem& problem : found.problems) require(is_utf8(problem.text()));
  require(found.removed.empty() && found.held.empty());
}

void run(std::string_view text) {
  if (text.empty()) return;
  const char reader = text.front();
  text.remove_prefix(1);
  if (reader == 'i') {
    const ToLocal to_local = [](std::int64_t) { return LocalMinute{"2026-03-02", 540}; };
    const auto reading = read_calendar(text, {"calendar:x", "C", "2026-03-02"}, to_local);
    if (reading) compare(*reading);
  } else if (reader == 'o') {
    const auto reading = read_oneroster({{"users.csv", std::string(text)}}, hash);
    if (reading) compare(*reading);
  } else {
    Files files;
    files.people = {"people.csv", std::string(text)};
    const auto reading = read_files(files, "files", hash);
    if (reading) compare(*reading);
  }
}

}  // namespace
}  // namespace rollcall::roster

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  rollcall::roster::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
