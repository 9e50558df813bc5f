#include "daemon/roster/roster.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/attendance/card_token.hpp"
#include "daemon/roster/csv.hpp"
#include "tests/unit/daemon/scratch_database.hpp"

namespace rollcall::roster {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Roster : ::testing::Test {
  testing::ScratchDatabase scratch;
  store::Database db{scratch.path(), store::Database::Mode::read_write};
  crypto::Key key{};

  std::string file(const std::string& name, const std::string& text) {
    const std::string path = (scratch.folder() / name).string();
    std::ofstream(path) << text;
    return path;
  }

  config::Roster small() {
    config::Roster config;
    config.people = file("people.csv",
                         "person,role,display_name,language,programme,grant,contract,protected\n"
                         "p-1,participant,\"Doe, Ann\",fr,bilan,,,no\n"
                         "p-2,wizard,X,fr,,,,no\n"
                         "p-3,participant,Secret Name,en,,,,yes\n");
    config.cards = file("cards.csv", "card,person\n01020304,p-1\nzz,p-1\n05060708,p-9\n");
    config.sessions =
        file("sessions.csv",
             "session,course,title,room,trainer,weekdays,first_day,last_day,start,end,half_day,"
             "programme,grant,contract\n"
             "S1,C1,Title,Room,,mon tue,2026-01-01,2026-12-31,09:00,12:30,am,bilan,,\n"
             "S2,C1,Title,Room,,lundi,2026-01-01,2026-12-31,09:00,12:30,am,,,\n"
             "S3,C1,Title,Room,,mon,2026-01-01,2026-12-31,12:00,09:00,am,,,\n");
    config.enrolments = file("enrolments.csv", "course,person\nC1,p-1\nC1,p-9\n");
    return config;
  }

  std::int64_t count(const std::string& table) {
    auto row = db.prepare("SELECT count(*) FROM " + table);
    row.step();
    return row.integer(0);
  }
};

TEST_F(Roster, BadRowsAreReportedWithTheirLineAndTheOthersStand) {
  const auto files = read(small());
  ASSERT_TRUE(files);
  const Loaded loaded = apply(db, **files, key);
  EXPECT_EQ(loaded.people, 2);
  EXPECT_EQ(loaded.cards, 1);
  EXPECT_EQ(loaded.sessions, 1);
  EXPECT_EQ(loaded.enrolments, 1);
  EXPECT_THAT(loaded.problems,
              ElementsAre(HasSubstr("people:3"), HasSubstr("sessions:3"), HasSubstr("sessions:4"),
                          HasSubstr("cards:3"), HasSubstr("cards:4"), HasSubstr("enrolments:3")));
  auto ann = db.prepare("SELECT display_name FROM person WHERE id = 'p-1'");
  ASSERT_TRUE(ann.step());
  EXPECT_EQ(ann.text(0), "Doe, Ann");
}

TEST_F(Roster, TheNameOfAProtectedPersonIsNotKept) {
  apply(db, **read(small()), key);
  auto row = db.prepare("SELECT display_name, protected FROM person WHERE id = 'p-3'");
  ASSERT_TRUE(row.step());
  EXPECT_EQ(row.text(0), "");
  EXPECT_EQ(row.integer(1), 1);
}

TEST_F(Roster, OnlyTheTokenOfACardIsKept) {
  apply(db, **read(small()), key);
  auto row = db.prepare("SELECT token FROM card");
  ASSERT_TRUE(row.step());
  const std::array<std::uint8_t, 4> chip = {1, 2, 3, 4};
  EXPECT_EQ(row.fixed<32>(0), attendance::card_token(key, protocol::ReadingKind::uid, chip));
}

TEST_F(Roster, ReadingItAgainChangesNothingAndKeepsCardsOfTheDesk) {
  const auto files = read(small());
  apply(db, **files, key);
  db.exec("INSERT INTO card (token, person, source) VALUES (x'00', 'p-3', 'desk')");
  apply(db, **files, key);
  EXPECT_EQ(count("person"), 2);
  EXPECT_EQ(count("card"), 2);
  EXPECT_EQ(count("session"), 1);
  EXPECT_EQ(count("enrolment"), 1);
}

TEST_F(Roster, APersonWhoIsNoLongerListedStaysKnownButInactive) {
  apply(db, **read(small()), key);
  config::Roster smaller = small();
  smaller.people = file("people.csv",
                        "person,role,display_name,language,programme,grant,contract,protected\n"
                        "p-1,participant,Ann,fr,bilan,,,no\n");
  apply(db, **read(smaller), key);
  auto row = db.prepare("SELECT active FROM person WHERE id = 'p-3'");
  ASSERT_TRUE(row.step());
  EXPECT_EQ(row.integer(0), 0);
}

TEST_F(Roster, AMissingColumnIsAnErrorOfTheFile) {
  config::Roster config;
  config.people = file("people.csv", "person,role\np-1,participant\n");
  const auto files = read(config);
  ASSERT_FALSE(files);
  EXPECT_THAT(files.error(), ElementsAre(HasSubstr("display_name")));
}

TEST_F(Roster, ColumnsMayStandInAnyOrderWithABomAndExtraOnes) {
  const auto table = read_csv(file("x.csv",
                                   "\xef\xbb\xbf"
                                   "b,extra,a\r\n1,2,\"3 \"\"q\"\"\"\r\n"),
                              {"a", "b"});
  ASSERT_TRUE(table) << table.error();
  ASSERT_EQ(table->rows.size(), 1u);
  EXPECT_THAT(table->rows[0].fields, ElementsAre("3 \"q\"", "1"));
}

}  // namespace
}  // namespace rollcall::roster
