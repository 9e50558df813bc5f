#include "daemon/attendance/decision.hpp"

#include <gtest/gtest.h>

namespace rollcall::attendance {
namespace {

using protocol::Outcome;
using protocol::TerminalMode;

constexpr int at(int hour, int minute) {
  return hour * 60 + minute;
}

SessionToday morning() {
  return {"AM", "am", at(9, 0), at(12, 30), "bilan", std::nullopt, std::nullopt};
}
SessionToday afternoon() {
  return {"PM", "pm", at(13, 30), at(16, 30), "bilan", std::nullopt, std::nullopt};
}

Situation participant(int minute, std::vector<SessionToday> sessions) {
  Situation situation;
  situation.minute = minute;
  situation.sessions = std::move(sessions);
  return situation;
}

Situation here_since(Situation situation, int minute, std::optional<std::string> session) {
  situation.last = LastMovement{Direction::in, minute, std::move(session)};
  return situation;
}

TEST(Direction, FirstTapBeforeASessionIsAnArrivalForIt) {
  const Decision d = decide(participant(at(8, 45), {morning(), afternoon()}));
  EXPECT_EQ(d.outcome, Outcome::arrived);
  EXPECT_EQ(d.session->id, "AM");
  EXPECT_EQ(d.rule, "timetable");
}

TEST(Direction, LateArrivalIsStillAnArrival) {
  EXPECT_EQ(decide(participant(at(10, 40), {morning()})).outcome, Outcome::arrived);
}

TEST(Direction, SecondTapDuringTheSessionIsLeavingEarly) {
  const Decision d = decide(here_since(participant(at(11, 0), {morning()}), at(8, 50), "AM"));
  EXPECT_EQ(d.outcome, Outcome::left);
  EXPECT_EQ(d.session->id, "AM");
}

TEST(Direction, ForgottenLunchTapDoesNotTurnTheAfternoonRound) {
  const Decision d =
      decide(here_since(participant(at(13, 20), {morning(), afternoon()}), at(8, 50), "AM"));
  EXPECT_EQ(d.outcome, Outcome::arrived);
  EXPECT_EQ(d.session->id, "PM");
  // and the afternoon's exit is an exit
  const Decision exit =
      decide(here_since(participant(at(16, 31), {morning(), afternoon()}), at(13, 20), "PM"));
  EXPECT_EQ(exit.outcome, Outcome::left);
  EXPECT_EQ(exit.session->id, "PM");
}

TEST(Direction, LeavingAFewMinutesAfterTheMorningIsNotAnArrivalForTheAfternoon) {
  const Decision d =
      decide(here_since(participant(at(12, 36), {morning(), afternoon()}), at(8, 50), "AM"));
  EXPECT_EQ(d.outcome, Outcome::left);
  EXPECT_EQ(d.session->id, "AM");
}

TEST(Direction, ForgottenArrivalTapDoesNotMakeTheExitAnArrival) {
  const Decision d = decide(participant(at(12, 28), {morning()}));
  EXPECT_EQ(d.outcome, Outcome::left);
  EXPECT_EQ(d.session->id, "AM");
}

TEST(Direction, FirstTapAtTheEndOfTheMorningWithAnAfternoonToComeIsAnArrival) {
  auto early_afternoon = afternoon();
  early_afternoon.start_minute = at(13, 0);
  const Decision d = decide(participant(at(12, 50), {morning(), early_afternoon}));
  EXPECT_EQ(d.outcome, Outcome::arrived);
  EXPECT_EQ(d.session->id, "PM");
}

TEST(Direction, ComingBackAfterLeavingIsAnArrivalAgain) {
  auto situation = participant(at(10, 30), {morning()});
  situation.last = LastMovement{Direction::out, at(10, 0), "AM"};
  EXPECT_EQ(decide(situation).outcome, Outcome::arrived);
}

TEST(Direction, WithoutASessionTheReasonIsNamed) {
  auto somebody_elses = participant(at(10, 0), {});
  somebody_elses.any_session_running = true;
  EXPECT_EQ(decide(somebody_elses).no_session_reason, "not_enrolled");
  EXPECT_EQ(decide(participant(at(19, 0), {})).no_session_reason, "no_session");
  auto staff = participant(at(10, 0), {});
  staff.role = Role::staff;
  EXPECT_EQ(decide(staff).no_session_reason, "not_applicable");
  EXPECT_EQ(decide(staff).outcome, Outcome::arrived);
}

TEST(Direction, AGuardianAtTheChildcareDeskIsNotCheckedIntoTheCourseNextDoor) {
  auto guardian = participant(at(8, 50), {morning()});
  guardian.mode = TerminalMode::childcare;
  const Decision d = decide(guardian);
  EXPECT_EQ(d.outcome, Outcome::recorded);
  EXPECT_FALSE(d.direction);
}

TEST(Direction, ARepeatIsIgnoredBeforeAnythingElse) {
  auto twice = here_since(participant(at(8, 50), {morning()}), at(8, 50), "AM");
  twice.repeat = true;
  EXPECT_EQ(decide(twice).outcome, Outcome::repeat);
}

TEST(Direction, WithoutATimeOfDayNothingIsConcluded) {
  Situation no_clock;
  const Decision d = decide(no_clock);
  EXPECT_EQ(d.outcome, Outcome::recorded);
  EXPECT_EQ(d.no_session_reason, "time_unproven");
}

// Whatever the situation: a movement has a direction that matches its outcome, and a session or a
// reason.
TEST(Direction, EveryDecisionIsComplete) {
  for (int minute = 0; minute < 24 * 60; minute += 7) {
    for (const Role role :
         {Role::participant, Role::guardian, Role::child, Role::trainer, Role::staff}) {
      for (const TerminalMode mode :
           {TerminalMode::training, TerminalMode::childcare, TerminalMode::work_site}) {
        for (int last = 0; last < 3; ++last) {
          auto situation = participant(minute, {morning(), afternoon()});
          situation.role = role;
          situation.mode = mode;
          if (last > 0) {
            situation.last =
                LastMovement{last == 1 ? Direction::in : Direction::out, minute / 2, "AM"};
          }
          const Decision d = decide(situation);
          EXPECT_EQ(d.direction.has_value(),
                    d.outcome == Outcome::arrived || d.outcome == Outcome::left);
          EXPECT_NE(d.session.has_value(), !d.no_session_reason.empty());
          EXPECT_FALSE(d.rule.empty());
          EXPECT_FALSE(d.reason.empty());
        }
      }
    }
  }
}

TEST(Stated, AnArrivalCountsForTheSessionThatOpens) {
  const auto d = decide_stated(participant(at(8, 45), {morning(), afternoon()}), Direction::in);
  ASSERT_TRUE(d) << d.error();
  EXPECT_EQ(d->outcome, Outcome::arrived);
  EXPECT_EQ(d->session->id, "AM");
  EXPECT_EQ(d->rule, "staff");
}

TEST(Stated, AtTheEndOfASessionAnArrivalIsStillOne) {
  const auto d = decide_stated(participant(at(12, 20), {morning()}), Direction::in);
  ASSERT_TRUE(d) << d.error();
  EXPECT_EQ(d->direction, Direction::in);
  EXPECT_EQ(d->session->id, "AM");
}

TEST(Stated, WhoIsHereComesOnlyForTheNextSession) {
  const auto twice =
      decide_stated(here_since(participant(at(9, 5), {morning()}), at(8, 50), "AM"), Direction::in);
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error(), "this person is recorded as here already");
  const auto next =
      decide_stated(here_since(participant(at(13, 20), {morning(), afternoon()}), at(8, 50), "AM"),
                    Direction::in);
  ASSERT_TRUE(next) << next.error();
  EXPECT_EQ(next->session->id, "PM");
}

TEST(Stated, OnlyWhoIsHereCanLeave) {
  EXPECT_FALSE(decide_stated(participant(at(12, 30), {morning()}), Direction::out));
  const auto d = decide_stated(here_since(participant(at(11, 0), {morning()}), at(8, 50), "AM"),
                               Direction::out);
  ASSERT_TRUE(d) << d.error();
  EXPECT_EQ(d->outcome, Outcome::left);
  EXPECT_EQ(d->session->id, "AM");
}

TEST(Stated, ChildrenAndGuardiansAreNotForTheDesk) {
  for (const Role role : {Role::child, Role::guardian}) {
    Situation situation = participant(at(9, 0), {});
    situation.role = role;
    EXPECT_FALSE(decide_stated(situation, Direction::in));
  }
  Situation trainer = participant(at(9, 0), {});
  trainer.role = Role::trainer;
  EXPECT_TRUE(decide_stated(trainer, Direction::in));
}

}  // namespace
}  // namespace rollcall::attendance
