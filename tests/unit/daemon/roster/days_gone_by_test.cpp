// What a new roster says counts from today on; a day gone by keeps the timetable it had.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/roster/apply.hpp"
#include "daemon/roster/correct_day.hpp"
#include "daemon/roster/timetable.hpp"
#include "tests/unit/daemon/scratch_database.hpp"

namespace rollcall::roster {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

SessionRecord morning(int start, int end) {
  SessionRecord record;
  record.id = "S";
  record.course = "C";
  record.title = "French";
  record.room = "R1";
  record.weekdays = "mon tue";
  record.first_day = "2026-03-02";
  record.last_day = "2026-06-30";
  record.start_minute = start;
  record.end_minute = end;
  record.half_day = "am";
  return record;
}

// Mondays and Tuesdays from the 2nd of March on.
struct DaysGoneBy : ::testing::Test {
  testing::ScratchDatabase scratch;
  store::Database db{scratch.path(), store::Database::Mode::read_write};

  std::vector<std::string> read(const std::string& today, std::vector<Content> contents,
                                const std::string& source = "files") {
    Reading reading{.source = source};
    for (Content& content : contents)
      reading.records.push_back({std::move(content), false, {"f.csv", 2}});
    std::vector<std::string> problems;
    for (const Problem& problem : apply(db, reading, {1000, today}).problems)
      problems.push_back(problem.what);
    return problems;
  }
  static SessionDayRecord day(const std::string& when, bool cancelled, int start, int end) {
    return {"S", when, cancelled, start, end, {}, {}, {}};
  }
  std::string hours(const std::string& when) {
    const auto session = session_on(db, "S", when);
    if (!session) return "none";
    return std::to_string(session->start_minute) + "-" + std::to_string(session->end_minute) +
           (session->cancelled ? " cancelled" : "");
  }
  void moved(const std::string& person, const std::string& when) {
    db.prepare(
          "INSERT INTO movement (position, newest, fact, closes, person, day, time_ms, direction, "
          "room) SELECT n, n, n, 0, ?, ?, 1, 'in', '' FROM (SELECT 1 + count(*) AS n FROM "
          "movement)")
        .bind(person, when)
        .run();
  }
  std::vector<std::string> waiting() {
    std::vector<std::string> days;
    auto row = db.prepare("SELECT person || ' ' || day FROM unsettled ORDER BY 1");
    while (row.step()) days.push_back(row.text(0));
    return days;
  }
};

TEST_F(DaysGoneBy, KeepTheHoursTheyHadWhenTheSessionChanges) {
  read("2026-03-02", {morning(540, 750)});
  read("2026-03-10", {morning(600, 780)});
  EXPECT_EQ(hours("2026-03-02"), "540-750");
  EXPECT_EQ(hours("2026-03-09"), "540-750");
  EXPECT_EQ(hours("2026-03-10"), "600-780") << "today is not over";
  EXPECT_EQ(hours("2026-03-16"), "600-780");
  read("2026-04-01", {morning(480, 700)});
  EXPECT_EQ(hours("2026-03-09"), "540-750");
  EXPECT_EQ(hours("2026-03-31"), "600-780");
  EXPECT_EQ(hours("2026-04-06"), "480-700");
  EXPECT_THAT(sessions_on(db, "2026-03-31"), ::testing::SizeIs(1));
  EXPECT_TRUE(any_session_running(db, "2026-03-09", 545));
  EXPECT_FALSE(any_session_running(db, "2026-03-10", 545));
}

TEST_F(DaysGoneBy, OfChangesOnOneDayTheLastCountsFromThatDayOn) {
  read("2026-03-02", {morning(540, 750)});
  read("2026-03-10", {morning(600, 780)});
  read("2026-03-10", {morning(610, 790)});
  EXPECT_EQ(hours("2026-03-09"), "540-750");
  EXPECT_EQ(hours("2026-03-10"), "610-790");
}

TEST_F(DaysGoneBy, AreAsTheyWereWhenTheSessionEndsOrComesBackOtherwise) {
  SessionRecord another = morning(900, 960);
  another.id = "T";
  read("2026-03-02", {morning(540, 750), another});
  read("2026-03-10", {another});
  apply_held(db, std::nullopt, "desk-1", {1000, "2026-03-10"});
  EXPECT_EQ(hours("2026-03-09"), "540-750");
  EXPECT_EQ(hours("2026-03-10"), "none");
  read("2026-03-20", {morning(600, 780), another});
  EXPECT_EQ(hours("2026-03-09"), "540-750");
  EXPECT_EQ(hours("2026-03-17"), "none") << "it did not take place then";
  EXPECT_EQ(hours("2026-03-23"), "600-780");
}

TEST_F(DaysGoneBy, BeforeItBeginsASessionMayChangeAsItLikes) {
  read("2026-02-01", {morning(540, 750)});
  read("2026-02-20", {morning(600, 780)});
  EXPECT_EQ(hours("2026-03-02"), "600-780");
  auto rows = db.prepare("SELECT count(*) FROM session_before");
  rows.step();
  EXPECT_EQ(rows.integer(0), 0);
}

TEST_F(DaysGoneBy, ARowAboutADayThatIsOverIsSkippedAndNamed) {
  read("2026-03-02", {morning(540, 750)});
  const auto problems = read("2026-03-10", {morning(540, 750), day("2026-03-03", true, 540, 750),
                                            day("2026-03-10", false, 600, 780)});
  EXPECT_THAT(problems, ElementsAre(HasSubstr("that day is over and stays as it was")));
  EXPECT_EQ(hours("2026-03-03"), "540-750");
  EXPECT_EQ(hours("2026-03-10"), "600-780");
  // Said again, as a file does, it is nothing new.
  EXPECT_THAT(read("2026-03-20", {morning(540, 750), day("2026-03-10", false, 600, 780)}),
              IsEmpty());
}

TEST_F(DaysGoneBy, WhatNobodyHadNamedIsAddedAndConcludedAgain) {
  db.exec("INSERT INTO person (id, role) VALUES ('p-1', 'participant'), ('p-2', 'participant')");
  moved("p-1", "2026-03-02");
  moved("p-2", "2026-03-02");
  moved("p-1", "2026-02-27");
  read("2026-03-04", {morning(540, 750), EnrolmentRecord{"C", "p-1", {}, {}}});
  EXPECT_EQ(hours("2026-03-02"), "540-750");
  EXPECT_THAT(waiting(), ElementsAre("p-1 2026-03-02"));
  // A change does not: it counts from its day on.
  db.exec("DELETE FROM unsettled");
  read("2026-03-10", {morning(600, 780), EnrolmentRecord{"C", "p-1", {}, {}}});
  EXPECT_THAT(waiting(), IsEmpty());
}

TEST_F(DaysGoneBy, ACalendarWhoseWindowMovesLeavesNoRowsBehind) {
  SessionRecord session = morning(540, 750);
  session.weekdays = "";
  read("2026-03-02", {session, day("2026-03-02", false, 540, 750)}, "calendar:t");
  session.first_day = "2026-03-09";
  read("2026-03-10", {session, day("2026-03-02", false, 540, 750)}, "calendar:t");
  auto rows = db.prepare("SELECT count(*) FROM session_before");
  rows.step();
  EXPECT_EQ(rows.integer(0), 0);
  EXPECT_EQ(hours("2026-03-02"), "540-750");
}

struct CorrectDay : DaysGoneBy {
  CorrectDay() {
    read("2026-03-02", {morning(540, 750)});
    db.exec("INSERT INTO person (id, role) VALUES ('p-1', 'participant')");
    db.exec("INSERT INTO enrolment (course, person) VALUES ('C', 'p-1')");
    moved("p-1", "2026-03-02");
    moved("p-1", "2026-03-03");
    db.exec("DELETE FROM unsettled");
  }
  std::string refusal(const DayCorrection& wanted) {
    const auto done = correct_day(db, wanted, "2026-03-10");
    return done ? "" : done.error();
  }
};

TEST_F(CorrectDay, GivesADayGoneByOtherHoursAndConcludesItAgain) {
  EXPECT_EQ(correct_day(db, {"S", "2026-03-02", false, 570, 720}, "2026-03-10").value_or(-1), 1);
  EXPECT_EQ(hours("2026-03-02"), "570-720");
  EXPECT_EQ(hours("2026-03-03"), "540-750");
  EXPECT_THAT(waiting(), ElementsAre("p-1 2026-03-02"));
  // No source takes it back.
  read("2026-03-11", {morning(600, 780)});
  EXPECT_EQ(hours("2026-03-02"), "570-720");
}

TEST_F(CorrectDay, SaysThatADayGoneByDidNotTakePlace) {
  EXPECT_EQ(refusal({"S", "2026-03-02", true, {}, {}}), "");
  EXPECT_EQ(hours("2026-03-02"), "540-750 cancelled");
  EXPECT_EQ(refusal({"S", "2026-03-02", false, {}, {}}), "") << "and that it did";
  EXPECT_EQ(hours("2026-03-02"), "540-750");
}

TEST_F(CorrectDay, RefusesWhatIsNotOverNotThereOrClosed) {
  EXPECT_THAT(refusal({"S", "2026-03-10", true, {}, {}}), HasSubstr("not over"));
  EXPECT_THAT(refusal({"S", "2026-03-04", true, {}, {}}), HasSubstr("no such session"));
  EXPECT_THAT(refusal({"S", "yesterday", true, {}, {}}), HasSubstr("no date"));
  EXPECT_THAT(refusal({"S", "2026-03-02", false, 0, 1430}), HasSubstr("16 hours"));
  db.exec(
      "INSERT INTO sheet (session, day, id, version, closed) VALUES ('S', '2026-03-02', 'u', 1, "
      "9)");
  EXPECT_THAT(refusal({"S", "2026-03-02", true, {}, {}}), HasSubstr("closed"));
  EXPECT_EQ(hours("2026-03-02"), "540-750");
}

}  // namespace
}  // namespace rollcall::roster
