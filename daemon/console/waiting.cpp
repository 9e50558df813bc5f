#include "daemon/console/waiting.hpp"

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "daemon/attendance/correct.hpp"
#include "daemon/attendance/person_day.hpp"
#include "daemon/console/rows.hpp"
#include "daemon/events/event.hpp"
#include "daemon/roster/timetable.hpp"

namespace rollcall::console {
namespace {

struct Listed {
  Json items = Json::array();
  bool more = false;
};

// Once the trainer has confirmed the half-day, its minutes are said.
Listed missing_exits(store::Database& db, const View& view, const std::string& first_day) {
  Listed found;
  auto row = db.prepare(
      "SELECT m.person, n.display_name, coalesce(n.protected, 1), m.day, m.session, m.time_ms,"
      " a.time_ms, m.room FROM movement m LEFT JOIN person n ON n.id = m.person"
      " LEFT JOIN movement a ON a.fact = m.fact AND a.closes = 0"
      " WHERE m.closes = 1 AND m.day >= ?1 AND m.session IS NOT NULL AND n.role = 'participant'"
      " AND NOT EXISTS (SELECT 1 FROM sheet s WHERE s.session = m.session AND s.day = m.day"
      " AND s.confirmed IS NOT NULL) ORDER BY m.day DESC, m.session, n.display_name, m.person");
  row.bind(first_day);
  while (row.step()) {
    const std::string day = row.text(3);
    const auto session = roster::session_on(db, row.text(4), day);
    if (session && config::programme_of(view.config, session->programme).taps != "in_out") continue;
    found.more = found.items.size() == static_cast<std::size_t>(most_waiting);
    if (found.more) break;
    found.items.push_back({{"person", row.text(0)},
                           {"name", shown_name(row, 1, 2)},
                           {"day", day},
                           {"session", row.text(4)},
                           {"title", session ? session->title : row.text(4)},
                           {"arrived", time_or_null(row, 6)},
                           {"ended", events::rfc3339(row.integer(5))},
                           {"room", row.text(7)}});
  }
  return found;
}

Listed unproven_taps(store::Database& db, const View& view, const std::string& first_day) {
  Listed found;
  auto row = db.prepare(
      "SELECT t.person, n.display_name, coalesce(n.protected, 1), l.event_id, t.serial,"
      " coalesce(t.room, ''), l.recorded_ms, t.time_ms, t.trust, t.not_before_ms, t.not_after_ms"
      " FROM tap t INDEXED BY tap_unproven JOIN log l ON l.position = t.position"
      " JOIN person n ON n.id = t.person AND n.role IN ('participant', 'trainer', 'staff')"
      " WHERE t.trust = 0 AND t.aside = 0 AND t.stated IS NULL AND t.own_repeat = 0"
      " AND coalesce(t.mode, 'training') <> 'childcare' AND l.recorded_ms >= ?1"
      " AND NOT EXISTS (SELECT 1 FROM movement m WHERE m.fact = t.position)"
      " ORDER BY l.position DESC");
  row.bind(view.zone.instant(first_day, 0));
  while (row.step()) {
    found.more = found.items.size() == static_cast<std::size_t>(most_waiting);
    if (found.more) break;
    const events::TimeBlock time = attendance::time_of_row(row, 7);
    const auto instants = attendance::judged_at(time);
    const std::int64_t at_ms = instants ? instants->last_ms : row.integer(6);
    found.items.push_back({{"person", row.text(0)},
                           {"name", shown_name(row, 1, 2)},
                           {"event", row.text(3)},
                           {"terminal", row.text(4)},
                           {"room", row.text(5)},
                           {"day", view.zone.at(at_ms).day},
                           {"not_before", time_or_null(row, 9)},
                           {"not_after", time_or_null(row, 10)},
                           {"recorded", events::rfc3339(row.integer(6))},
                           {"dated", instants.has_value()}});
  }
  return found;
}

}  // namespace

Json read_waiting(store::Database& db, const View& view, std::int64_t now_ms) {
  const ReadTransaction snapshot{db};
  const std::string first_day = roster::day_after(
      view.zone.at(now_ms).day, -static_cast<int>(attendance::correctable_for.count()));
  Listed exits = missing_exits(db, view, first_day);
  Listed taps = unproven_taps(db, view, first_day);
  return {{"missing_exits", std::move(exits.items)},
          {"unproven_taps", std::move(taps.items)},
          {"more", exits.more || taps.more}};
}

}  // namespace rollcall::console
