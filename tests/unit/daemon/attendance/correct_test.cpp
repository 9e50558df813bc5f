// What a tap was, as staff say it afterwards; and what they entered by mistake.
#include "daemon/attendance/correct.hpp"

#include "daemon/attendance/assist.hpp"
#include "tests/unit/daemon/attendance/recording.hpp"
#include "tests/unit/daemon/contract.hpp"

namespace rollcall::attendance::test {
namespace {

using nlohmann::json;
using rollcall::testing::tap;
using Result = std::expected<Corrected, std::string>;

struct Correct : Recording {
  static std::int64_t at(int hour, int minute) {
    return monday_0850 + (hour * 60 + minute - 530) * minute_ms;
  }
  // The id of the event of this type that was recorded `nth`, from 0.
  std::string id_of(const char* type, int nth = 0) {
    store::Database db(scratch.path(), store::Database::Mode::query_only);
    auto row =
        db.prepare("SELECT event_id FROM log WHERE type = ? ORDER BY position LIMIT 1 OFFSET ?");
    row.bind(type, nth);
    return row.step() ? row.text(0) : std::string("none");
  }
  Result say(const std::string& event, Was was, const std::string& reason = "Told at the desk.") {
    Result result;
    writer.run_now([&](store::Database& db) {
      result = correct(db, config, {event, was, reason, "desk-1"}, host);
    });
    return result;
  }
  std::string refusal(const std::string& event, Was was) {
    const Result result = say(event, was);
    return result ? "stated" : result.error();
  }
  std::expected<Assisted, std::string> enter(Direction direction, int hour, int minute,
                                             const std::string& day = "2026-03-02") {
    AssistRequest request;
    request.person = "p-1";
    request.direction = direction;
    request.cause = "forgotten";
    request.actor = "desk-1";
    request.reason = "Forgot to tap.";
    request.day = day;
    request.minute = hour * 60 + minute;
    std::expected<Assisted, std::string> result;
    writer.run_now(
        [&](store::Database& db) { result = record_assisted(db, config, request, host); });
    return result;
  }
  void settle_until(std::int64_t now_ms) {
    host.wall_ms = now_ms;
    writer.run_now([&](store::Database& db) {
      while (settle_due(db, config, host, 3)) {
      }
    });
  }
  // "in 08:55 S-AM, out 12:31 S-AM"
  std::string movements() {
    store::Database db(scratch.path(), store::Database::Mode::query_only);
    std::string all;
    auto row = db.prepare(
        "SELECT direction, time_ms, coalesce(session, '-'), closes FROM movement ORDER BY time_ms, "
        "closes");
    while (row.step()) {
      const int minute = TimeZone("Europe/Brussels").at(row.integer(1)).minute;
      const std::string two = (minute % 60 < 10 ? ":0" : ":") + std::to_string(minute % 60);
      all += (all.empty() ? "" : ", ") + row.text(0) + " " + std::to_string(minute / 60) + two +
             " " + row.text(2) + (row.integer(3) != 0 ? " (closed)" : "");
    }
    return all;
  }
  json newest() { return testing::newest_event(scratch.path(), "attendance.corrected"); }
};

TEST_F(Correct, ATapIsTurnedRoundAndTheEventSaysWhoAndWhy) {
  host.wall_ms = at(13, 0);
  take(tap(1, at(8, 55), card_1));
  take(tap(2, at(9, 30), card_1));  // passed by the door again: taken for an exit
  ASSERT_EQ(movements(), "in 8:55 S-AM, out 9:30 S-AM");
  const Result done = say(id_of("tap.recorded", 1), Was::in);
  ASSERT_TRUE(done) << done.error();
  EXPECT_EQ(done->person, "p-1");
  EXPECT_EQ(done->day, "2026-03-02");
  EXPECT_EQ(movements(), "in 8:55 S-AM, in 9:30 S-AM");
  const json told = newest();
  EXPECT_TRUE(testing::satisfies_contract(told)) << told.dump(1);
  EXPECT_EQ(told["subject"], "p-1");
  EXPECT_EQ(told["data"]["actor"], "desk-1");
  EXPECT_EQ(told["data"]["cause"], json({{"kind", "staff"}, {"text", "Told at the desk."}}));
  EXPECT_EQ(told["data"]["old"], json({{"direction", "out"}}));
  EXPECT_EQ(told["data"]["new"], json({{"direction", "in"}}));
  EXPECT_EQ(told["data"]["decided_by"]["rule"], "staff");
  EXPECT_EQ(told["data"]["method"], "card") << "it stays a tap";
}

TEST_F(Correct, TheSameAgainWritesNothing) {
  host.wall_ms = at(13, 0);
  take(tap(1, at(8, 55), card_1));
  take(tap(2, at(9, 30), card_1));
  ASSERT_TRUE(say(id_of("tap.recorded", 1), Was::in));
  const std::size_t written = types().size();
  const Result again = say(id_of("tap.recorded", 1), Was::in);
  ASSERT_TRUE(again) << again.error();
  EXPECT_FALSE(again->changed);
  EXPECT_EQ(types().size(), written);
}

TEST_F(Correct, ATapThatWasNoMovementIsSetAsideAndMayComeBack) {
  host.wall_ms = at(13, 0);
  take(tap(1, at(8, 55), card_1));
  take(tap(2, at(9, 30), card_1));
  const std::string passing = id_of("tap.recorded", 1);
  ASSERT_TRUE(say(passing, Was::none, "Another person had the card in hand."));
  EXPECT_EQ(movements(), "in 8:55 S-AM");
  EXPECT_EQ(newest()["data"]["new"], nullptr);
  EXPECT_EQ(newest()["data"]["decided_by"]["rule"], "staff");
  EXPECT_TRUE(testing::satisfies_contract(newest())) << newest().dump(1);
  EXPECT_FALSE(say(passing, Was::none)->changed);
  ASSERT_TRUE(say(passing, Was::out, "It was the person after all."));
  EXPECT_EQ(movements(), "in 8:55 S-AM, out 9:30 S-AM");
  EXPECT_EQ(newest()["data"]["old"], nullptr);
  EXPECT_EQ(newest()["data"]["new"]["direction"], "out");
  EXPECT_TRUE(testing::satisfies_contract(newest())) << newest().dump(1);
  EXPECT_EQ(types()[1], "attendance.arrived") << "nothing that was recorded has changed";
}

TEST_F(Correct, TapsAfterItGoOnFromWhatIsSaid) {
  host.wall_ms = at(13, 0);
  take(tap(1, at(8, 55), card_1));
  take(tap(2, at(9, 30), card_1));
  take(tap(3, at(10, 30), card_1));
  ASSERT_EQ(movements(), "in 8:55 S-AM, out 9:30 S-AM, in 10:30 S-AM");
  const Result done = say(id_of("tap.recorded", 1), Was::none);
  ASSERT_TRUE(done);
  EXPECT_EQ(done->conclusions, 2);
  EXPECT_EQ(movements(), "in 8:55 S-AM, out 10:30 S-AM");
}

TEST_F(Correct, ARepeatThatWasAMovementCountsWithWhoSaidSo) {
  host.wall_ms = at(13, 0);
  take(tap(1, at(8, 55), card_1));
  ASSERT_EQ(take(tap(2, at(8, 55) + 20'000, card_1)).outcome, protocol::Outcome::repeat);
  ASSERT_TRUE(say(id_of("tap.recorded", 1), Was::out));
  EXPECT_EQ(movements(), "in 8:55 S-AM, out 8:55 S-AM");
  EXPECT_EQ(newest()["data"]["corrects"], nullptr);
  EXPECT_EQ(newest()["data"]["actor"], "desk-1");
  EXPECT_TRUE(testing::satisfies_contract(newest())) << newest().dump(1);
}

TEST_F(Correct, WhatCannotBeIsRefusedAndNothingIsChanged) {
  host.wall_ms = at(13, 0);
  take(tap(1, at(8, 55), card_1));
  take(tap(2, at(9, 5), stranger));
  EXPECT_EQ(refusal("0195570a-6c00-733d-92a5-cdaa702d0229", Was::in),
            "there is no event with this id");
  EXPECT_EQ(refusal(id_of("attendance.arrived"), Was::in), "there is no such tap");
  EXPECT_EQ(refusal(id_of("tap.recorded", 1), Was::in),
            "nobody is known by this card; attach it to its person first");
  EXPECT_FALSE(say(id_of("tap.recorded"), Was::out, ""));
  const std::size_t written = types().size();
  host.wall_ms = at(32 * 24 + 9, 0);
  EXPECT_EQ(refusal(id_of("tap.recorded"), Was::out),
            "that day is too long ago; the last 31 days can be corrected");
  EXPECT_EQ(types().size(), written);
}

TEST_F(Correct, AnExitThatWasForgottenIsGivenForADayThatHasPassed) {
  host.wall_ms = at(9, 0);
  take(tap(1, at(8, 55), card_1));
  settle_until(at(24 + 8, 0));  // on Tuesday morning
  ASSERT_EQ(movements(), "in 8:55 S-AM, out 12:30 S-AM (closed)");
  const auto left = enter(Direction::out, 12, 40);
  ASSERT_TRUE(left) << left.error();
  EXPECT_EQ(left->session, "S-AM");
  EXPECT_EQ(movements(), "in 8:55 S-AM, out 12:40 S-AM");
  const json told = testing::newest_event(scratch.path(), "attendance.assisted");
  EXPECT_TRUE(testing::satisfies_contract(told)) << told.dump(1);
  EXPECT_EQ(told["data"]["reason"], "Forgot to tap.");
  EXPECT_EQ(told["data"]["half_day"]["date"], "2026-03-02");
  EXPECT_EQ(newest()["data"]["actor"], "desk-1") << "the closing is withdrawn by whom";
  EXPECT_EQ(enter(Direction::out, 12, 41).error(),
            "this person is not recorded as here; record how they came first");
}

TEST_F(Correct, ADayThatHasPassedHasItsOwnTimesAndBounds) {
  host.wall_ms = at(24 + 8, 0);
  EXPECT_TRUE(enter(Direction::in, 9, 0));
  EXPECT_EQ(enter(Direction::in, 9, 0, "2026-03-04").error(), "that day is still to come");
  EXPECT_EQ(enter(Direction::in, 9, 0, "2026-01-30").error(),
            "that day is too long ago; the last 31 days can be corrected");
  EXPECT_TRUE(enter(Direction::in, 9, 0, "2026-01-31"));
}

TEST_F(Correct, WhatStaffEnteredByMistakeIsTakenBackAndStaysInTheLog) {
  host.wall_ms = at(13, 0);
  take(tap(1, at(8, 55), card_1));
  ASSERT_TRUE(enter(Direction::out, 11, 0));
  const std::string entered = id_of("attendance.assisted");
  EXPECT_EQ(refusal(entered, Was::in),
            "what staff entered is taken back, and entered again as it was");
  const Result done = say(entered, Was::none, "Meant for another person.");
  ASSERT_TRUE(done) << done.error();
  EXPECT_EQ(movements(), "in 8:55 S-AM");
  EXPECT_EQ(newest()["data"]["corrects"], entered);
  EXPECT_EQ(newest()["data"]["new"], nullptr);
  EXPECT_EQ(newest()["data"]["cause"]["text"], "Meant for another person.");
  EXPECT_TRUE(testing::satisfies_contract(newest())) << newest().dump(1);
  EXPECT_FALSE(say(entered, Was::none)->changed);
  EXPECT_EQ(types().back(), "attendance.corrected");
  ASSERT_TRUE(enter(Direction::out, 12, 0)) << "and is entered again";
}

TEST_F(Correct, ATapAtAnUnknownTimeIsSetAsideAndNoDirectionIsMadeUp) {
  host.trust = protocol::ClockTrust::unproven;  // then nothing says when it was
  TapReport timeless = tap(1, 0, card_1);
  timeless.tap.trust = protocol::ClockTrust::unproven;
  ASSERT_EQ(take(timeless).outcome, protocol::Outcome::recorded);
  EXPECT_NE(refusal(id_of("tap.recorded"), Was::in).find("enter the movement with its time"),
            std::string::npos);
  const std::size_t written = types().size();
  const Result done = say(id_of("tap.recorded"), Was::none);
  ASSERT_TRUE(done) << done.error();
  EXPECT_TRUE(done->changed);
  EXPECT_EQ(types().size(), written) << "there was no conclusion to correct";
}

TEST_F(Correct, ManyAreRecordedEachByAnEventAndWhoCannotBeIsTold) {
  AssistRequest request;
  request.cause = "terminal_down";
  request.reason = "The door's terminal was down.";
  request.actor = "desk-1";
  take(tap(1, monday_0850, card_1));
  std::vector<AssistedPerson> all;
  writer.run_now([&](store::Database& db) {
    all = record_assisted(db, config, request, {"p-1", "p-2", "p-99"}, host);
  });
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].result.error(), "this person is recorded as here already");
  EXPECT_TRUE(all[1].result);
  EXPECT_EQ(all[2].result.error(), "nobody here has the id p-99");
  EXPECT_EQ(types(), (std::vector<std::string>{"tap.recorded", "attendance.arrived",
                                               "attendance.assisted"}));
  EXPECT_EQ(event(3)["data"]["method"], "assisted");
  EXPECT_EQ(event(3)["data"]["taps"].size(), 0u) << "it never looks like a tap";
}

}  // namespace
}  // namespace rollcall::attendance::test
