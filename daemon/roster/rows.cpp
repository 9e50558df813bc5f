#include "daemon/roster/rows.hpp"

#include <optional>
#include <string_view>

#include "daemon/events/event.hpp"
#include "daemon/roster/identity.hpp"
#include "daemon/roster/timetable.hpp"

namespace rollcall::roster {
namespace {

using store::Database;

std::optional<int> optional_minute(const store::Statement& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(static_cast<int>(row.integer(column)));
}

void put(Known& known, Content content) {
  auto& records = known.records[content.index()];
  std::string key = key_of(content);
  records.emplace(std::move(key), std::move(content));
}

void load_people(Database& db, Known& known) {
  auto row = db.prepare(
      "SELECT id, role, display_name, languages, presentation, programme, grant_id, contract, "
      "protected, active FROM person");
  while (row.step()) {
    put(known, PersonRecord{row.text(0), row.text(1), row.text(2), row.text(3), row.text(4),
                            row.optional_text(5), row.optional_text(6), row.optional_text(7),
                            row.integer(8) != 0, row.integer(9) != 0});
  }
}

constexpr std::string_view session_columns =
    "id, course, title, kind, room, trainer, weekdays, first_day, last_day, start_min, end_min, "
    "half_day, programme, grant_id, contract, open_event";

SessionRecord session_from(const store::Statement& row) {
  return {row.text(0),
          row.text(1),
          row.text(2),
          row.text(3),
          row.text(4),
          row.optional_text(5),
          row.text(6),
          row.text(7),
          row.text(8),
          static_cast<int>(row.integer(9)),
          static_cast<int>(row.integer(10)),
          row.text(11),
          row.optional_text(12),
          row.optional_text(13),
          row.optional_text(14),
          row.integer(15) != 0};
}

void load_sessions(Database& db, Known& known) {
  auto row = db.prepare("SELECT " + std::string(session_columns) + " FROM session");
  while (row.step()) put(known, session_from(row));
}

void load_days(Database& db, Known& known) {
  auto row = db.prepare(
      "SELECT session, day, state, start_min, end_min, half_day, room, trainer FROM session_day");
  while (row.step()) {
    put(known, SessionDayRecord{row.text(0), row.text(1), row.text_view(2) == "cancelled",
                                optional_minute(row, 3), optional_minute(row, 4),
                                row.optional_text(5), row.optional_text(6), row.optional_text(7)});
  }
}

void load_cards(Database& db, Known& known) {
  auto row = db.prepare("SELECT token, person, source FROM card");
  while (row.step()) {
    const std::string token = events::hex(row.blob(0));
    if (row.text_view(2) != "roster") known.desk_cards.insert(token);
    put(known, CardRecord{token, row.text(1)});
  }
}

void load_links(Database& db, Known& known) {
  auto enrolment = db.prepare("SELECT course, person, from_day, until_day FROM enrolment");
  while (enrolment.step()) {
    put(known, EnrolmentRecord{enrolment.text(0), enrolment.text(1), enrolment.optional_text(2),
                               enrolment.optional_text(3)});
  }
  auto guardianship =
      db.prepare("SELECT guardian, child, may_collect, from_day, until_day FROM guardianship");
  while (guardianship.step()) {
    put(known,
        GuardianshipRecord{guardianship.text(0), guardianship.text(1), guardianship.integer(2) != 0,
                           guardianship.optional_text(3), guardianship.optional_text(4)});
  }
  auto merged = db.prepare("SELECT from_id, into_id FROM merged");
  while (merged.step()) known.merged.emplace(merged.text(0), merged.text(1));
}

void write(Database& db, const PersonRecord& r) {
  db.prepare(
        "INSERT INTO person (id, role, display_name, language, languages, presentation, programme, "
        "grant_id, contract, protected, active) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "
        "?11) ON CONFLICT (id) DO UPDATE SET role = ?2, display_name = ?3, language = ?4, "
        "languages = ?5, presentation = ?6, programme = ?7, grant_id = ?8, contract = ?9, "
        "protected = ?10, active = ?11")
      .bind(r.id, r.role, r.protected_identity ? std::string() : r.display_name,
            r.languages.substr(0, r.languages.find(' ')), r.languages, r.presentation, r.programme,
            r.grant, r.contract, r.protected_identity, r.active)
      .run();
}

struct SessionNow {
  SessionRecord record;
  std::string since_day;
};
std::optional<SessionNow> session_now(Database& db, const std::string& id) {
  auto row = db.prepare("SELECT " + std::string(session_columns) +
                        ", since_day FROM session WHERE id = ?");
  if (!row.bind(id).step()) return std::nullopt;
  return SessionNow{session_from(row), row.text(16)};
}

// Of a session on single days alone the first and the last are what a calendar's window makes them.
bool same_days(SessionRecord a, const SessionRecord& b) {
  if (a.weekdays.empty() && b.weekdays.empty()) {
    a.first_day = b.first_day;
    a.last_day = b.last_day;
  }
  return a == b;
}

bool took_place_before(Database& db, const SessionNow& session, const std::string& today) {
  if (session.since_day >= today) return false;
  if (!session.record.weekdays.empty() && session.record.first_day < today) return true;
  auto row = db.prepare("SELECT 1 FROM session_day WHERE session = ? AND day < ? LIMIT 1");
  return row.bind(session.record.id, today).step();
}

// The first day that the session counts for as it is now written: today when it took place
// otherwise before, which is kept.
std::string keep_days_before(Database& db, const SessionRecord& r, const std::string& today) {
  const auto now = session_now(db, r.id);
  if (!now) {
    auto row = db.prepare("SELECT max(until_day) FROM session_before WHERE id = ?");
    return row.bind(r.id).step() && !row.is_null(0) ? day_after(row.text_view(0), 1) : "";
  }
  if (same_days(r, now->record) || !took_place_before(db, *now, today)) return now->since_day;
  db.prepare("INSERT INTO session_before SELECT " + std::string(session_columns) +
             ", since_day, ? FROM session WHERE id = ?")
      .bind(day_after(today, -1), r.id)
      .run();
  return today;
}

void write(Database& db, const SessionRecord& r, const std::string& today) {
  const std::string since_day = keep_days_before(db, r, today);
  db.prepare("INSERT OR REPLACE INTO session (" + std::string(session_columns) +
             ", since_day) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(r.id, r.course, r.title, r.kind, r.room, r.trainer, r.weekdays, r.first_day, r.last_day,
            r.start_minute, r.end_minute, r.half_day, r.programme, r.grant, r.contract,
            r.open_event, since_day)
      .run();
}

void write(Database& db, const SessionDayRecord& r) {
  db.prepare(
        "INSERT OR REPLACE INTO session_day (session, day, state, start_min, end_min, half_day, "
        "room, trainer) VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(r.session, r.day, r.cancelled ? "cancelled" : "held", r.start_minute, r.end_minute,
            r.half_day, r.room, r.trainer)
      .run();
}

void write(Database& db, const CardRecord& r) {
  db.prepare(
        "INSERT INTO card (token, person, source) VALUES (?, ?, 'roster') ON CONFLICT (token) DO "
        "UPDATE SET person = excluded.person WHERE source = 'roster'")
      .bind(events::unhex(r.token).value_or(store::Blob{}), r.person)
      .run();
}

void write(Database& db, const EnrolmentRecord& r) {
  db.prepare(
        "INSERT OR REPLACE INTO enrolment (course, person, from_day, until_day) VALUES (?, ?, ?, "
        "?)")
      .bind(r.course, r.person, r.from_day, r.until_day)
      .run();
}

void write(Database& db, const GuardianshipRecord& r) {
  db.prepare(
        "INSERT OR REPLACE INTO guardianship (guardian, child, may_collect, from_day, until_day) "
        "VALUES (?, ?, ?, ?, ?)")
      .bind(r.guardian, r.child, r.may_collect, r.from_day, r.until_day)
      .run();
}

struct Pair {
  std::string first, second;
};
Pair halves(const std::string& key) {
  const std::size_t at = key.find(' ');
  return {key.substr(0, at), at == std::string::npos ? "" : key.substr(at + 1)};
}

void end_session(Database& db, const std::string& id, const std::string& today) {
  const std::string yesterday = day_after(today, -1);
  db.prepare("DELETE FROM session_day WHERE session = ? AND day >= ?").bind(id, today).run();
  db.prepare(
        "DELETE FROM session WHERE id = ?1 AND first_day >= ?2 AND NOT EXISTS (SELECT 1 FROM "
        "session_day WHERE session = ?1)")
      .bind(id, today)
      .run();
  db.prepare(
        "UPDATE session SET last_day = min(last_day, ?), first_day = min(first_day, ?) WHERE id = "
        "?")
      .bind(yesterday, yesterday, id)
      .run();
}

void end_enrolment(Database& db, const Pair& key, const std::string& today) {
  db.prepare("DELETE FROM enrolment WHERE course = ? AND person = ? AND from_day >= ?")
      .bind(key.first, key.second, today)
      .run();
  db.prepare(
        "UPDATE enrolment SET until_day = min(coalesce(until_day, '9999'), ?) WHERE course = ? AND "
        "person = ?")
      .bind(day_after(today, -1), key.first, key.second)
      .run();
}

}  // namespace

void load_records(Database& db, Known& known) {
  load_people(db, known);
  load_sessions(db, known);
  load_days(db, known);
  load_cards(db, known);
  load_links(db, known);
}

void write(Database& db, const Content& content, std::int64_t now_ms, const std::string& today) {
  if (const auto* r = std::get_if<PersonRecord>(&content)) write(db, *r);
  if (const auto* r = std::get_if<SessionRecord>(&content)) write(db, *r, today);
  if (const auto* r = std::get_if<SessionDayRecord>(&content)) write(db, *r);
  if (const auto* r = std::get_if<CardRecord>(&content)) write(db, *r);
  if (const auto* r = std::get_if<EnrolmentRecord>(&content)) write(db, *r);
  if (const auto* r = std::get_if<GuardianshipRecord>(&content)) write(db, *r);
  if (const auto* r = std::get_if<MergeRecord>(&content)) merge(db, r->from, r->into, now_ms);
}

void remove(Database& db, const Key& key, const std::string& today) {
  switch (key.kind) {
    case Kind::person:
      db.prepare("UPDATE person SET active = 0 WHERE id = ?").bind(key.key).run();
      return;
    case Kind::session:
      return end_session(db, key.key, today);
    case Kind::session_day: {
      const Pair pair = halves(key.key);
      if (pair.second < today) return;  // that day was as it was
      db.prepare("DELETE FROM session_day WHERE session = ? AND day = ?")
          .bind(pair.first, pair.second)
          .run();
      return;
    }
    case Kind::card:
      db.prepare("DELETE FROM card WHERE token = ? AND source = 'roster'")
          .bind(events::unhex(key.key).value_or(store::Blob{}))
          .run();
      return;
    case Kind::enrolment:
      return end_enrolment(db, halves(key.key), today);
    case Kind::guardianship: {
      const Pair pair = halves(key.key);
      db.prepare("DELETE FROM guardianship WHERE guardian = ? AND child = ?")
          .bind(pair.first, pair.second)
          .run();
      return;
    }
    case Kind::merge:
      return;  // never taken back
  }
}

}  // namespace rollcall::roster
