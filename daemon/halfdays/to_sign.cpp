#include "daemon/halfdays/to_sign.hpp"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "daemon/attendance/local_time.hpp"
#include "daemon/attendance/sighting.hpp"
#include "daemon/halfdays/rows.hpp"
#include "daemon/roster/timetable.hpp"

namespace rollcall::halfdays {
namespace {

using json = nlohmann::ordered_json;

struct Unsigned {
  SheetKey sheet;
  std::int64_t position;
};

std::vector<Unsigned> without_signature(store::Database& db, const std::string& person,
                                        const std::string& first_day) {
  std::vector<Unsigned> all;
  auto row = db.prepare(
      "SELECT s.session, s.day, s.confirmed FROM sheet s"
      " WHERE s.confirmed IS NOT NULL AND s.closed IS NULL AND s.day >= ?1"
      " AND NOT EXISTS (SELECT 1 FROM signature g WHERE g.session = s.session AND g.day = s.day"
      " AND g.person = ?2 AND g.withdrawn IS NULL)"
      " AND NOT EXISTS (SELECT 1 FROM not_signed n WHERE n.session = s.session AND n.day = s.day"
      " AND n.person = ?2 AND n.why IN ('unable', 'refused'))");
  row.bind(first_day, person);
  while (row.step()) all.push_back({{row.text(0), row.text(1)}, row.integer(2)});
  return all;
}

std::int64_t instant_of(const json& text) {
  return events::parse_rfc3339(text.get<std::string>()).value_or(0);
}

std::optional<ToSign> stated(store::Database& db, const Rules& rules, const Unsigned& confirmed,
                             const std::string& person, const Moment& moment) {
  const auto told = attendance::attendance_data(db, confirmed.position);
  const auto session = roster::session_on(db, confirmed.sheet.session, confirmed.sheet.day);
  const auto half_day = state_of(db, rules, confirmed.sheet);
  if (!told || !session || !half_day) return std::nullopt;
  const json& people = told->at("people");
  const auto line =
      std::ranges::find_if(people, [&](const json& one) { return one.at("person") == person; });
  if (line == people.end()) return std::nullopt;
  const Signer signer{.was_there = line->at("state") == "present", .has_signed = false};
  if (refuse_signature(*half_day, signer, moment)) return std::nullopt;
  const Forms forms = forms_of(db, config::programme_of(rules.config, session->programme), person);
  if (!forms.any()) return std::nullopt;
  const json& minutes = line->at("minutes");
  return ToSign{.sheet = confirmed.sheet,
                .confirmed = half_day->confirmation,
                .title = told->at("title").get<std::string>(),
                .date = sheets::date_from_iso(confirmed.sheet.day).value_or(sheets::Date{}),
                .part = part_from(session->half_day),
                .start_ms = instant_of(told->at("planned").at("start")),
                .end_ms = instant_of(told->at("planned").at("end")),
                .minutes = minutes.is_null() ? 0 : minutes.get<int>(),
                .forms = forms};
}

}  // namespace

std::vector<ToSign> to_sign(store::Database& db, const Rules& rules, const std::string& person,
                            const attendance::HostTime& now) {
  const attendance::TimeZone zone(rules.config.site.timezone);
  const Moment moment{now.wall_ms, now.trust == protocol::ClockTrust::unproven};
  // A day more than half-days may be signed within: the end of one may lie on the next day.
  const int days = static_cast<int>(HalfDayState{}.within.count()) + 1;
  const std::string first = roster::day_after(zone.at(now.wall_ms).day, -days);
  std::vector<ToSign> all;
  for (const Unsigned& confirmed : without_signature(db, person, first)) {
    if (auto one = stated(db, rules, confirmed, person, moment)) all.push_back(std::move(*one));
  }
  std::ranges::sort(all, [](const ToSign& a, const ToSign& b) {
    return a.start_ms != b.start_ms ? a.start_ms > b.start_ms : a.sheet.session < b.sheet.session;
  });
  return all;
}

std::vector<ToSign> offered(std::vector<ToSign> all, const Forms& place) {
  for (ToSign& one : all) one.forms = {one.forms.drawn && place.drawn, one.forms.tap && place.tap};
  std::erase_if(all, [](const ToSign& one) { return !one.forms.any(); });
  return all;
}

}  // namespace rollcall::halfdays
