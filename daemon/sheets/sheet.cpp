#include "daemon/sheets/sheet.hpp"

#include <nlohmann/json.hpp>

#include "daemon/events/event.hpp"
#include "daemon/sheets/cbor.hpp"

namespace rollcall::sheets {
namespace {

using nlohmann::json;

json moment(const std::optional<Moment>& moment) {
  return moment ? json(events::rfc3339(moment->at_ms)) : json(nullptr);
}

json people(const Sheet& sheet) {
  json out = json::array();
  for (const Line& line : sheet.lines) {
    out.push_back({{"person", line.person.id},
                   {"state", state(line.mark)},
                   {"minutes", line.minutes ? json(*line.minutes) : json(nullptr)},
                   {"arrived", moment(line.arrived)},
                   {"left", moment(line.left)},
                   {"rests_on", line.rests_on}});
  }
  return out;
}

}  // namespace

std::string_view name(Part part) {
  switch (part) {
    case Part::am:
      return "am";
    case Part::pm:
      return "pm";
    case Part::eve:
      break;
  }
  return "eve";
}

std::string_view state(Mark mark) {
  if (was_there(mark)) return "present";
  return mark == Mark::excused ? "excused" : "absent";
}

int planned_minutes(const Sheet& sheet) {
  return static_cast<int>((sheet.end_ms - sheet.start_ms) / 60'000);
}

json signed_content(const Sheet& sheet) {
  return {{"session", sheet.session},
          {"half_day", {{"date", iso(sheet.date)}, {"part", name(sheet.part)}}},
          {"title", sheet.title},
          {"planned",
           {{"start", events::rfc3339(sheet.start_ms)}, {"end", events::rfc3339(sheet.end_ms)}}},
          {"people", people(sheet)}};
}

crypto::Digest digest(const Sheet& sheet) {
  return crypto::sha256(deterministic_cbor(signed_content(sheet)));
}

crypto::Digest digest(const std::vector<crypto::Digest>& sheets) {
  json list = json::array();
  for (const crypto::Digest& one : sheets) list.push_back(json::binary({one.begin(), one.end()}));
  return crypto::sha256(deterministic_cbor(list));
}

}  // namespace rollcall::sheets
