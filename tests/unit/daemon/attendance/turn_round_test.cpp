// Who tapped says that it was the other way: which word counts, and what stands in the log then.
#include "daemon/attendance/turn_round.hpp"

#include "daemon/attendance/local_time.hpp"
#include "daemon/attendance/person_day.hpp"
#include "tests/unit/daemon/attendance/recording.hpp"
#include "tests/unit/daemon/contract.hpp"

namespace rollcall::attendance::test {
namespace {

using nlohmann::json;
using protocol::Outcome;
using rollcall::testing::tap;

struct TurnRound : Recording {
  void SetUp() override {
    writer.run_now([](store::Database& db) { testing::register_terminal(db, "TC-2", "Hall"); });
  }

  static TurnRequest request_of(const TapReport& report, const Turnable& answer) {
    return {.tap = {report.serial, report.tap.epoch, report.tap.number},
            .to = answer.direction == Direction::in ? Direction::out : Direction::in,
            .answered_ms = answer.answered_ms};
  }
  // The tap, and what its answer offers to say instead.
  TurnRequest tapped(const TapReport& report) {
    const TapResult result = take(report);
    EXPECT_TRUE(result.turnable);
    return request_of(report, result.turnable.value_or(Turnable{}));
  }
  Turned turn(const TurnRequest& request) {
    Turned turned = Turned::no_movement;
    writer.run_now([&](store::Database& db) { turned = turn_round(db, config, request, host); });
    return turned;
  }
  void pass(std::chrono::milliseconds time) {
    host.monotonic_ms += static_cast<std::uint64_t>(time.count());
    host.wall_ms += time.count();
  }
  // "in S-AM", as the day is concluded from nothing.
  std::vector<std::string> day(const char* id = "p-1") {
    std::vector<std::string> all;
    writer.run_now([&](store::Database& db) {
      const PersonDay facts =
          read_day(db, config, TimeZone("Europe/Brussels"), *person_by_id(db, id), "2026-03-02");
      for (const DayMovement& m : conclude_day(facts.facts, host.wall_ms).movements) {
        all.push_back((m.decision.direction == Direction::in ? "in " : "out ") +
                      (m.decision.session ? m.decision.session->id : "-"));
      }
    });
    return all;
  }
  std::string presence() {
    store::Database db(scratch.path(), store::Database::Mode::query_only);
    auto row = db.prepare("SELECT direction FROM presence WHERE person = 'p-1'");
    return row.step() ? row.text(0) : "";
  }

