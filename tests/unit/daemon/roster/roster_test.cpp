// Our own files, from text to tables.
#include "daemon/roster/roster.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/attendance/card_token.hpp"
#include "daemon/roster/protected_names.hpp"
#include "daemon/roster/timetable.hpp"
#include "tests/unit/daemon/scratch_database.hpp"

namespace rollcall::roster {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* people_header =
    "person,role,display_name,language,programme,grant,contract,protected\n";
constexpr const char* session_header =
    "session,course,title,room,trainer,weekdays,first_day,last_day,start,end,half_day,programme,"
    "grant,contract";

struct Roster : ::testing::Test {
  testing::ScratchDatabase scratch;
  store::Database db{scratch.path(), store::Database::Mode::read_write};
  crypto::Key key{};
  Moment now{1000, "2026-03-02"};

  static Files small() {
    Files files;
    files.people = {"people.csv", std::string(people_header) +
                                      "p-1,participant,\"Doe, Ann\",fr,bilan,,,no\n"
                                      "p-2,wizard,X,fr,,,,no\n"
                                      "p-3,participant,Secret Name,en,,,,yes\n"};
    files.cards = {"cards.csv", "card,person\n01020304,p-1\nzz,p-1\n05060708,p-9\n"};
    files.sessions = {"sessions.csv",
                      std::string(session_header) +
                          "\nS1,C1,Title,Room,,mon tue,2026-01-01,2026-12-31,09:00,12:30,am,"
                          "bilan,,\n"
                          "S2,C1,Title,Room,,lundi,2026-01-01,2026-12-31,09:00,12:30,am,,,\n"
                          "S3,C1,Title,Room,,mon,2026-01-01,2026-12-31,12:00,09:00,am,,,\n"
                          "S4,C1,Title,Room,,mon,2026-02-30,2026-12-31,12:00,13:00,am,,,\n"};
    files.enrolments = {"enrolments.csv", "course,person\nC1,p-1\nC1,p-9\n"};
    return files;
  }
  // So many people, and each in the course C1.
  static Files crowd(int from, int to) {
    Files files;
    files.people = {"people.csv", people_header};
    files.enrolments = {"enrolments.csv", "course,person\n"};
    for (int i = from; i < to; ++i) {
      const std::string id = "p-" + std::to_string(i);
      files.people->text += id + ",participant,Name,fr,,,,no\n";
      files.enrolments->text += "C1," + id + "\n";
    }
    return files;
  }
  Outcome put(const Files& files, const std::string& source = "files") {
    auto reading = read_files(files, source, card_hash(key));
    EXPECT_TRUE(reading);
    return apply(db, *reading, now);
  }
  std::string text(const std::string& query) {
    auto row = db.prepare(query);
    return row.step() ? row.text(0) : "nothing";
  }
  int count(const std::string& table) { return std::stoi(text("SELECT count(*) FROM " + table)); }
  static std::vector<std::string> problems(const Outcome& outcome) {
    std::vector<std::string> all;
    for (const Problem& problem : outcome.problems) all.push_back(problem.text());
    return all;
  }
};

TEST_F(Roster, BadRowsAreReportedWithTheirLineAndTheOthersStand) {
  const Outcome outcome = put(small());
  EXPECT_EQ(count("person"), 2);
  EXPECT_EQ(count("card"), 1);
  EXPECT_EQ(count("session"), 1);
  EXPECT_EQ(count("enrolment"), 1);
  EXPECT_THAT(problems(outcome),
              ::testing::UnorderedElementsAre(
                  HasSubstr("people.csv:3: the role is none of"),
                  HasSubstr("sessions.csv:3: weekdays must be words"),
                  HasSubstr("sessions.csv:4: from start to end are more than 16 hours"),
                  HasSubstr("sessions.csv:5: first_day and last_day are no dates"),
                  HasSubstr("cards.csv:3: the card is not a chip number in hex"),
                  HasSubstr("cards.csv:4: nobody has the id p-9"),
                  HasSubstr("enrolments.csv:3: nobody has the id p-9; the row was skipped")));
  EXPECT_EQ(text("SELECT display_name FROM person WHERE id = 'p-1'"), "Doe, Ann");
}

TEST_F(Roster, TheNameOfAProtectedPersonIsNotKept) {
  put(small());
  EXPECT_EQ(text("SELECT display_name || protected FROM person WHERE id = 'p-3'"), "1");
}

TEST_F(Roster, ANameTurnsNothingRound) {
  Files files;
  files.people = {"people.csv", std::string(people_header) +
                                    "p-1,participant,Abel \u202egnitteg\u2069,fr,,,,no\n"
                                    "p-2,participant,مريم \u2066العلوي,ar,,,,no\n"};
  put(files);
  EXPECT_EQ(text("SELECT display_name FROM person WHERE id = 'p-1'"), "Abel gnitteg");
  EXPECT_EQ(text("SELECT display_name FROM person WHERE id = 'p-2'"), "مريم العلوي");
  EXPECT_EQ(name_from("\u202d\u202d“Zoë” €"), "“Zoë” €");
  EXPECT_EQ(name_from("\xe2\x80"), "\xe2\x80");
}

TEST_F(Roster, ItIsSealedApartWhereTheSiteKeepsIt) {
  const NameSeal seal(crypto::Key{5});
  const auto put_sealed = [&](const Files& files, const NameSeal* names) {
    auto reading = read_files(files, "files", card_hash(key));
    return apply(db, *reading, now, {}, names);
  };
  const Outcome first = put_sealed(small(), &seal);
  EXPECT_EQ(text("SELECT display_name FROM person WHERE id = 'p-3'"), "");
  EXPECT_EQ(protected_name(db, seal, "p-3"), "Secret Name");
  EXPECT_EQ(count("protected_name"), 1) << "of protected people alone";
  const std::string sealed = text("SELECT hex(sealed) FROM protected_name");
  EXPECT_EQ(sealed.find("536563726574"), std::string::npos);  // "Secret"
  EXPECT_FALSE(protected_name(db, NameSeal(crypto::Key{6}), "p-3"));
  const Outcome again = put_sealed(small(), &seal);
  EXPECT_EQ(again.total(&Counts::changed), 0);
  EXPECT_EQ(text("SELECT hex(sealed) FROM protected_name"), sealed) << "nothing is written anew";

  Files files = small();
  files.people->text = std::string(people_header) + "p-3,participant,Secret Name,en,,,,no\n";
  put_sealed(files, &seal);
  EXPECT_EQ(count("protected_name"), 0) << "protected no more";
  put_sealed(small(), &seal);
  EXPECT_EQ(count("protected_name"), 1);
  put(small());
  EXPECT_EQ(count("protected_name"), 0) << "the site keeps none any more";
}

TEST_F(Roster, OnlyTheTokenOfACardIsKept) {
  put(small());
  auto row = db.prepare("SELECT token FROM card");
  ASSERT_TRUE(row.step());
  const std::array<std::uint8_t, 4> chip = {1, 2, 3, 4};
  EXPECT_EQ(row.fixed<32>(0), attendance::card_token(key, protocol::ReadingKind::uid, chip));
}

TEST_F(Roster, ReadingItAgainChangesNothingAndKeepsCardsOfTheDesk) {
  put(small());
  db.exec("INSERT INTO card (token, person, source) VALUES (zeroblob(32), 'p-3', 'desk')");
  const Outcome again = put(small());
  EXPECT_EQ(again.total(&Counts::added) + again.total(&Counts::changed), 0);
  EXPECT_EQ(again.total(&Counts::removed) + again.total(&Counts::held), 0);
  EXPECT_EQ(again.total(&Counts::unchanged), 5);
  EXPECT_EQ(count("card"), 2);
  EXPECT_EQ(count("inbox"), 0);
}

TEST_F(Roster, WhoIsNoLongerListedStaysKnownButInactiveAndTheirDaysInTheCourseRemain) {
  put(crowd(0, 20));
  const Outcome outcome = put(crowd(1, 20));
  EXPECT_EQ(outcome.total(&Counts::removed), 2);
  EXPECT_EQ(text("SELECT active FROM person WHERE id = 'p-0'"), "0");
  EXPECT_EQ(enrolled_on(db, "C1", "2026-03-01").size(), 20u);
  EXPECT_EQ(enrolled_on(db, "C1", "2026-03-02").size(), 19u);
}

// 8:00: a new roster replaces 60 % of the people.
TEST_F(Roster, NewcomersAreThereAtOnceWhileTheRemovalOfTheOthersWaits) {
  put(crowd(0, 25));
  const Outcome outcome = put(crowd(15, 40));
  EXPECT_EQ(outcome.counts[index_of(Kind::person)],
            (Counts{.added = 15, .unchanged = 10, .held = 15}));
  EXPECT_EQ(enrolled_on(db, "C1", "2026-03-02").size(), 40u);
  EXPECT_EQ(text("SELECT active FROM person WHERE id = 'p-0'"), "1");
  EXPECT_EQ(text("SELECT kind FROM inbox WHERE closed_ms IS NULL"), held_notice);
  EXPECT_THAT(text("SELECT detail FROM inbox"),
              HasSubstr("no longer names 15 of 40 people, 15 of 40 enrolments; they stay until"));

  // Read again, they go on waiting, and it stays one matter.
  put(crowd(15, 40));
  EXPECT_EQ(count("inbox"), 1);
  EXPECT_EQ(count("held_removal"), 30);

  EXPECT_EQ(apply_held(db, std::nullopt, "desk-1", now)[index_of(Kind::person)], 15);
  EXPECT_EQ(enrolled_on(db, "C1", "2026-03-02").size(), 25u);
  EXPECT_EQ(text("SELECT active FROM person WHERE id = 'p-0'"), "0");
  EXPECT_EQ(text("SELECT closed_by FROM inbox"), "desk-1");
  EXPECT_EQ(count("held_removal"), 0);
}

TEST_F(Roster, WhatIsNamedAgainWaitsNoLonger) {
  put(crowd(0, 25));
  put(crowd(15, 40));
  put(crowd(0, 40));
  EXPECT_EQ(count("held_removal"), 0);
  EXPECT_EQ(text("SELECT count(*) FROM inbox WHERE closed_ms IS NULL"), "0");
  for (const int removed : apply_held(db, std::nullopt, "desk-1", now)) EXPECT_EQ(removed, 0);
}

TEST_F(Roster, TwoSourcesStandBesideEachOther) {
  put(crowd(0, 25));
  put(crowd(20, 60), "csv");
  EXPECT_EQ(count("held_removal"), 0) << "of what the other source states nothing is missing";
  put(crowd(0, 1), "csv");
  apply_held(db, "csv", "desk-1", now);
  EXPECT_EQ(text("SELECT count(*) FROM person WHERE active = 1"), "25");
}

TEST_F(Roster, ADryRunCountsAndChangesNothing) {
  put(crowd(0, 25));
  const auto reading = read_files(crowd(15, 40), "files", card_hash(key));
  const Outcome would = preview(db, *reading, now.day);
  EXPECT_EQ(would.counts[index_of(Kind::person)],
            (Counts{.added = 15, .unchanged = 10, .held = 15}));
  EXPECT_EQ(count("person"), 25);
  EXPECT_EQ(count("held_removal"), 0);
  EXPECT_EQ(count("inbox"), 0);
}

TEST_F(Roster, ASessionThatIsNoLongerNamedEndsYesterdayAndItsDaysUntilThenStay) {
  Files files = small();
  files.sessions->text = std::string(session_header) + "\n";
  for (int i = 0; i < 20; ++i) {
    files.sessions->text +=
        "S" + std::to_string(i) + ",C1,Title,Room,,mon,2026-01-01,2026-12-31,09:00,10:00,am,,,\n";
  }
  put(files);
  const std::string line = "S0,C1,Title,Room,,mon,2026-01-01,2026-12-31,09:00,10:00,am,,,\n";
  files.sessions->text.erase(files.sessions->text.find(line), line.size());
  put(files);
  EXPECT_TRUE(session_on(db, "S0", "2026-02-23"));
  EXPECT_FALSE(session_on(db, "S0", "2026-03-02"));
}

TEST_F(Roster, KindOpenEventPresentationLanguagesAndSingleDaysAreRead) {
  Files files;
  files.people = {"people.csv",
                  "person,role,display_name,language,programme,grant,contract,protected,"
                  "presentation\np-1,trainer,T,fr en,,,,no,speech large_text\n"
                  "p-2,participant,T,fr,,,,no,deaf\n"};
  files.sessions = {
      "sessions.csv",
      std::string(session_header) +
          ",kind,open_event\n"
          "S1,C1,Open day,Hall,p-1,,2026-03-01,2026-03-31,22:00,02:00,eve,,,,drop_in,"
          "yes\nS2,C1,T,Hall,,mon,2026-03-01,2026-03-31,22:00,23:00,eve,,,,party,no\n"};
  files.days = {"days.csv",
                "session,day,state,start,end,room\n"
                "S1,2026-03-07,held,,,\nS1,2026-03-14,held,10:00,12:00,Garden\n"
                "S1,2026-03-21,cancelled,,,\nS1,2026-03-28,perhaps,,,\nS1,2026-02-29,held,,,\n"
                "S9,2026-03-07,held,,,\n"};
  const Outcome outcome = put(files);
  EXPECT_EQ(text("SELECT language || '|' || languages || '|' || presentation FROM person"),
            "fr|fr en|large_text speech");
  EXPECT_THAT(problems(outcome),
              ElementsAre(HasSubstr("people.csv:3: presentation is of the words"),
                          HasSubstr("days.csv:5: state must be"),
                          HasSubstr("sessions.csv:3: the kind is none of"),
                          HasSubstr("days.csv:6: the day is no date"),
                          HasSubstr("days.csv:7: no session has the id S9")));
  const auto first = session_on(db, "S1", "2026-03-07");
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->open_event);
  EXPECT_EQ(first->kind, "drop_in");
  EXPECT_EQ(first->end_minute, 1560);
  EXPECT_EQ(session_on(db, "S1", "2026-03-14")->room, "Garden");
  EXPECT_TRUE(session_on(db, "S1", "2026-03-21")->cancelled);
}

