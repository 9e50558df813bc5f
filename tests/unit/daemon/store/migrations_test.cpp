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
      "INSERT INTO person (id, role) VALUES ('p-1', 'participant');"
      "INSERT INTO card (token, person, source) VALUES (zeroblob(32), 'p-1', 'roster');"
      "INSERT INTO log (position, epoch, sequence, event_id, type, recorded_ms, purpose, leaf)"
      " VALUES (1, 'e', 1, 'one', 'tap.recorded', 1, 'movement', zeroblob(32));"
      "INSERT INTO tap (serial, epoch, number, digest, outcome, position, card, person)"
      " VALUES ('TC-1', zeroblob(16), 1, zeroblob(32), 1, 1, zeroblob(32), 'p-1')");
  migrate(db);
  EXPECT_EQ(text(db, "PRAGMA user_version"), std::to_string(newest_schema_version()));
  EXPECT_EQ(text(db, "PRAGMA integrity_check"), "ok");
  EXPECT_EQ(text(db, "SELECT event_id FROM log"), "one");
  EXPECT_EQ(text(db, "SELECT person || ' ' || aside FROM tap"), "p-1 0");
  EXPECT_EQ(text(db, "SELECT person FROM card"), "p-1");
  EXPECT_EQ(text(db, "SELECT count(*) FROM issued_card"), "0");
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
