#include "daemon/roster/apply.hpp"

#include <array>
#include <set>
#include <utility>

#include <nlohmann/json.hpp>

#include "daemon/attendance/settle.hpp"
#include "daemon/events/event.hpp"
#include "daemon/roster/correct_day.hpp"
#include "daemon/roster/protected_names.hpp"
#include "daemon/roster/rows.hpp"
#include "daemon/roster/timetable.hpp"

namespace rollcall::roster {
namespace {

using store::Database;
using json = nlohmann::ordered_json;

std::string name_of(Kind kind) {
  return std::string(kind_names[index_of(kind)]);
}

std::optional<Kind> kind_from(std::string_view text) {
  for (std::size_t i = 0; i < kinds; ++i)
    if (kind_names[i] == text) return static_cast<Kind>(i);
  return std::nullopt;
}

void state(Database& db, const std::string& source, const Key& key) {
  db.prepare("INSERT OR IGNORE INTO stated (source, record, key) VALUES (?, ?, ?)")
      .bind(source, name_of(key.kind), key.key)
      .run();
}
void unstate(Database& db, const std::string& source, const Key& key) {
  db.prepare("DELETE FROM stated WHERE record = ? AND key = ? AND source = ?")
      .bind(name_of(key.kind), key.key, source)
      .run();
}
void release(Database& db, const std::string& source, const Key& key) {
  db.prepare("DELETE FROM held_removal WHERE record = ? AND key = ? AND source = ?")
      .bind(name_of(key.kind), key.key, source)
      .run();
}
bool stated_by_any(Database& db, const Key& key) {
  auto row = db.prepare("SELECT 1 FROM stated WHERE record = ? AND key = ?");
  return row.bind(name_of(key.kind), key.key).step();
}

constexpr const char* revocation = "card_revoked";  // kept beside what is stated, for good

// Whether an issued card ended with it.
bool revoke(Database& db, const std::string& source, const std::string& token,
            std::int64_t now_ms) {
  const auto bytes = events::unhex(token);
  if (!bytes || bytes->size() != 32) return false;
  db.prepare("INSERT OR IGNORE INTO stated (source, record, key) VALUES (?, ?, ?)")
      .bind(source, revocation, token)
      .run();
  db.prepare("DELETE FROM card WHERE token = ?").bind(*bytes).run();
  db.prepare(
        "UPDATE issued_card SET state = 'revoked', since_ms = ?, actor = 'case-system', reason = "
        "'revoked by the case system' WHERE chip = ? AND state = 'issued'")
      .bind(now_ms, *bytes)
      .run();
  return db.changes() != 0;
}

// Puts one row in, or nothing of it.
bool write_alone(Database& db, const Content& content, const Moment& now) {
  db.exec("SAVEPOINT roster_row");
  try {
    write(db, content, now.wall_ms, now.day);
    db.exec("RELEASE roster_row");
    return true;
  } catch (const store::StoreError& error) {
    if (!error.constraint()) throw;  // a full or broken disk ends the whole reading
    db.exec("ROLLBACK TO roster_row");
    db.exec("RELEASE roster_row");
    return false;
  }
}

std::string counts_since(Database& db, const SessionRecord& session) {
  auto row = db.prepare("SELECT max(first_day, since_day) FROM session WHERE id = ?");
  return row.bind(session.id).step() ? row.text(0) : session.first_day;
}

// What became known of days gone by: a session, or a single day, that nobody had named.
void conclude_again(Database& db, const Content& content, const std::string& today) {
  if (const auto* r = std::get_if<SessionRecord>(&content); r && !r->weekdays.empty()) {
    if (const std::string since = counts_since(db, *r); since < today)
      mark_session_unsettled(db, r->id, since, day_after(today, -1));
  }
  if (const auto* r = std::get_if<SessionDayRecord>(&content); r && r->day < today)
    mark_session_unsettled(db, r->session, r->day, r->day);
}

// Those held before keep their time.
void hold(Database& db, const std::string& source, const Difference& difference, bool whole,
          std::int64_t now_ms) {
  if (whole) {
    std::set<std::pair<std::string, std::string>> still;
    for (const Key& key : difference.held) still.emplace(name_of(key.kind), key.key);
    std::vector<Key> over;
    auto row = db.prepare("SELECT record, key FROM held_removal WHERE source = ?");
    row.bind(source);
    while (row.step()) {
      const auto kind = kind_from(row.text_view(0));
      if (kind && !still.contains({row.text(0), row.text(1)})) over.push_back({*kind, row.text(1)});
    }
    for (const Key& key : over) release(db, source, key);
  }
  for (const Key& key : difference.stated) release(db, source, key);
  for (const Key& key : difference.held) {
    db.prepare(
          "INSERT OR IGNORE INTO held_removal (source, record, key, held_ms) VALUES (?, ?, ?, ?)")
        .bind(source, name_of(key.kind), key.key, now_ms)
        .run();
  }
}

// "180 of 300 people, 12 of 40 enrolments": counts only. Empty when nothing is held.
std::string held_words(Database& db, const std::string& source) {
  constexpr std::array<const char*, kinds> plurals = {
      "people", "sessions", "single days", "cards", "enrolments", "guardianships", "merges"};
  std::string words;
  for (std::size_t i = 0; i < kinds; ++i) {
    auto row = db.prepare(
        "SELECT (SELECT count(*) FROM held_removal WHERE source = ?1 AND record = ?2),"
        " (SELECT count(*) FROM stated WHERE source = ?1 AND record = ?2)");
    row.bind(source, kind_names[i]).step();
    if (row.integer(0) == 0) continue;
    words += (words.empty() ? "" : ", ") + std::to_string(row.integer(0)) + " of " +
             std::to_string(row.integer(1)) + ' ' + plurals[i];
  }
  return words;
}

void close_notice(Database& db, const std::string& source, const std::string& actor,
                  std::int64_t now_ms) {
  db.prepare(
        "UPDATE inbox SET closed_ms = ?, closed_by = ? WHERE kind = ? AND subject = ? AND "
        "closed_ms IS NULL")
      .bind(now_ms, actor, held_notice, source)
      .run();
}

// One open matter for each source with held removals, and none for the others.
void notify(Database& db, const std::string& source, std::int64_t now_ms) {
  const std::string words = held_words(db, source);
  if (words.empty()) return close_notice(db, source, "rollcalld", now_ms);
  const std::string detail = "The roster of " + source + " no longer names " + words +
                             "; they stay until someone agrees: rollcall roster apply-removals";
  db.prepare("UPDATE inbox SET detail = ? WHERE kind = ? AND subject = ? AND closed_ms IS NULL")
      .bind(detail, held_notice, source)
      .run();
  if (db.changes() != 0) return;
  db.prepare("INSERT INTO inbox (kind, subject, detail, created_ms) VALUES (?, ?, ?, ?)")
      .bind(held_notice, source, detail, now_ms)
      .run();
}

std::string summary_of(const Outcome& outcome) {
  json counts = json::object();
  for (std::size_t i = 0; i < kinds; ++i) {
    const Counts& c = outcome.counts[i];
    if (c == Counts{}) continue;
    counts[std::string(kind_names[i])] = {{"added", c.added},         {"changed", c.changed},
                                          {"unchanged", c.unchanged}, {"removed", c.removed},
                                          {"held", c.held},           {"bad", c.bad}};
  }
  json messages = json::array();
  for (const Problem& problem : outcome.problems) {
    if (messages.size() == kept_messages) break;
    messages.push_back(problem.text());
  }
  return json{{"counts", counts}, {"skipped", outcome.problems.size()}, {"messages", messages}}
      .dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

int Outcome::total(int Counts::* what) const {
  int sum = 0;
  for (const Counts& of_kind : counts) sum += of_kind.*what;
  return sum;
}

Known known_to(Database& db, const Reading& reading, const std::string& today) {
  Known known;
  load_records(db, known);
  auto row = db.prepare("SELECT source, record, key FROM stated");
  while (row.step()) {
    if (row.text_view(1) == revocation) known.revoked.insert(row.text(2));
    const auto kind = kind_from(row.text_view(1));
    if (!kind) continue;
    auto& into = row.text_view(0) == reading.source ? known.stated : known.stated_elsewhere;
    into[index_of(*kind)].insert(row.text(2));
  }
  for (const Record& record : reading.records) {
    const auto* day = std::get_if<SessionDayRecord>(&record.content);
    if (day && day->day < today && session_on(db, day->session, day->day))
      known.over.insert(key_of(record.content));
  }
  return known;
}

Outcome preview(Database& db, const Reading& reading, const std::string& today) {
  Difference found = difference(known_to(db, reading, today), reading);
  return {found.counts, std::move(found.problems), false};
}

Outcome apply(Database& db, const Reading& reading, const Moment& now,
              const std::optional<std::string>& cursor, const NameSeal* names) {
  Difference found = difference(known_to(db, reading, now.day), reading);
  for (const Change& change : found.changes) {
    if (write_alone(db, change.content, now)) continue;
    Counts& counts = found.counts[change.content.index()];
    --(change.added ? counts.added : counts.changed);
    ++counts.bad;
    found.problems.push_back({change.place, "the tables do not take it", kind_of(change.content),
                              key_of(change.content)});
  }
  for (const Change& change : found.changes) conclude_again(db, change.content, now.day);
  for (const Key& key : found.stated) state(db, reading.source, key);
  for (const Key& key : found.withdrawn) unstate(db, reading.source, key);
  for (const Key& key : found.removed) {
    unstate(db, reading.source, key);
    remove(db, key, now.day);
  }
  keep_protected_names(db, reading, names);
  hold(db, reading.source, found, reading.whole, now.wall_ms);
  for (const Key& key : found.removed) release(db, reading.source, key);
  notify(db, reading.source, now.wall_ms);
  // What was tapped today may be for a session that is known only now.
  if (!found.changes.empty() || !found.removed.empty())
    attendance::mark_day_unsettled(db, now.day, "roster");
  Outcome outcome{found.counts, std::move(found.problems),
                  found.counts[index_of(Kind::merge)].added != 0};
  for (const std::string& token : reading.revoked)
    outcome.cards_changed |= revoke(db, reading.source, token, now.wall_ms);
  db.prepare(
        "INSERT INTO roster_source (source, read_ms, cursor, summary) VALUES (?1, ?2, ?3, ?4) ON "
        "CONFLICT (source) DO UPDATE SET read_ms = ?2, cursor = coalesce(?3, cursor), summary = ?4")
      .bind(reading.source, now.wall_ms, cursor, summary_of(outcome))
      .run();
  return outcome;
}

PerKind<int> apply_held(Database& db, const std::optional<std::string>& source,
                        const std::string& actor, const Moment& now) {
  std::vector<std::pair<std::string, Key>> held;
  {
    auto row =
        db.prepare("SELECT source, record, key FROM held_removal WHERE source = ?1 OR ?1 IS NULL");
    row.bind(source);
    while (row.step()) {
      if (const auto kind = kind_from(row.text_view(1)))
        held.push_back({row.text(0), {*kind, row.text(2)}});
    }
  }
  PerKind<int> removed{};
  std::set<std::string> sources;
  for (const auto& [from, key] : held) {
    unstate(db, from, key);
    release(db, from, key);
    sources.insert(from);
    if (stated_by_any(db, key)) continue;
    remove(db, key, now.day);
    ++removed[index_of(key.kind)];
  }
  for (const std::string& from : sources) close_notice(db, from, actor, now.wall_ms);
  return removed;
}

std::optional<std::string> cursor_of(Database& db, const std::string& source) {
  auto row = db.prepare("SELECT cursor FROM roster_source WHERE source = ?");
  return row.bind(source).step() ? row.optional_text(0) : std::nullopt;
}

}  // namespace rollcall::roster
