#include "daemon/terminals/alarms.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "daemon/events/event.hpp"
#include "daemon/events/json.hpp"
#include "daemon/log/log.hpp"
#include "daemon/terminals/journal.hpp"

namespace rollcall::terminals {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* refused_type = "security.link_refused";
constexpr const char* unknown_type = "security.unknown_terminal";

nlohmann::ordered_json or_null(const std::string& text) {
  return text.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(text);
}

}  // namespace

void Alarms::link_refused(const Source& source, const char* cause) {
  raise(refused_type, cause, source);
}

void Alarms::unknown_terminal(const Source& source) {
  if (!source.serial.empty()) raise(unknown_type, "", source);
}

void Alarms::raise(const char* type, const char* cause, const Source& source) {
  ++raised_;
  const Kind kind{type, cause, source.serial, source.link};
  auto found = kinds_.find(kind);
  if (found == kinds_.end()) {
    // Serials can be invented: they leave room for what happens to the site's own terminals.
    const std::size_t room = type == unknown_type ? max_kinds / 2 : max_kinds;
    if (kinds_.size() >= room) return;
    found = kinds_.emplace(kind, Repeats{.source = source, .since_ms = std::nullopt}).first;
  }
  Repeats& repeats = found->second;
  if (repeats.count++ == 0) repeats.since_ms = now_().wall_ms;
  const bool first = repeats.told == Clock::time_point{};
  if (first || Clock::now() - repeats.told >= repeats_within) write(kind, repeats);
}

void Alarms::flush(bool all) {
  for (auto it = kinds_.begin(); it != kinds_.end();) {
    const bool old = Clock::now() - it->second.told >= repeats_within;
    const bool silent = it->second.count == 0;
    if (!silent && (old || all)) write(it->first, it->second);
    it = silent && old ? kinds_.erase(it) : std::next(it);
  }
}

void Alarms::write(const Kind& kind, Repeats& repeats) {
  const auto& [type, cause, serial, link] = kind;
  const attendance::HostTime now = now_();
  nlohmann::ordered_json data = {
      {"organisation", site_.organisation},
      {"site", site_.id},
      {"room", or_null(repeats.source.room)},
      {type == unknown_type ? "serial" : "terminal", or_null(serial)},
  };
  if (type == refused_type) data["cause"] = cause;
  data["link"] = link;
  data["count"] = std::exchange(repeats.count, 0);
  data["since"] = repeats.since_ms ? nlohmann::ordered_json(events::rfc3339(*repeats.since_ms))
                                   : nlohmann::ordered_json(nullptr);
  repeats.told = Clock::now();
  const auto job = [type, data = std::move(data), now](store::Database& db) {
    append_now(db, type.c_str(), data, now);
  };
  const bool taken = writer_.submit(job, [](store::Committed committed, const std::string& error) {
    if (committed == store::Committed::yes) return;
    logging::error("a security event could not be recorded", {{"why", error}});
  });
  if (!taken) logging::error("a security event could not be recorded", {{"why", "writer is full"}});
}

}  // namespace rollcall::terminals