TEST_F(Roster, FormulasAndMarkupInNamesAreTextsLikeOthers) {
  Files files;
  files.people = {"people.csv", std::string(people_header) +
                                    "p-1,participant,=cmd|' /C calc'!A0,fr,,,,no\n"
                                    "p-2,participant,<script>alert(1)</script>,fr,,,,no\n"
                                    "p-3,participant,\"two\nlines\",fr,,,,no\n"
                                    "p-4,participant,Bell\x07,fr,,,,no\n"
                                    "p-5,participant," +
                                    std::string(201, 'n') +
                                    ",fr,,,,no\n=p,participant,N,fr,,,,no\n"};
  const Outcome outcome = put(files);
  EXPECT_EQ(text("SELECT display_name FROM person WHERE id = 'p-1'"), "=cmd|' /C calc'!A0");
  EXPECT_EQ(text("SELECT display_name FROM person WHERE id = 'p-2'"), "<script>alert(1)</script>");
  EXPECT_EQ(count("person"), 2);
  EXPECT_THAT(problems(outcome),
              ElementsAre(HasSubstr("people.csv:4: the name has control characters"),
                          HasSubstr("people.csv:6: the name has control characters"),
                          HasSubstr("people.csv:7: the name is longer than 200"),
                          HasSubstr("people.csv:8: the person is not an id")));
  for (const std::string& message : problems(outcome)) EXPECT_THAT(message, Not(HasSubstr("nnn")));
}

