// Days as they happen at a training centre, and what they come to.
#include "daemon/attendance/day.hpp"

#include <gtest/gtest.h>

#include "tests/unit/daemon/attendance/told_day.hpp"

namespace rollcall::attendance {
namespace {

using enum Direction;

TEST(Day, FourTapsMakeTwoHalfDays) {
  const auto day = ToldDay().whole_day().tap("08:55").tap("12:31").tap("13:25").tap("16:32");
  EXPECT_EQ(day.movements(), "in 08:55 AM, out 12:31 AM, in 13:25 PM, out 16:32 PM");
  EXPECT_EQ(day.lines(), "AM 210, PM 180");
}

TEST(Day, NobodyTappedIsAbsent) {
  EXPECT_EQ(ToldDay().whole_day().lines(), "AM absent, PM absent");
}

TEST(Day, AnAbsenceWithAReasonOnFileIsExcused) {
  EXPECT_EQ(ToldDay().whole_day().lines("47:00", {"PM"}), "AM absent, PM excused");
}

TEST(Day, WhoCameIsPresentAlthoughAReasonWasOnFile) {
  EXPECT_EQ(ToldDay().whole_day().tap("13:25").tap("16:30").lines("47:00", {"PM"}),
            "AM absent, PM 180");
}

TEST(Day, LateAndEarlyAreMarkedFromElevenMinutesOn) {
  EXPECT_EQ(ToldDay().whole_day().tap("09:10").tap("12:20").lines(), "AM 190, PM absent");
  EXPECT_EQ(ToldDay().whole_day().tap("09:11").tap("12:19").lines(),
            "AM late early 188, PM absent");
}

TEST(Day, LeavingForAnHourAndComingBackCountsWhatWasSeen) {
  const auto day = ToldDay().whole_day().tap("09:00").tap("10:00").tap("11:00").tap("12:30");
  EXPECT_EQ(day.movements(), "in 09:00 AM, out 10:00 AM, in 11:00 AM, out 12:30 AM");
  EXPECT_EQ(day.lines(), "AM 150, PM absent");
}

// Forgotten taps ------------------------------------------------------------------------------

TEST(ForgottenTap, TheLunchExitTurnsNothingRound) {
  const auto day = ToldDay().whole_day().tap("08:55").tap("13:25").tap("16:32");
  EXPECT_EQ(day.movements(), "in 08:55 AM, (out 12:30 AM), in 13:25 PM, out 16:32 PM");
  EXPECT_EQ(day.lines(), "AM 0+210? no exit, PM 180");
}

TEST(ForgottenTap, TheLunchReturnTurnsNothingRound) {
  const auto day = ToldDay().whole_day().tap("08:55").tap("12:31").tap("16:32");
  EXPECT_EQ(day.movements(), "in 08:55 AM, out 12:31 AM, out 16:32 PM");
  EXPECT_EQ(day.lines(), "AM 210, PM 0+180? no arrival");
}

TEST(ForgottenTap, TheLunchReturnOfSomebodyWhoLeavesBeforeTheEndTurnsNothingRound) {
  EXPECT_EQ(ToldDay().whole_day().tap("08:55").tap("12:31").tap("16:20").movements(),
            "in 08:55 AM, out 12:31 AM, out 16:20 PM");
}

TEST(ForgottenTap, BothLunchTapsLeaveBothHalfDaysToBeConfirmed) {
  const auto day = ToldDay().whole_day().tap("08:55").tap("16:32");
  EXPECT_EQ(day.movements(), "in 08:55 AM, (out 12:30 AM), out 16:32 PM");
  EXPECT_EQ(day.lines(), "AM 0+210? no exit, PM 0+180? no arrival");
}

TEST(ForgottenTap, BothLunchTapsAndAnEarlyExitIsAnExit) {
  EXPECT_EQ(ToldDay().whole_day().tap("08:55").tap("16:18").movements(),
            "in 08:55 AM, (out 12:30 AM), out 16:18 PM");
}

TEST(ForgottenTap, TheMorningArrivalDoesNotMakeTheExitAnArrival) {
  const auto day = ToldDay().whole_day().tap("12:28").tap("13:25").tap("16:32");
  EXPECT_EQ(day.movements(), "out 12:28 AM, in 13:25 PM, out 16:32 PM");
  EXPECT_EQ(day.lines(), "AM 0+208? no arrival, PM 180");
}

TEST(ForgottenTap, TheMorningArrivalOfSomebodyWhoLeavesAMinuteLateTurnsNothingRound) {
  EXPECT_EQ(ToldDay().whole_day().tap("12:31").tap("13:25").tap("16:32").movements(),
            "out 12:31 AM, in 13:25 PM, out 16:32 PM");
}

TEST(ForgottenTap, TheEveningExitIsClosedAtTheEndAndFlagged) {
  const auto day = ToldDay().whole_day().tap("08:55").tap("12:31").tap("13:25");
  EXPECT_EQ(day.movements(), "in 08:55 AM, out 12:31 AM, in 13:25 PM, (out 16:30 PM)");
  EXPECT_EQ(day.lines(), "AM 210, PM 0+180? no exit");
}

TEST(ForgottenTap, NothingIsClosedBeforeItIsDue) {
  const auto day = ToldDay().whole_day().tap("13:25");
  EXPECT_EQ(day.movements("17:29"), "in 13:25 PM");
  EXPECT_EQ(day.lines("15:00"), "AM absent, PM here 90");
  EXPECT_EQ(day.movements("17:30"), "in 13:25 PM, (out 16:30 PM)");
  EXPECT_EQ(day.concluded("15:00").closes_ms, ToldDay::at("17:30"));
  EXPECT_FALSE(day.concluded("17:30").closes_ms);
}

TEST(ForgottenTap, AnExitThatComesLateTakesThePlaceOfTheClosing) {
  const auto day = ToldDay().whole_day().tap("13:25").tap("18:10");
  EXPECT_EQ(day.movements(), "in 13:25 PM, out 18:10 PM");
  EXPECT_EQ(day.lines(), "AM absent, PM 0+180? no exit") << "so late it says nothing of 16:30";
}

TEST(ForgottenTap, WithoutATimetableTheDayIsClosedAtMidnightWithoutMinutes) {
  const auto day = ToldDay().tap("10:00");
  EXPECT_EQ(day.movements("23:00"), "in 10:00");
  EXPECT_EQ(day.movements("24:00"), "in 10:00, (out 23:59)");
  EXPECT_EQ(day.concluded("24:00").stays.front().end_ms, ToldDay::at("10:00"));
}

TEST(ForgottenTap, AfterAWholeMorningOutTheAfternoonIsUnaffected) {
  const auto day =
      ToldDay().whole_day().tap("08:55").tap("10:00").tap("12:30").tap("13:25").tap("16:31");
  EXPECT_EQ(day.movements(), "in 08:55 AM, out 10:00 AM, out 12:30 AM, in 13:25 PM, out 16:31 PM");
  EXPECT_EQ(day.lines(), "AM 60+150? no arrival, PM 180");
}

TEST(ForgottenTap, OfTheMorningInAnEveningCourseTurnsNothingRound) {
  auto day =
      ToldDay().session("AM", "am", "09:00", "12:30").session("EVE", "eve", "17:30", "20:00");
  day.tap("08:50").tap("17:20").tap("20:01");
  EXPECT_EQ(day.movements(), "in 08:50 AM, (out 12:30 AM), in 17:20 EVE, out 20:01 EVE");
}

// Places ------------------------------------------------------------------------------------------

TEST(TwoTerminals, TheDoorAndThenTheRoomIsOneArrival) {
  const auto day =
      ToldDay().whole_day().tap("08:55", "DOOR").tap("08:57", "ROOM", "Room Senne").tap("12:31");
  EXPECT_EQ(day.movements(), "in 08:55 AM, in 08:57 AM, out 12:31 AM");
  EXPECT_EQ(day.lines(), "AM 210, PM absent");
}

TEST(TwoTerminals, TheRoomAndThenTheDoorIsOneExitAlthoughTheAfternoonIsOpen) {
  const auto day = ToldDay()
                       .whole_day()
                       .tap("08:55")
                       .tap("12:31", "ROOM", "Room Zenne")
                       .tap("12:33", "DOOR")
                       .tap("13:25")
                       .tap("16:31");
  EXPECT_EQ(day.movements(), "in 08:55 AM, out 12:31 AM, out 12:33 AM, in 13:25 PM, out 16:31 PM");
  EXPECT_EQ(day.lines(), "AM 210, PM 180");
}

TEST(TwoTerminals, FromOneRoomIntoTheRoomOfTheNextSessionIsAnArrivalThere) {
  auto day = ToldDay()
                 .session("AM", "am", "09:00", "12:30", "Room A")
                 .session("PM", "pm", "12:40", "16:00", "Room B");
  day.tap("08:55", "A", "Room A")
      .tap("12:31", "A", "Room A")
      .tap("12:38", "B", "Room B")
      .tap("16:01", "B", "Room B");
  EXPECT_EQ(day.movements(), "in 08:55 AM, out 12:31 AM, in 12:38 PM, out 16:01 PM");
}

TEST(TwoTerminals, AQuarterOfAnHourLaterItIsAnExit) {
  EXPECT_EQ(ToldDay().whole_day().tap("08:55", "DOOR").tap("09:10", "ROOM").movements("10:00"),
            "in 08:55 AM, out 09:10 AM");
}

TEST(TwoTerminals, AtTheEndOfASessionItIsAnExit) {
  EXPECT_EQ(ToldDay().whole_day().tap("12:14", "DOOR").tap("12:20", "ROOM").movements(),
            "in 12:14 AM, out 12:20 AM");
}

TEST(Place, AGuardianTapAtTheChildcareDeskIsNoMovement) {
  auto day = ToldDay().whole_day().tap("08:50", "CARE");
  day.facts.facts[0].mode = protocol::TerminalMode::childcare;
  EXPECT_EQ(day.movements(), "");
  EXPECT_EQ(day.concluded("47:00").decisions[0].outcome, protocol::Outcome::recorded);
}

// Tapping twice -----------------------------------------------------------------------------------

TEST(DoubleTap, TheSameCardWithinTheWindowIsARepeat) {
  const auto day = ToldDay().whole_day().tap("08:55:00").tap("08:55:58").tap("12:31");
  EXPECT_EQ(day.movements(), "in 08:55 AM, out 12:31 AM");
  EXPECT_EQ(day.concluded("47:00").decisions[1].outcome, protocol::Outcome::repeat);
}

TEST(DoubleTap, TheWindowIsMeasuredFromTheTapThatCounted) {
  EXPECT_EQ(
      ToldDay().whole_day().tap("09:00:00").tap("09:00:50").tap("09:01:40").movements("10:00"),
      "in 09:00 AM, out 09:01 AM");
}

TEST(DoubleTap, AfterTheExitASecondExitTapStaysAnExit) {
  const auto day =
      ToldDay().whole_day().tap("08:55").tap("12:30").tap("12:33").tap("13:25").tap("16:31");
  EXPECT_EQ(day.movements(), "in 08:55 AM, out 12:30 AM, out 12:33 AM, in 13:25 PM, out 16:31 PM");
  EXPECT_EQ(day.lines(), "AM 210, PM 180");
}

TEST(Day, WhoComesBackEarlyAfterLunchIsHereForTheAfternoon) {
  const auto day = ToldDay().whole_day().tap("08:55").tap("12:30").tap("12:50").tap("16:31");
  EXPECT_EQ(day.movements(), "in 08:55 AM, out 12:30 AM, in 12:50 PM, out 16:31 PM");
}

TEST(DoubleTap, WithNoOtherSessionASecondExitTapStaysAnExit) {
  const auto day =
      ToldDay().session("AM", "am", "09:00", "12:30").tap("08:55").tap("12:30").tap("12:33");
  EXPECT_EQ(day.movements(), "in 08:55 AM, out 12:30 AM, out 12:33 AM");
  EXPECT_EQ(day.lines(), "AM 210");
}

TEST(DoubleTap, ALateTapFromTheQueueMakesTheFormerFirstARepeat) {
  auto day = ToldDay().whole_day().tap("08:55:40").tap("08:55:10");
  EXPECT_EQ(day.concluded("10:00").decisions[0].outcome, protocol::Outcome::repeat);
  EXPECT_EQ(day.concluded("10:00").decisions[1].outcome, protocol::Outcome::arrived);
}

// What people say ---------------------------------------------------------------------------------

TEST(Turned, TheOtherWayIsTakenAndWhatFollowsRestsOnIt) {
  const auto day = ToldDay().whole_day().tap("12:05").turned(out).tap("13:25").tap("16:31");
  EXPECT_EQ(day.movements(), "out 12:05 AM, in 13:25 PM, out 16:31 PM");
  EXPECT_EQ(day.lines(), "AM early 0+185? no arrival, PM 180");
}

TEST(Turned, AnExitThatWasAnArrivalLeavesThePersonHere) {
  EXPECT_EQ(ToldDay().whole_day().tap("08:55").tap("10:00").turned(in).movements("11:00"),
            "in 08:55 AM, in 10:00 AM");
}

TEST(Stated, StaffTakeTheCardlessInAndTapsGoOn) {
  const auto day = ToldDay().whole_day().stated(in, "08:50").tap("12:31");
  EXPECT_EQ(day.movements(), "in 08:50 AM, out 12:31 AM");
  EXPECT_EQ(day.lines(), "AM 210, PM absent");
}

TEST(Stated, AForgottenExitThatStaffAddMakesTheMorningCount) {
  const auto day =
      ToldDay().whole_day().tap("08:55").tap("13:25").tap("16:31").stated(out, "12:30");
  EXPECT_EQ(day.movements(), "in 08:55 AM, out 12:30 AM, in 13:25 PM, out 16:31 PM");
  EXPECT_EQ(day.lines(), "AM 210, PM 180");
}

TEST(Stated, AForgottenArrivalThatStaffAddTurnsNothingRound) {
  const auto day = ToldDay().whole_day().tap("12:31").stated(in, "09:20");
  EXPECT_EQ(day.movements(), "in 09:20 AM, out 12:31 AM");
  EXPECT_EQ(day.lines(), "AM late 190, PM absent");
}

// Programmes --------------------------------------------------------------------------------------

TEST(Programme, ThatCountsArrivalsAloneAsksForNoExit) {
  const auto day = ToldDay().whole_day().arrivals_only().tap("08:55").tap("13:25");
  EXPECT_EQ(day.lines(), "AM 210, PM 180");
  EXPECT_EQ(day.movements(), "in 08:55 AM, (out 12:30 AM), in 13:25 PM, (out 16:30 PM)");
}

TEST(Programme, ThatCountsArrivalsAloneTakesASecondTapAsARepeat) {
  const auto day = ToldDay().whole_day().arrivals_only().tap("08:55").tap("12:31");
  EXPECT_EQ(day.concluded("12:40").decisions[1].outcome, protocol::Outcome::repeat);
  EXPECT_EQ(day.lines(), "AM 210, PM absent");
}

TEST(Programme, ThatCountsArrivalsAloneCountsALateOneFromThen) {
  EXPECT_EQ(ToldDay().whole_day().arrivals_only().tap("10:00").lines(), "AM late 150, PM absent");
}

// Sessions
// ------------------------------------------------------------------------------------------

TEST(Sessions, TwoModulesOfOneMorningNeedNoTapBetweenThem) {
  auto day = ToldDay().session("M1", "am", "09:00", "10:30").session("M2", "am", "10:45", "12:30");
  day.tap("08:55").tap("12:31");
  EXPECT_EQ(day.movements(), "in 08:55 M1, out 12:31 M2");
  EXPECT_EQ(day.lines(), "M1 90, M2 105");
}

TEST(Sessions, TwoAtTheSameTimeNeverCountTheSameMinuteTwice) {
  auto day = ToldDay().session("A", "am", "09:00", "12:00").session("B", "am", "10:00", "13:00");
  day.tap("08:55").tap("13:01");
  EXPECT_EQ(day.lines(), "A 180, B 60");
}

TEST(Sessions, AClassOverMidnightIsOneHalfDay) {
  auto day = ToldDay().session("NIGHT", "eve", "22:00", "26:00").tap("21:55").tap("26:02");
  EXPECT_EQ(day.movements(), "in 21:55 NIGHT, out 26:02 NIGHT");
  EXPECT_EQ(day.lines(), "NIGHT 240");
}

TEST(Sessions, AClassOverMidnightIsClosedAtItsEnd) {
  auto day = ToldDay().session("NIGHT", "eve", "22:00", "26:00").tap("21:55");
  EXPECT_EQ(day.movements("26:59"), "in 21:55 NIGHT");
  EXPECT_EQ(day.movements("27:00"), "in 21:55 NIGHT, (out 26:00 NIGHT)");
}

TEST(Sessions, WhoComesTwoHoursEarlyIsHereForTheSessionToo) {
  const auto day = ToldDay().whole_day().tap("07:00").tap("12:31");
  EXPECT_EQ(day.movements(), "in 07:00, out 12:31 AM");
  EXPECT_EQ(day.lines(), "AM 210, PM absent");
}

TEST(Sessions, WhoComesTwoHoursEarlyAndForgetsToTapIsClosedWithTheMorning) {
  const auto day = ToldDay().whole_day().tap("07:00").tap("13:25").tap("16:31");
  EXPECT_EQ(day.movements(), "in 07:00, (out 12:30), in 13:25 PM, out 16:31 PM");
  EXPECT_EQ(day.lines(), "AM 0+210? no exit, PM 180");
}

TEST(Sessions, DropInVisitsOfSomebodyWithoutATimetable) {
  EXPECT_EQ(ToldDay().tap("10:00").tap("11:30").tap("15:00").tap("15:40").movements(),
            "in 10:00, out 11:30, in 15:00, out 15:40");
}

TEST(Sessions, ATapOfSomebodyHereAfterTheEndIsAnExitUntilTheNextIsNearer) {
  EXPECT_EQ(ToldDay().whole_day().tap("08:55").tap("12:59").movements("12:59"),
            "in 08:55 AM, out 12:59 AM");
  EXPECT_EQ(ToldDay().whole_day().tap("08:55").tap("13:01").movements("13:01"),
            "in 08:55 AM, (out 12:30 AM), in 13:01 PM");
}

TEST(Sessions, WhoCameEarlyAndTapsWhenItHasBegunIsNotLeaving) {
  EXPECT_EQ(ToldDay().whole_day().tap("07:00").tap("09:03").movements("10:00"),
            "in 07:00, in 09:03 AM");
}

// Doubtful time
// -------------------------------------------------------------------------------------

TEST(BracketedTime, ThatComesToTheSameIsJudgedLikeATime) {
  EXPECT_EQ(ToldDay().whole_day().between("08:50", "08:54").tap("12:31").movements(),
            "in 08:54 AM, out 12:31 AM");
}

TEST(BracketedTime, ThatDoesNotIsRecordedAndMovesNobody) {
  const auto day = ToldDay().whole_day().between("12:13", "12:17");
  EXPECT_EQ(day.movements(), "");
  EXPECT_EQ(day.concluded("47:00").decisions[0].no_session_reason, "time_unproven");
}

TEST(BracketedTime, WithAnotherTapInsideItIsRecordedOnly) {
  const auto day = ToldDay().whole_day().tap("08:52").between("08:50", "08:54");
  EXPECT_EQ(day.movements("10:00"), "in 08:52 AM");
}

}  // namespace
}  // namespace rollcall::attendance