  static constexpr std::int64_t quarter_to_end = monday_0850 + 215 * minute_ms;  // 12:25
};

TEST_F(TurnRound, IsACorrectionThatThePersonStated) {
  host.wall_ms = quarter_to_end;
  const TapReport report = tap(1, quarter_to_end, card_1);
  const TapResult answer = take(report);
  ASSERT_EQ(answer.outcome, Outcome::left) << "nobody saw them come";
  ASSERT_TRUE(answer.turnable);
  EXPECT_EQ(answer.turnable->time_ms, quarter_to_end);
  pass(std::chrono::seconds{3});
  ASSERT_EQ(turn(request_of(report, *answer.turnable)), Turned::done);

  EXPECT_EQ(types(),
            (std::vector<std::string>{"tap.recorded", "attendance.left", "attendance.corrected"}));
  const json corrected = event(3);
  EXPECT_TRUE(testing::satisfies_contract(corrected)) << corrected.dump(1);
  const json& data = corrected["data"];
  EXPECT_EQ(data["corrects"], event(2)["id"]);
  EXPECT_EQ(data["old"]["direction"], "out");
  EXPECT_EQ(data["new"]["direction"], "in");
  EXPECT_EQ(data["cause"]["kind"], "person");
  EXPECT_EQ(data["actor"], corrected["subject"]) << "nobody else";
  EXPECT_EQ(data["decided_by"]["rule"], "person");
  EXPECT_EQ(data["time"]["wall"], event(2)["data"]["time"]["wall"]);
  EXPECT_EQ(presence(), "in");
  EXPECT_EQ(day(), std::vector<std::string>{"in S-AM"});
}

TEST_F(TurnRound, WhatWasAnsweredStaysTheAnswerToAResend) {
  const TapReport report = tap(1, monday_0850, card_1);
  ASSERT_EQ(turn(tapped(report)), Turned::done);
  EXPECT_EQ(presence(), "out");
  const TapResult again = take(report);
  EXPECT_TRUE(again.resend);
  EXPECT_EQ(again.outcome, Outcome::arrived);
  EXPECT_FALSE(again.turnable) << "only the first answer offers it";
}

TEST_F(TurnRound, ASecondPressChangesNothing) {
  const TurnRequest request = tapped(tap(1, monday_0850, card_1));
  ASSERT_EQ(turn(request), Turned::done);
  EXPECT_EQ(turn(request), Turned::already);
  TurnRequest back = request;
  back.to = Direction::in;
  EXPECT_EQ(turn(back), Turned::no_movement);
  EXPECT_EQ(types().size(), 3u);
  EXPECT_EQ(presence(), "out");
}

TEST_F(TurnRound, WhatComesTooLateChangesNothing) {
  const TurnRequest request = tapped(tap(1, monday_0850, card_1));
  pass(turn_limit + std::chrono::milliseconds{1});
  EXPECT_EQ(turn(request), Turned::too_late);
  EXPECT_EQ(types().size(), 2u);
  pass(std::chrono::milliseconds{-1});
  EXPECT_EQ(turn(request), Turned::done);
}

TEST_F(TurnRound, AWallClockThatJumpsIsNoTimeThatPassed) {
  const TurnRequest request = tapped(tap(1, monday_0850, card_1));
  host.wall_ms += 60 * minute_ms;
  EXPECT_EQ(turn(request), Turned::done);
}

TEST_F(TurnRound, OnlyTheNewestTapOfAPlaceIsTurned) {
  const TurnRequest request = tapped(tap(1, monday_0850, card_1));
  take(tap(5, monday_0850, stranger, "TC-2"));
  take(tap(2, monday_0850, stranger));
  EXPECT_EQ(turn(request), Turned::another_tap);
  EXPECT_EQ(presence(), "in");
}

TEST_F(TurnRound, AnotherPlaceHasItsOwnTaps) {
  const TurnRequest request = tapped(tap(1, monday_0850, card_1));
  take(tap(9, monday_0850, stranger, "TC-2"));
  EXPECT_EQ(turn(request), Turned::done);
}

TEST_F(TurnRound, WhatIsNoMovementOfALiveTapHasNoOtherWay) {
  const auto has_none = [&](const TapReport& report) {
    const TapResult answer = take(report);
    const Turnable made_up{Direction::in, monday_0850, host.monotonic_ms};
    return !answer.turnable && turn(request_of(report, made_up)) == Turned::no_movement;
  };
  TapReport queued = tap(1, monday_0850 - minute_ms, card_1);
  queued.live = false;
  EXPECT_TRUE(has_none(queued)) << "the person is long gone";
  EXPECT_TRUE(has_none(tap(2, monday_0850, card_1))) << "a repeat";
  EXPECT_TRUE(has_none(tap(3, monday_0850, stranger))) << "nobody's";
  EXPECT_TRUE(has_none(tap(4, monday_0850, card_1, "CH-1"))) << "childcare";
  EXPECT_EQ(turn(request_of(tap(7, 0, card_1), {})), Turned::no_movement) << "not known here";
  EXPECT_EQ(presence(), "in");
}

TEST_F(TurnRound, StaffOfTheChildcareHaveNoneThereEither) {
  writer.run_now(
      [](store::Database& db) { db.exec("UPDATE person SET role = 'staff' WHERE id = 'p-1'"); });
  const TapResult answer = take(tap(1, monday_0850, card_1, "CH-1"));
  EXPECT_EQ(answer.outcome, Outcome::arrived);
  EXPECT_FALSE(answer.turnable);
}

TEST_F(TurnRound, AProgrammeThatCountsArrivalsAloneHasNoOtherWay) {
  Decision decision;
  decision.direction = Direction::in;
  EXPECT_TRUE(may_turn(protocol::TerminalMode::training, decision));
  decision.session = SessionToday{.id = "S",
                                  .half_day = "am",
                                  .start_minute = 540,
                                  .end_minute = 750,
                                  .programme = {},
                                  .grant = {},
                                  .contract = {}};
  EXPECT_TRUE(may_turn(protocol::TerminalMode::training, decision));
  decision.session->exit_expected = false;
  EXPECT_FALSE(may_turn(protocol::TerminalMode::training, decision));
}

TEST_F(TurnRound, TheNextTapGoesOnFromTheWord) {
  ASSERT_EQ(turn(tapped(tap(1, monday_0850, card_1))), Turned::done);
  pass(std::chrono::minutes{20});
  EXPECT_EQ(take(tap(2, host.wall_ms, card_1)).outcome, Outcome::arrived);
  EXPECT_EQ(day(), (std::vector<std::string>{"out -", "in S-AM"}));
}

TEST_F(TurnRound, ALateTapLeavesTheWordAsItIs) {
  ASSERT_EQ(turn(tapped(tap(2, monday_0850, card_1))), Turned::done);
  TapReport older = tap(1, monday_0850 - 30 * minute_ms, card_1);
  older.live = false;
  EXPECT_EQ(take(older).outcome, Outcome::arrived);
  EXPECT_EQ(day(), (std::vector<std::string>{"in S-AM", "out S-AM"}));
  EXPECT_EQ(presence(), "out");
}

}  // namespace
}  // namespace rollcall::attendance::test
