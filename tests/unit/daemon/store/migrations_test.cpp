#include "daemon/store/migrations.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/daemon/scratch_database.hpp"

namespace rollcall::store {
namespace {

using testing::ScratchDatabase;
using testing::ScratchFolder;

std::string text(Database& db, const std::string& query) {
  auto row = db.prepare(query);
  return row.step() ? row.text(0) : "nothing";
}

// Tables, indexes and triggers, and the columns of each table.
std::vector<std::string> shape(Database& db) {
  std::vector<std::string> all;
  auto row = db.prepare(
      "SELECT s.type || ' ' || s.name || ' ' || ifnull(c.name || ' ' || c.type || c.\"notnull\", "
      "'')"
      " FROM sqlite_schema s LEFT JOIN pragma_table_info(s.name) c"
      " ORDER BY s.type, s.name, c.name");
  while (row.step()) all.push_back(row.text(0));
  return all;
}

class FromVersion : public ::testing::TestWithParam<int> {};

// A site's daemon is replaced by a newer one: its evidence and its people are as they were.
TEST_P(FromVersion, WhatWasThereIsThereAndTheSchemaIsTheNewest) {
  ScratchFolder scratch;
  Database db((scratch.folder() / "old.db").string(), Database::Mode::read_write);
  migrate_to(db, GetParam());
  ASSERT_LE(std::stoi(text(db, "PRAGMA user_version")), GetParam()) << "some numbers have no step";
  db.exec(
      "INSERT INTO person (id, role, language) VALUES ('p-1', 'participant', 'fr');"
      "INSERT INTO guardianship (guardian, child) VALUES ('p-1', 'p-1');"
      "INSERT INTO session (id, course, title, room, weekdays, first_day, last_day, start_min, "
      "end_min, half_day) VALUES ('S', 'C', 'T', 'R', 'mon', '2026-01-01', '2026-02-01', 1, 2, "
      "'am');"
      "INSERT INTO enrolment (course, person) VALUES ('C', 'p-1');"
      "INSERT INTO card (token, person, source) VALUES (zeroblob(32), 'p-1', 'roster');"
      "INSERT INTO log (position, epoch, sequence, event_id, type, recorded_ms, purpose, leaf)"
      " VALUES (1, 'e', 1, 'one', 'tap.recorded', 1, 'movement', zeroblob(32));"
      "INSERT INTO tap (serial, epoch, number, digest, outcome, position, card, person)"
      " VALUES ('TC-1', zeroblob(16), 1, zeroblob(32), 1, 1, zeroblob(32), 'p-1')");
  if (GetParam() < 9) {
    db.exec(
        "INSERT INTO log (position, epoch, sequence, event_id, type, recorded_ms, purpose, leaf)"
        " VALUES (2, 'e', 2, 'two', 'attendance.arrived', 1, 'attendance', zeroblob(32)),"
        " (3, 'e', 3, 'three', 'attendance.assisted', 1, 'attendance', zeroblob(32));"
        "INSERT INTO payload_attendance (position, salt, data) VALUES (2, x'00', '{\"room\": \"R\","
        " \"taps\": [{\"terminal\": \"TC-1\", \"epoch\": \"00000000000000000000000000000000\","
        " \"number\": 1}]}'), (3, x'00', '{\"room\": null, \"taps\": []}');"
        "INSERT INTO movement (position, person, day, time_ms, direction, session) VALUES"
        " (2, 'p-1', '2026-01-05', 5, 'in', 'S'), (3, 'p-1', '2026-01-05', 9, 'out', NULL)");
  }
  migrate(db);
  if (GetParam() < 9) {
    EXPECT_EQ(text(db, "SELECT group_concat(position || '>' || fact || room) FROM movement"),
              "2>1R,3>3");
    EXPECT_EQ(text(db, "SELECT position || person || time_ms || direction FROM statement"),
              "3p-19out");
  }
  EXPECT_EQ(text(db, "PRAGMA user_version"), std::to_string(newest_schema_version()));
  EXPECT_EQ(text(db, "PRAGMA integrity_check"), "ok");
  EXPECT_EQ(text(db, "SELECT event_id FROM log"), "one");
  EXPECT_EQ(text(db, "SELECT person || ' ' || aside FROM tap"), "p-1 0");
  EXPECT_EQ(text(db, "SELECT person FROM card"), "p-1");
  EXPECT_EQ(text(db, "SELECT count(*) FROM issued_card"), "0");
  EXPECT_EQ(text(db, "SELECT kind || open_event || weekdays FROM session"), "room0mon");
  EXPECT_EQ(text(db, "SELECT may_collect FROM guardianship"), "1");
  if (GetParam() < 7) {
    EXPECT_EQ(text(db, "SELECT id || ' ' || language || ' ' || languages FROM person"),
              "p-1 fr fr");
    // What was known before sources were told apart came from the files.
    EXPECT_EQ(
        text(db,
             "SELECT group_concat(record || ' ' || key, ', ') FROM (SELECT * FROM stated WHERE "
             "source = 'files' AND record <> 'card' ORDER BY record)"),
        "enrolment C p-1, guardianship p-1 p-1, person p-1, session S");
    EXPECT_EQ(text(db, "SELECT key FROM stated WHERE record = 'card'"), std::string(64, '0'));
  }
  ScratchDatabase fresh;
  Database newest(fresh.path(), Database::Mode::query_only);
  EXPECT_EQ(shape(db), shape(newest));
  EXPECT_THROW(db.exec("UPDATE log SET type = 'x'"), StoreError) << "still append-only";
}

INSTANTIATE_TEST_SUITE_P(Every, FromVersion, ::testing::Range(1, newest_schema_version()));

TEST(Migrations, AThingThatIsDoneIsNotDoneAgain) {
  ScratchDatabase scratch;
  Database db(scratch.path(), Database::Mode::read_write);
  EXPECT_NO_THROW(migrate(db));
  EXPECT_NO_THROW(migrate_to(db, 1));
  EXPECT_EQ(text(db, "PRAGMA user_version"), std::to_string(newest_schema_version()));
}

TEST(Migrations, ANewerFileIsLeftAlone) {
  ScratchDatabase scratch;
  Database db(scratch.path(), Database::Mode::read_write);
  db.exec("PRAGMA user_version = 9999");
  EXPECT_THROW(migrate(db), StoreError);
}

}  // namespace
}  // namespace rollcall::store
