#include "daemon/console/person_day.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include <nlohmann/json.hpp>

#include "daemon/attendance/correct.hpp"
#include "daemon/attendance/half_day.hpp"
#include "daemon/attendance/person_day.hpp"
#include "daemon/console/rows.hpp"
#include "daemon/events/event.hpp"
#include "daemon/halfdays/rows.hpp"
#include "daemon/roster/identity.hpp"
#include "daemon/roster/timetable.hpp"

namespace rollcall::console {
namespace {

using attendance::ConcludedDay;
using attendance::PersonDay;

constexpr int minutes_of_a_day = 1440;

Json or_null(const std::optional<std::int64_t>& time_ms) {
  return time_ms ? Json(events::rfc3339(*time_ms)) : Json();
}

class Reading {
 public:
  Reading(store::Database& db, const View& view, PersonDay day, std::int64_t now_ms)
      : db_(db),
        view_(view),
        day_(std::move(day)),
        concluded_(attendance::conclude_day(day_.facts, now_ms)),
        ids_(roster::ids_of(db, day_.person.id)),
        to_ms_(view.zone.instant(day_.day, 2 * minutes_of_a_day)) {}

  Json entries() {
    for (const std::string& id : ids_) {
      read_taps(id);
      read_statements(id);
    }
    for (const std::string& id : ids_) read_corrections(id);
    std::ranges::stable_sort(all_, {}, &Entry::sorted_ms);
    Json out = Json::array();
    for (Entry& entry : all_) out.push_back(std::move(entry.json));
    return out;
  }
  // Of conclusions that rest on nothing that is shown.
  Json others() { return std::move(others_); }

  Json sessions() const {
    Json out = Json::array();
    const auto lines = attendance::half_days(day_.facts, concluded_, {}, {});
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const auto session = roster::session_on(db_, lines[i].session, day_.day);
      if (!session) continue;
      const auto sheet = halfdays::sheet_row(db_, {session->id, day_.day});
      out.push_back({{"id", session->id},
                     {"title", session->title},
                     {"room", session->room},
                     {"start", clock_text(session->start_minute)},
                     {"end", clock_text(session->end_minute)},
                     {"present", lines[i].presence == attendance::Presence::present},
                     {"minutes", lines[i].minutes},
                     {"unproven_minutes", lines[i].unproven_minutes},
                     {"missing_arrival", lines[i].missing_arrival},
                     {"missing_exit", lines[i].missing_exit},
                     {"confirmed", sheet && sheet->confirmed}});
    }
    return out;
  }

 private:
  struct Entry {
    std::int64_t sorted_ms;
    std::string event;
    std::string tap;  // serial, epoch and number; "" = entered by staff
    Json json;
  };

  // What the fact comes to in its day; nothing when it is no fact of the day.
  Json counts(std::int64_t fact) const {
    for (std::size_t i = 0; i < day_.facts.facts.size(); ++i) {
      if (day_.facts.facts[i].id != fact) continue;
      const attendance::Decision& decision = concluded_.decisions[i];
      if (!decision.direction) return nullptr;
      return {{"direction", attendance::to_text(*decision.direction)},
              {"session", decision.session ? Json(decision.session->id) : Json()},
              {"rule", decision.rule},
              {"why", decision.reason}};
    }
    return nullptr;
  }

  Json closed(std::int64_t fact) const {
    for (const attendance::DayMovement& movement : concluded_.movements)
      if (movement.fact == fact && movement.closes) return events::rfc3339(movement.at_ms);
    return nullptr;
  }

  bool of_this_day(const std::optional<attendance::Instants>& instants,
                   std::int64_t recorded_ms) const {
    if (!instants) return view_.zone.at(recorded_ms).day == day_.day;
    return attendance::day_of(db_, view_.zone, day_.person.id, *instants) == day_.day;
  }

  void read_taps(const std::string& id) {
    auto row = db_.prepare(
        "SELECT t.position, l.event_id, t.serial, lower(hex(t.epoch)), t.number, t.outcome,"
        " t.time_ms, t.trust, t.not_before_ms, t.not_after_ms, t.stated,"
        " coalesce(t.stated_by, 'person'), coalesce(t.room, r.room, ''), l.recorded_ms,"
        " json_extract(p.data, '$.reading'), t.aside FROM tap t JOIN log l ON l.position = "
        "t.position"
        " LEFT JOIN payload_movement p ON p.position = t.position"
        " LEFT JOIN registry r ON r.serial = t.serial"
        " WHERE t.person = ?1 AND (t.time_ms BETWEEN ?2 AND ?3 OR t.not_before_ms BETWEEN ?2 AND ?3"
        " OR (t.time_ms IS NULL AND t.not_before_ms IS NULL AND l.recorded_ms BETWEEN ?2 AND ?3))");
    row.bind(id, day_.facts.midnight_ms, to_ms_);
    while (row.step()) {
      const events::TimeBlock time = attendance::time_of_row(row, 6);
      const auto instants = attendance::judged_at(time);
      const std::int64_t recorded_ms = row.integer(13);
      if (!of_this_day(instants, recorded_ms)) continue;
      const bool one = instants && instants->one();
      const auto stated = row.optional_text(10);
      const std::int64_t fact = row.integer(0);
      Json json = {
          {"event", row.text(1)},
          {"kind", "tap"},
          {"time", one ? Json(events::rfc3339(instants->first_ms)) : Json()},
          {"not_before", or_null(time.not_before_ms)},
          {"not_after", or_null(time.not_after_ms)},
          {"proven", time.trust != protocol::ClockTrust::unproven},
          {"terminal", row.text(2)},
          {"room", row.text(12)},
          {"method", row.optional_text(14) == "code" ? "code" : "card"},
          {"answered", attendance::to_text(static_cast<protocol::Outcome>(row.integer(5)))},
          {"counts", counts(fact)},
          {"closed", closed(fact)},
          {"stated", stated ? Json({{"was", *stated}, {"by", row.text(11)}}) : Json()},
          {"stands", row.integer(15) == 0 && stated != "none"},
          {"recorded", events::rfc3339(recorded_ms)},
          {"can", instants && row.integer(15) == 0},
          {"corrections", Json::array()}};
      all_.push_back({instants ? instants->last_ms : recorded_ms, row.text(1),
                      row.text(2) + " " + row.text(3) + " " + std::to_string(row.integer(4)),
                      std::move(json)});
    }
  }

