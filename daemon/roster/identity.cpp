#include "daemon/roster/identity.hpp"

namespace rollcall::roster {
namespace {

using store::Database;

void run(Database& db, const char* sql, const std::string& from, const std::string& into) {
  db.prepare(sql).bind(from, into).run();
}

void move_cards(Database& db, const std::string& from, const std::string& into,
                std::int64_t now_ms) {
  run(db, "UPDATE card SET person = ?2 WHERE person = ?1", from, into);
  run(db, "UPDATE code SET person = ?2 WHERE person = ?1", from, into);
  db.prepare(
        "UPDATE issued_card SET state = 'replaced', since_ms = ?3, actor = 'roster', reason = 'two "
        "ids of one person were joined' WHERE person = ?1 AND state = 'issued' AND EXISTS (SELECT "
        "1 FROM issued_card o WHERE o.person = ?2 AND o.state = 'issued')")
      .bind(from, into, now_ms)
      .run();
  run(db, "UPDATE issued_card SET person = ?2 WHERE person = ?1", from, into);
}

void move_places(Database& db, const std::string& from, const std::string& into) {
  run(db,
      "INSERT OR IGNORE INTO enrolment (course, person, from_day, until_day) SELECT course, ?2, "
      "from_day, until_day FROM enrolment WHERE person = ?1",
      from, into);
  db.prepare("DELETE FROM enrolment WHERE person = ?").bind(from).run();
  for (const char* sql :
       {"INSERT INTO guardianship (guardian, child, may_collect, from_day, until_day) SELECT ?2, "
        "child, may_collect, from_day, until_day FROM guardianship WHERE guardian = ?1 AND child "
        "<> ?2 ON CONFLICT DO UPDATE SET may_collect = min(may_collect, excluded.may_collect)",
        "INSERT INTO guardianship (guardian, child, may_collect, from_day, until_day) SELECT "
        "guardian, ?2, may_collect, from_day, until_day FROM guardianship WHERE child = ?1 AND "
        "guardian <> ?2 ON CONFLICT DO UPDATE SET may_collect = min(may_collect, "
        "excluded.may_collect)"}) {
    run(db, sql, from, into);
  }
  db.prepare("DELETE FROM guardianship WHERE ?1 IN (guardian, child)").bind(from).run();
  run(db, "UPDATE session SET trainer = ?2 WHERE trainer = ?1", from, into);
  run(db, "UPDATE session_before SET trainer = ?2 WHERE trainer = ?1", from, into);
  run(db, "UPDATE session_day SET trainer = ?2 WHERE trainer = ?1", from, into);
}

void move_progress(Database& db, const std::string& from, const std::string& into) {
  run(db,
      "INSERT INTO assignment (person, instrument, due, state, attempt) SELECT ?2, instrument, "
      "due, state, attempt FROM assignment WHERE person = ?1 ON CONFLICT DO UPDATE SET state = "
      "excluded.state, attempt = excluded.attempt WHERE excluded.state = 'completed'",
      from, into);
  db.prepare("DELETE FROM assignment WHERE person = ?").bind(from).run();
  run(db, "UPDATE movement SET person = ?2 WHERE person = ?1", from, into);
  run(db,
      "INSERT INTO presence (person, direction, room, session, since_ms, day, position) SELECT ?2, "
      "direction, room, session, since_ms, day, position FROM presence WHERE person = ?1 ON "
      "CONFLICT DO UPDATE SET direction = excluded.direction, room = excluded.room, session = "
      "excluded.session, since_ms = excluded.since_ms, day = excluded.day, position = "
      "excluded.position WHERE excluded.since_ms > since_ms",
      from, into);
  db.prepare("DELETE FROM presence WHERE person = ?").bind(from).run();
}

// What sources state of the one they state of the other from now on.
void move_statements(Database& db, const std::string& from, const std::string& into) {
  run(db,
      "UPDATE OR REPLACE stated SET key = substr(key, 1, length(key) - length(?1)) || ?2 WHERE "
      "record IN ('enrolment', 'guardianship') AND substr(key, -length(?1) - 1) = ' ' || ?1",
      from, into);
  run(db,
      "UPDATE OR REPLACE stated SET key = ?2 || substr(key, length(?1) + 1) WHERE record = "
      "'guardianship' AND substr(key, 1, length(?1) + 1) = ?1 || ' '",
      from, into);
  db.prepare(
        "DELETE FROM held_removal WHERE (record = 'person' AND key = ?1) OR (record IN "
        "('enrolment', 'guardianship') AND (substr(key, -length(?1) - 1) = ' ' || ?1 OR "
        "substr(key, "
        "1, length(?1) + 1) = ?1 || ' '))")
      .bind(from)
      .run();
}

}  // namespace

// `merged` holds no chains: a later merge of `into_id` moves its rows on.

std::string id_that_stays(Database& db, const std::string& id) {
  auto row = db.prepare("SELECT into_id FROM merged WHERE from_id = ?");
  return row.bind(id).step() ? row.text(0) : id;
}

std::vector<std::string> ids_of(Database& db, const std::string& id) {
  std::vector<std::string> ids = {id};
  auto row = db.prepare("SELECT from_id FROM merged WHERE into_id = ? ORDER BY merged_ms, from_id");
  row.bind(id);
  while (row.step()) ids.push_back(row.text(0));
  return ids;
}

void merge(Database& db, const std::string& from, const std::string& into, std::int64_t now_ms) {
  run(db, "UPDATE merged SET into_id = ?2 WHERE into_id = ?1", from, into);
  db.prepare("INSERT INTO merged (from_id, into_id, merged_ms) VALUES (?, ?, ?)")
      .bind(from, into, now_ms)
      .run();
  db.prepare("UPDATE person SET active = 0 WHERE id = ?").bind(from).run();
  move_cards(db, from, into, now_ms);
  move_places(db, from, into);
  move_progress(db, from, into);
  move_statements(db, from, into);
}

}  // namespace rollcall::roster
