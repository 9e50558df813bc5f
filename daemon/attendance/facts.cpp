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

bool signed_within(store::Database& db, const CardToken& token, const std::string& serial,
                   const protocol::Tap& tap, std::int64_t window_ms) {
  auto row = db.prepare(
      "SELECT 1 FROM tap INDEXED BY tap_signing WHERE card = ? AND serial = ? AND signing = 1"
      " AND epoch = ? AND number < ? AND boot = ? AND monotonic_ms BETWEEN ? AND ? LIMIT 1");
  const auto at = static_cast<std::int64_t>(tap.monotonic_ms);
  return row
      .bind(token, serial, tap.epoch, static_cast<std::int64_t>(tap.number), tap.boot,
            at - window_ms, at)
      .step();
}

void keep_movement(store::Database& db, const Movement& m) {
  db.prepare(
        "INSERT INTO movement (position, newest, fact, closes, person, day, time_ms, direction, "
        "session, room)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (position) DO UPDATE SET"
        " newest = excluded.newest, day = excluded.day, time_ms = excluded.time_ms,"
        " direction = excluded.direction, session = excluded.session, room = excluded.room")
      .bind(m.position, m.newest, m.fact, m.closes, m.person, m.day, m.time_ms,
            to_text(m.direction), m.session, m.room)
      .run();
}

void keep_presence(store::Database& db, const std::string& person) {
  db.prepare(
        "DELETE FROM presence WHERE person = ?1 AND NOT EXISTS"
        " (SELECT 1 FROM movement WHERE person = ?1)")
      .bind(person)
      .run();
  db.prepare(
        "INSERT INTO presence (person, direction, room, session, since_ms, day, position)"
        " SELECT person, direction, room, session, time_ms, day, position FROM movement"
        " WHERE person = ? ORDER BY day DESC, time_ms DESC, closes, position DESC LIMIT 1"
        " ON CONFLICT (person) DO UPDATE SET direction = excluded.direction, room = excluded.room,"
        " session = excluded.session, since_ms = excluded.since_ms, day = excluded.day,"
        " position = excluded.position")
      .bind(person)
      .run();
}

}  // namespace rollcall::attendance