  void read_statements(const std::string& id) {
    auto row = db_.prepare(
        "SELECT s.position, l.event_id, s.time_ms, s.stands, l.recorded_ms, p.data FROM statement s"
        " JOIN log l ON l.position = s.position"
        " LEFT JOIN payload_attendance p ON p.position = s.position"
        " WHERE s.person = ? AND s.time_ms BETWEEN ? AND ?");
    row.bind(id, day_.facts.midnight_ms, to_ms_);
    while (row.step()) {
      const std::int64_t at_ms = row.integer(2);
      if (attendance::day_of(db_, view_.zone, day_.person.id, at_ms) != day_.day) continue;
      const Json data = row.is_null(5) ? Json::object() : Json::parse(row.text_view(5));
      const auto member = [&data](const char* name) {
        const auto found = data.find(name);
        return found == data.end() ? Json() : *found;
      };
      const bool stands = row.integer(3) != 0;
      Json json = {{"event", row.text(1)},
                   {"kind", "entered"},
                   {"time", events::rfc3339(at_ms)},
                   {"direction", member("direction")},
                   {"room", member("room").is_null() ? Json("") : member("room")},
                   {"cause", member("cause")},
                   {"reason", member("reason")},
                   {"actor", member("actor")},
                   {"counts", counts(row.integer(0))},
                   {"closed", closed(row.integer(0))},
                   {"stands", stands},
                   {"recorded", events::rfc3339(row.integer(4))},
                   {"can", stands},
                   {"corrections", Json::array()}};
      all_.push_back({at_ms, row.text(1), "", std::move(json)});
    }
  }

  void read_corrections(const std::string& id) {
    auto row = db_.prepare(
        "SELECT l.recorded_ms, p.data, l.event_id FROM log l JOIN payload_attendance p ON "
        "p.position = l.position"
        " WHERE l.subject = ? AND l.type = 'attendance.corrected'"
        " AND coalesce(l.time_ms, l.recorded_ms) BETWEEN ? AND ? ORDER BY l.position");
    row.bind(id, day_.facts.midnight_ms, to_ms_);
    while (row.step()) {
      const Json data = Json::parse(row.text_view(1));
      Json told = {{"event", row.text(2)},
                   {"at", events::rfc3339(row.integer(0))},
                   {"actor", data.at("actor")},
                   {"kind", data.at("cause").at("kind")},
                   {"reason", data.at("cause").at("text")},
                   {"old", data.at("old")},
                   {"new", data.at("new")}};
      if (Entry* entry = corrected(data)) {
        entry->json["corrections"].push_back(std::move(told));
      } else {
        others_.push_back(std::move(told));
      }
    }
  }

  Entry* corrected(const Json& data) {
    std::string tap;
    if (const Json& taps = data.at("taps"); !taps.empty()) {
      const Json& last = taps.back();
      tap = last.at("terminal").get<std::string>() + " " + last.at("epoch").get<std::string>() +
            " " + std::to_string(last.at("number").get<std::int64_t>());
    }
    const auto found = std::ranges::find_if(all_, [&](const Entry& entry) {
      return tap.empty() ? data.at("corrects") == entry.event : entry.tap == tap;
    });
    return found == all_.end() ? nullptr : &*found;
  }

  store::Database& db_;
  const View& view_;
  const PersonDay day_;
  const ConcludedDay concluded_;
  const std::vector<std::string> ids_;
  const std::int64_t to_ms_;
  std::vector<Entry> all_;
  Json others_ = Json::array();
};

}  // namespace

Json read_person_day(store::Database& db, const View& view, const std::string& person,
                     const std::string& day, std::int64_t now_ms) {
  const ReadTransaction snapshot{db};
  const auto known = attendance::person_by_id(db, roster::id_that_stays(db, person));
  if (!known) return nullptr;
  Json out;
  {
    auto row = db.prepare("SELECT id, display_name, protected, role FROM person WHERE id = ?");
    row.bind(known->id).step();
    out = {{"person", row.text(0)}, {"name", shown_name(row, 1, 2)}, {"role", row.text(3)}};
  }
  const std::string today = view.zone.at(now_ms).day;
  Reading reading(db, view, attendance::read_day(db, view.config, view.zone, *known, day), now_ms);
  out["day"] = day;
  out["today"] = today;
  out["first_day"] =
      roster::day_after(today, -static_cast<int>(attendance::correctable_for.count()));
  out["sessions"] = reading.sessions();
  out["entries"] = reading.entries();
  out["others"] = reading.others();
  return out;
}

}  // namespace rollcall::console
