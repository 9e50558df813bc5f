#include "daemon/attendance/facts.hpp"

#include <string_view>
#include <utility>

#include "daemon/roster/timetable.hpp"

namespace rollcall::attendance {
namespace {

constexpr int minutes_of_a_day = 1440;

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

// A class that began the day before and runs past midnight is one of this day with a negative
// start.
std::vector<SessionToday> sessions_of(store::Database& db, const std::string& person,
                                      const LocalTime& time) {
  std::vector<SessionToday> sessions;
  const auto add = [&](roster::SessionOn&& s, int minutes_ago) {
    if (s.cancelled) return;
    sessions.push_back({std::move(s.id), std::move(s.half_day), s.start_minute - minutes_ago,
                        s.end_minute - minutes_ago, std::move(s.programme), std::move(s.grant),
                        std::move(s.contract)});
  };
  for (auto& session : roster::sessions_of(db, person, roster::day_after(time.day, -1))) {
    if (session.end_minute > minutes_of_a_day) add(std::move(session), minutes_of_a_day);
  }
  for (auto& session : roster::sessions_of(db, person, time.day)) add(std::move(session), 0);
  return sessions;
}

bool any_session_running(store::Database& db, const LocalTime& time) {
  return roster::any_session_running(db, time.day, time.minute);
}

std::optional<LastMovement> last_movement(store::Database& db, const std::string& person,
                                          const LocalTime& time, std::int64_t time_ms,
                                          const TimeZone& zone) {
  const auto newest_of = [&](const std::string& day, int minutes_ago) {
    auto row = db.prepare(
        "SELECT direction, time_ms, session FROM movement WHERE person = ? AND day = ? AND time_ms "
        "<= ? ORDER BY time_ms DESC, position DESC LIMIT 1");
    std::optional<LastMovement> last;
    if (row.bind(person, day, time_ms).step()) {
      last = {row.text_view(0) == "in" ? Direction::in : Direction::out,
              zone.at(row.integer(1)).minute - minutes_ago, row.optional_text(2)};
    }
    return last;
  };
  if (auto last = newest_of(time.day, 0)) return last;
  // Who came for a class that runs past midnight is here until it is over.
  auto before = newest_of(roster::day_after(time.day, -1), minutes_of_a_day);
  if (!before || !before->session) return std::nullopt;
  const auto session = roster::session_on(db, *before->session, roster::day_after(time.day, -1));
  const bool runs =
      session && time.minute + minutes_of_a_day <= session->end_minute + lasts_after_end;
  return runs && session->end_minute > minutes_of_a_day ? before : std::nullopt;
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
