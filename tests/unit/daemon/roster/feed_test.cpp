#include "daemon/roster/feed.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "daemon/roster/apply.hpp"
#include "tests/unit/daemon/scratch_database.hpp"

namespace rollcall::roster {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

json person(const std::string& id, bool active = true) {
  return {{"kind", "person"},      {"id", id},
          {"role", "participant"}, {"display_name", "Amina"},
          {"language", "fr"},      {"programme", nullptr},
          {"grant", nullptr},      {"contract", nullptr},
          {"protected", false},    {"active", active}};
}

struct Feed : ::testing::Test {
  testing::ScratchDatabase scratch;
  store::Database db{scratch.path(), store::Database::Mode::read_write};
  std::size_t passed = 0;

  Reading read(const json& records) {
    Reading reading{"case-system"};
    reading.ordered = true;
    const auto page = read_page(
        json{{"records", records}, {"cursor", "r-1"}, {"more", false}}.dump(), reading, passed);
    EXPECT_TRUE(page);
    return reading;
  }
  Outcome put(const json& records, bool whole = true) {
    Reading reading = read(records);
    reading.whole = whole;
    return apply(db, reading, {1000, "2026-03-02"}, "r-1");
  }
  std::string text(const std::string& query) {
    auto row = db.prepare(query);
    return row.step() ? row.text(0) : "nothing";
  }
};

TEST_F(Feed, TheExampleOfTheContractIsRead) {
  std::ifstream file(SOURCE_FOLDER "/docs/api/examples/roster.json");
  const json example = json::parse(file);
  Reading reading{"case-system"};
  const auto page = read_page(example.dump(), reading, passed);
  ASSERT_TRUE(page) << page.error();
  EXPECT_EQ(page->cursor, example["cursor"].get<std::string>());
  EXPECT_TRUE(reading.problems.empty());
  EXPECT_EQ(reading.records.size() + reading.revoked.size() + passed, example["records"].size());
  for (const Record& record : reading.records)
    EXPECT_TRUE(record.removed || fault_of(record.content).empty()) << fault_of(record.content);
}

TEST_F(Feed, ALaterRecordReplacesAnEarlierOneAndTheCursorIsKeptWithIt) {
  json second = person("p-1");
  second["display_name"] = "Amina B.";
  put(json::array({person("p-1"), second}));
  EXPECT_EQ(text("SELECT display_name FROM person"), "Amina B.");
  EXPECT_EQ(cursor_of(db, "case-system"), "r-1");
  EXPECT_EQ(cursor_of(db, "files"), std::nullopt);
}

TEST_F(Feed, WhoLeftTheSiteIsRemovedAndManyAtOnceWait) {
  json many = json::array();
  for (int i = 0; i < 20; ++i) many.push_back(person("p-" + std::to_string(i)));
  put(many);
  put(json::array({person("p-1", false)}), false);
  EXPECT_EQ(text("SELECT count(*) FROM person WHERE active = 1"), "19");
  json gone = json::array();
  for (int i = 2; i < 12; ++i) gone.push_back(person("p-" + std::to_string(i), false));
  EXPECT_EQ(put(gone, false).total(&Counts::held), 10);
  EXPECT_EQ(text("SELECT count(*) FROM person WHERE active = 1"), "19");
  // A list of changes that does not speak of them leaves them waiting.
  put(json::array({person("p-30")}), false);
  EXPECT_EQ(text("SELECT count(*) FROM held_removal"), "10");
}

TEST_F(Feed, ARevokedCardIsAcceptedNoMoreAndNoSourceBringsItBack) {
  const std::string token(64, 'a');
  Reading files{"files"};
  PersonRecord ann;
  ann.id = "p-1";
  ann.role = "participant";
  files.records = {{ann, false, {}}, {CardRecord{token, "p-1"}, false, {}}};
  apply(db, files, {1000, "2026-03-02"});
  EXPECT_EQ(text("SELECT count(*) FROM card"), "1");
  put({{{"kind", "card.revoked"}, {"card", token}, {"person", nullptr}, {"reason", "lost"}}},
      false);
  EXPECT_EQ(text("SELECT count(*) FROM card"), "0");
  const Outcome again = apply(db, files, {2000, "2026-03-02"});
  EXPECT_EQ(text("SELECT count(*) FROM card"), "0");
  ASSERT_EQ(again.problems.size(), 1u);
  EXPECT_THAT(again.problems[0].what, HasSubstr("was revoked"));
}

TEST_F(Feed, KindsThatAreNotTakenAreCountedAndWrongRecordsReportedByNumber) {
  json wrong = person("p-2");
  wrong["role"] = 7;
  json impossible = {{"kind", "session_day"},
                     {"session", "S"},
                     {"day", "2026-02-30"},
                     {"state", "held"},
                     {"removed", false}};
  const Reading reading =
      read({person("p-1"), wrong, {{"kind", "weather"}}, "text", 5, impossible});
  EXPECT_EQ(passed, 1u);
  ASSERT_EQ(reading.problems.size(), 3u);
  EXPECT_EQ(reading.problems[0].text(),
            "case-system:2: the record is not as the contract has it; the row was skipped");
  EXPECT_FALSE(fault_of(reading.records.back().content).empty());
}

TEST_F(Feed, WhatIsNoPageIsNotUsed) {
  Reading reading{"case-system"};
  for (const char* text : {"", "{", "[]", "{}", R"({"records": 5, "cursor": "c", "more": false})",
                           R"({"records": [], "cursor": "", "more": false})",
                           R"({"records": [], "cursor": "c", "more": 1})", "\xff"}) {
    EXPECT_FALSE(read_page(text, reading, passed)) << text;
  }
}

}  // namespace
}  // namespace rollcall::roster
