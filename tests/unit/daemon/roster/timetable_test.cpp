#include "daemon/roster/timetable.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/roster/identity.hpp"
#include "tests/unit/daemon/scratch_database.hpp"

namespace rollcall::roster {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// 2026-03-02 is a Monday.
struct Timetable : ::testing::Test {
  testing::ScratchDatabase scratch;
  store::Database db{scratch.path(), store::Database::Mode::read_write};

  void session(const std::string& id, const std::string& weekdays, int start, int end,
               const std::string& course = "C", const std::string& trainer = "t-1") {
    db.prepare(
          "INSERT INTO session (id, course, title, room, trainer, weekdays, first_day, last_day, "
          "start_min, end_min, half_day) VALUES (?, ?, 'Title', 'R1', ?, ?, '2026-03-01', "
          "'2026-03-31', ?, ?, 'am')")
        .bind(id, course, trainer, weekdays, start, end)
        .run();
  }
  void day(const std::string& columns, const std::string& values) {
    db.exec("INSERT INTO session_day (" + columns + ") VALUES (" + values + ")");
  }
  // "ID START-END", with what is special about it.
  static std::vector<std::string> words(const std::vector<SessionOn>& sessions) {
    std::vector<std::string> all;
    for (const SessionOn& s : sessions) {
      all.push_back(s.id + " " + std::to_string(s.start_minute) + "-" +
                    std::to_string(s.end_minute) + (s.cancelled ? " cancelled" : ""));
    }
    return all;
  }
  std::vector<std::string> on(const std::string& when) { return words(sessions_on(db, when)); }
};

TEST_F(Timetable, AWeeklySessionTakesPlaceOnItsWeekdaysFromItsFirstDayToItsLast) {
  session("S", "mon wed", 540, 750);
  EXPECT_THAT(on("2026-03-02"), ElementsAre("S 540-750"));
  EXPECT_THAT(on("2026-03-03"), IsEmpty());
  EXPECT_THAT(on("2026-03-30"), ElementsAre("S 540-750"));
  EXPECT_THAT(on("2026-02-23"), IsEmpty());
  EXPECT_THAT(on("2026-04-01"), IsEmpty());
}

TEST_F(Timetable, SessionsOfADayComeByStartThenId) {
  session("B", "mon", 540, 600);
  session("A", "mon", 540, 600);
  session("Z", "mon", 480, 500);
  EXPECT_THAT(on("2026-03-02"), ElementsAre("Z 480-500", "A 540-600", "B 540-600"));
}

TEST_F(Timetable, ACancelledDayIsThereAndSaysSo) {
  session("S", "mon", 540, 750);
  day("session, day, state", "'S', '2026-03-09', 'cancelled'");
  EXPECT_THAT(on("2026-03-02"), ElementsAre("S 540-750"));
  EXPECT_THAT(on("2026-03-09"), ElementsAre("S 540-750 cancelled"));
  EXPECT_FALSE(any_session_running(db, "2026-03-09", 600));
  EXPECT_TRUE(any_session_running(db, "2026-03-02", 600));
}

TEST_F(Timetable, ADayMayHaveOtherHoursAnotherRoomAndAnotherTrainer) {
  session("S", "mon", 540, 750);
  day("session, day, state, start_min, end_min, half_day, room, trainer",
      "'S', '2026-03-09', 'held', 840, 990, 'pm', 'R2', 't-2'");
  const auto moved = session_on(db, "S", "2026-03-09");
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->start_minute, 840);
  EXPECT_EQ(moved->half_day, "pm");
  EXPECT_EQ(moved->room, "R2");
  EXPECT_EQ(moved->trainer, "t-2");
  EXPECT_THAT(words(sessions_of(db, "t-2", "2026-03-09")), ElementsAre("S 840-990"));
  EXPECT_THAT(words(sessions_of(db, "t-1", "2026-03-09")), IsEmpty());
  EXPECT_THAT(words(sessions_of(db, "t-1", "2026-03-02")), ElementsAre("S 540-750"));
}

TEST_F(Timetable, ASessionWithoutWeekdaysTakesPlaceOnItsSingleDaysOnly) {
  session("S", "", 540, 750);
  day("session, day, state", "'S', '2026-03-07', 'held'");
  day("session, day, state", "'S', '2026-05-02', 'held'");
  EXPECT_THAT(on("2026-03-02"), IsEmpty());
  EXPECT_THAT(on("2026-03-07"), ElementsAre("S 540-750"));
  EXPECT_THAT(on("2026-05-02"), ElementsAre("S 540-750")) << "outside of first and last day";
}