TEST_F(Roster, AFileWithoutOneOfItsColumnsChangesNothing) {
  put(small());
  Files files = small();
  files.people->text = "person,role\np-7,participant\n";
  const auto reading = read_files(files, "files", card_hash(key));
  ASSERT_FALSE(reading);
  EXPECT_THAT(reading.error(), ElementsAre(HasSubstr("\"display_name\" is missing")));
}

TEST_F(Roster, FilesOfTheConfigurationAreReadByTheirPaths) {
  config::Roster config;
  config.people = (scratch.folder() / "people.csv").string();
  EXPECT_THAT(read(config, card_hash(key)).error(), ElementsAre(HasSubstr("cannot be read")));
  std::ofstream(config.people) << people_header << "p-1,participant,Ann,fr,,,,no\n";
  EXPECT_EQ(read(config, card_hash(key))->records.size(), 1u);
}

TEST_F(Roster, OfTwoIdsOfOnePersonCardsAndCoursesGoToTheOneThatStays) {
  Files files = small();
  files.people->text = std::string(people_header) +
                       "p-1,participant,Ann,fr,,,,no\np-2,participant,Anne,fr,,,,no\n"
                       "p-3,child,Kim,fr,,,,no\n";
  files.cards->text = "card,person\n01020304,p-1\n";
  files.enrolments->text = "course,person\nC1,p-1\nC2,p-1\nC2,p-2\n";
  files.sessions.reset();
  files.guardians = {"guardians.csv", "guardian,child,may_collect\np-1,p-3,no\np-2,p-3,yes\n"};
  put(files);
  db.exec(
      "INSERT INTO presence VALUES ('p-1', 'in', 'Room', 'S1', 5, '2026-03-02', 1);"
      "INSERT INTO movement VALUES (1, 1, 1, 0, 'p-1', '2026-03-02', 5, 'in', 'S1', 'Room');"
      "INSERT INTO log (position, epoch, sequence, event_id, type, subject, recorded_ms, purpose, "
      "leaf) VALUES (1, 'e', 1, 'one', 'tap.recorded', 'p-1', 1, 'movement', zeroblob(32))");
  files.merges = {"merges.csv", "from,into\np-1,p-2\n"};
  const Outcome outcome = put(files);
  EXPECT_THAT(problems(outcome),
              ElementsAre(HasSubstr("guardians.csv:3: line 2 says otherwise already")));
  EXPECT_EQ(text("SELECT group_concat(person) FROM card"), "p-2");
  EXPECT_EQ(text("SELECT group_concat(course || person) FROM (SELECT * FROM enrolment ORDER BY 1)"),
            "C1p-2,C2p-2");
  EXPECT_EQ(text("SELECT guardian || may_collect FROM guardianship"), "p-20")
      << "a restriction of either stays one";
  EXPECT_EQ(text("SELECT group_concat(person || room) FROM presence"), "p-2Room");
  EXPECT_EQ(text("SELECT person FROM movement"), "p-2");
  EXPECT_EQ(text("SELECT subject FROM log"), "p-1") << "the log stays as it is";
  EXPECT_EQ(text("SELECT active FROM person WHERE id = 'p-1'"), "0");
  EXPECT_EQ(count("held_removal"), 0);

  // The files go on naming the old id: nothing changes.
  const Outcome again = put(files);
  EXPECT_EQ(again.total(&Counts::added) + again.total(&Counts::changed), 0);
  EXPECT_EQ(again.total(&Counts::removed) + again.total(&Counts::held), 0);
}

}  // namespace
}  // namespace rollcall::roster
