#include "daemon/attendance/facts.hpp"

#include <string_view>

namespace rollcall::attendance {
namespace {

Role role_from(std::string_view text) {
  if (text == "guardian") return Role::guardian;
  if (text == "child") return Role::child;
  if (text == "trainer") return Role::trainer;
  if (text == "staff") return Role::staff;
  return Role::participant;
}

Person person_from(const store::Statement& row) {
  return {row.text(0),          role_from(row.text_view(1)), row.text(2),
          row.optional_text(3), row.optional_text(4),        row.optional_text(5)};
}

}  // namespace

std::optional<Person> person_of_card(store::Database& db, const CardToken& token) {
  auto row = db.prepare(
      "SELECT p.id, p.role, p.language, p.programme, p.grant_id, p.contract"
      " FROM card c JOIN person p ON p.id = c.person WHERE c.token = ?");
  if (!row.bind(token).step()) return std::nullopt;
  return person_from(row);
}

std::optional<Person> person_by_id(store::Database& db, const std::string& id) {
  auto row = db.prepare(
      "SELECT id, role, language, programme, grant_id, contract FROM person WHERE id = ?");
  if (!row.bind(id).step()) return std::nullopt;
  return person_from(row);
}

std::vector<SessionToday> sessions_of(store::Database& db, const std::string& person,
                                      const LocalTime& time) {
  auto row = db.prepare(
      "SELECT s.id, s.half_day, s.start_min, s.end_min, s.programme, s.grant_id, s.contract FROM "
      "session s"
      " WHERE (s.course IN (SELECT course FROM enrolment WHERE person = ?1) OR s.trainer = ?1)"
      " AND ?2 BETWEEN s.first_day AND s.last_day AND instr(s.weekdays, ?3) > 0 ORDER BY "
      "s.start_min");
  row.bind(person, time.day, time.weekday);
  std::vector<SessionToday> sessions;
  while (row.step()) {
    sessions.push_back({row.text(0), row.text(1), static_cast<int>(row.integer(2)),
                        static_cast<int>(row.integer(3)), row.optional_text(4),
                        row.optional_text(5), row.optional_text(6)});
  }
  return sessions;
}

bool any_session_running(store::Database& db, const LocalTime& time) {
  auto row = db.prepare(
      "SELECT 1 FROM session s WHERE ?1 BETWEEN s.first_day AND s.last_day AND instr(s.weekdays, "
      "?2) > 0"
      " AND ?3 BETWEEN s.start_min AND s.end_min LIMIT 1");
  return row.bind(time.day, time.weekday, time.minute).step();
}

std::optional<LastMovement> last_movement(store::Database& db, const std::string& person,
                                          const LocalTime& time, std::int64_t time_ms,
                                          const TimeZone& zone) {
  auto row = db.prepare(
      "SELECT direction, time_ms, session FROM movement WHERE person = ? AND day = ? AND time_ms "
      "<= ?"
      " ORDER BY time_ms DESC, position DESC LIMIT 1");
  if (!row.bind(person, time.day, time_ms).step()) return std::nullopt;
  return LastMovement{row.text_view(0) == "in" ? Direction::in : Direction::out,
                      zone.at(row.integer(1)).minute, row.optional_text(2)};
}

bool counted_within(store::Database& db, const CardToken& token, const std::string& serial,
                    std::int64_t time_ms, std::int64_t window_ms) {
  auto row = db.prepare(
      "SELECT 1 FROM tap WHERE card = ? AND time_ms BETWEEN ? AND ? AND serial = ? AND outcome <> "
      "? AND aside = 0 LIMIT 1");
  return row
      .bind(token, time_ms - window_ms, time_ms, serial,
            static_cast<int>(protocol::Outcome::repeat))
      .step();
}

bool counted_within(store::Database& db, const CardToken& token, const std::string& serial,
                    const protocol::Tap& tap, bool proven, std::int64_t window_ms) {
  constexpr std::int64_t looked_at = 2000;  // taps; numbers rise with the terminal's time
  // Of most terminals no tap is without a proven time: then there is nothing to look at.
  const std::string among =
      proven ? "INDEXED BY tap_unproven WHERE trust = 0 AND" : "NOT INDEXED WHERE";
  auto row = db.prepare("SELECT 1 FROM tap " + among +
                        " serial = ? AND epoch = ? AND number BETWEEN ? AND ?"
                        " AND card = ? AND boot = ? AND monotonic_ms BETWEEN ? AND ? AND outcome "
                        "<> ? AND aside = 0 LIMIT 1");
  const auto number = static_cast<std::int64_t>(tap.number);
  const auto at = static_cast<std::int64_t>(tap.monotonic_ms);
  return row
      .bind(serial, tap.epoch, number - looked_at, number - 1, token, tap.boot, at - window_ms, at,
            static_cast<int>(protocol::Outcome::repeat))
      .step();
}

void keep_movement(store::Database& db, const Movement& m) {
  const char* direction = m.direction == Direction::in ? "in" : "out";
  db.prepare(
        "INSERT INTO movement (position, person, day, time_ms, direction, session) VALUES (?, ?, "
        "?, ?, ?, ?)")
      .bind(m.position, m.person, m.day, m.time_ms, direction, m.session)
      .run();
  db.prepare(
        "INSERT INTO presence (person, direction, room, session, since_ms, day, position)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (person) DO UPDATE SET direction = "
        "excluded.direction,"
        " room = excluded.room, session = excluded.session, since_ms = excluded.since_ms, day = "
        "excluded.day,"
        " position = excluded.position WHERE excluded.since_ms >= presence.since_ms")
      .bind(m.person, direction, m.room, m.session, m.time_ms, m.day, m.position)
      .run();
}

}  // namespace rollcall::attendance