TEST_F(Timetable, APersonHasTheSessionsOfTheirCoursesAndThoseTheyGive) {
  session("S1", "mon", 540, 600, "C1");
  session("S2", "mon", 600, 660, "C2", "t-9");
  session("S3", "mon", 660, 720, "C3");
  db.exec("INSERT INTO enrolment (course, person) VALUES ('C1', 'p-1'), ('C3', 'p-1')");
  EXPECT_THAT(words(sessions_of(db, "p-1", "2026-03-02")), ElementsAre("S1 540-600", "S3 660-720"));
  EXPECT_THAT(words(sessions_of(db, "t-9", "2026-03-02")), ElementsAre("S2 600-660"));
  EXPECT_THAT(sessions_of(db, "p-2", "2026-03-02"), IsEmpty());
}

TEST_F(Timetable, AnEnrolmentThatEndedHoldsForTheDaysUntilThen) {
  session("S", "mon", 540, 600);
  db.exec(
      "INSERT INTO enrolment (course, person, from_day, until_day) VALUES ('C', 'p-1', NULL, "
      "'2026-03-02'), ('C', 'p-2', '2026-03-09', NULL), ('C', 'p-3', NULL, NULL)");
  EXPECT_THAT(enrolled_on(db, "C", "2026-03-02"), ElementsAre("p-1", "p-3"));
  EXPECT_THAT(enrolled_on(db, "C", "2026-03-09"), ElementsAre("p-2", "p-3"));
  EXPECT_EQ(sessions_of(db, "p-1", "2026-03-02").size(), 1u);
  EXPECT_EQ(sessions_of(db, "p-1", "2026-03-09").size(), 0u);
  EXPECT_EQ(sessions_of(db, "p-2", "2026-03-02").size(), 0u);
  EXPECT_EQ(sessions_of(db, "p-2", "2026-03-09").size(), 1u);
}

TEST_F(Timetable, AClassOverMidnightBelongsToTheDayItBeginsOnAndRunsOnTheNext) {
  session("N", "mon", 1320, 1560);
  const auto night = session_on(db, "N", "2026-03-02");
  ASSERT_TRUE(night);
  EXPECT_EQ(night->day, "2026-03-02");
  EXPECT_EQ(night->end_minute, 1560);
  EXPECT_THAT(on("2026-03-03"), IsEmpty());
  EXPECT_TRUE(any_session_running(db, "2026-03-03", 119));
  EXPECT_FALSE(any_session_running(db, "2026-03-03", 121));
  EXPECT_FALSE(any_session_running(db, "2026-03-02", 60)) << "no class began on Sunday";
}

TEST_F(Timetable, WhatIsNoDateHasNoSessions) {
  session("S", "mon", 540, 750);
  for (const char* text : {"", "2026-3-2", "2026-02-30", "2026-13-01", "02.03.2026", "2026-03-02x",
                           "-026-03-02", "2026-00-10"}) {
    EXPECT_FALSE(is_day(text)) << text;
    EXPECT_THAT(on(text), IsEmpty()) << text;
    EXPECT_EQ(weekday_of(text), "") << text;
    EXPECT_EQ(day_after(text, 1), "") << text;
  }
}

TEST(Days, FollowEachOtherOverMonthsLeapDaysAndYears) {
  EXPECT_EQ(day_after("2026-02-28", 1), "2026-03-01");
  EXPECT_EQ(day_after("2028-02-28", 1), "2028-02-29");
  EXPECT_EQ(day_after("2026-12-31", 1), "2027-01-01");
  EXPECT_EQ(day_after("2026-01-01", -1), "2025-12-31");
  EXPECT_EQ(day_at("2026-03-01", 0), "2026-03-01");
  EXPECT_EQ(day_at("2026-03-01", 1439), "2026-03-01");
  EXPECT_EQ(day_at("2026-03-01", 1440), "2026-03-02");
  EXPECT_EQ(day_at("2026-03-01", -1), "2026-02-28");
  EXPECT_EQ(day_at("2026-03-01", -1440), "2026-02-28");
  EXPECT_EQ(weekday_of("2026-03-02"), "mon");
  EXPECT_EQ(weekday_of("2026-03-01"), "sun");
}

TEST_F(Timetable, OfTwoIdsThatWereMergedTheOneThatStaysCounts) {
  db.exec(
      "INSERT INTO merged (from_id, into_id, merged_ms) VALUES ('p-2', 'p-1', 5), ('p-3', 'p-1', "
      "4)");
  EXPECT_EQ(id_that_stays(db, "p-2"), "p-1");
  EXPECT_EQ(id_that_stays(db, "p-1"), "p-1");
  EXPECT_EQ(id_that_stays(db, "p-9"), "p-9");
  EXPECT_THAT(ids_of(db, "p-1"), ElementsAre("p-1", "p-3", "p-2"));
}

}  // namespace
}  // namespace rollcall::roster
