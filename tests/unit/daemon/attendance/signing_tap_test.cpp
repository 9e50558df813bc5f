// Taps that are made to sign a half-day: no movements.
#include "tests/unit/daemon/attendance/recording.hpp"
#include "tests/unit/daemon/contract.hpp"

namespace rollcall::attendance {
namespace {

using protocol::Outcome;
using rollcall::testing::tap;
using test::minute_ms;
using test::monday_0850;

struct SigningTap : test::Recording {
  static std::int64_t at(int hour, int minute) {
    return monday_0850 + (hour * 60 + minute - 530) * minute_ms;
  }
  static TapReport made(std::uint64_t number, std::int64_t wall_ms,
                        const std::array<std::uint8_t, 4>& chip) {
    TapReport report = tap(number, wall_ms, chip);
    report.tap.monotonic_ms =
        static_cast<std::uint64_t>(wall_ms - monday_0850 + 60 * minute_ms * 24);
    return report;
  }
  TapResult take_at(std::uint64_t number, std::int64_t wall_ms, const char* asked = nullptr,
                    SigningForms place = {.drawn = false, .tap = true}) {
    host.wall_ms = wall_ms;
    TapReport report = made(number, wall_ms, card_1);
    if (asked != nullptr) report.asked = asked;
    report.signing = place;
    return take(report);
  }
  std::string movements() {
    store::Database db(scratch.path(), store::Database::Mode::query_only);
    std::string all;
    auto row = db.prepare("SELECT direction FROM movement ORDER BY time_ms");
    while (row.step()) all += row.text(0) + " ";
    return all;
  }
};

TEST_F(SigningTap, TheCardThatWasAskedForIsRecordedAndMovesNobody) {
  EXPECT_EQ(take_at(1, at(8, 50)).outcome, Outcome::arrived);
  EXPECT_EQ(take_at(2, at(12, 31)).outcome, Outcome::left);
  // Long after the double-tap window: an arrival, by the rules of the day.
  const TapResult answer = take_at(3, at(12, 50), "p-1");
  EXPECT_TRUE(answer.answers);
  EXPECT_EQ(answer.outcome, Outcome::recorded);
  EXPECT_EQ(movements(), "in out ");
  const auto told = testing::newest_event(scratch.path(), "tap.recorded");
  EXPECT_TRUE(testing::satisfies_contract(told)) << told.dump(1);
  EXPECT_EQ(told["data"]["signing"], true);
}

TEST_F(SigningTap, ADayThatIsConcludedAgainStillDoesNotCountIt) {
  take_at(1, at(8, 50));
  take_at(2, at(12, 20), "p-1");
  take_at(3, at(12, 31));
  EXPECT_EQ(movements(), "in out ");
  host.wall_ms = at(14, 0);
  TapReport late = made(9, at(12, 0), card_1);  // out of the queue
  late.live = false;
  take(late);
  EXPECT_EQ(movements(), "in out out ");
}

TEST_F(SigningTap, SomebodyElsesCardIsTheirsAndAnswersNothing) {
  const TapResult theirs = take_at(1, at(8, 50), "p-2");
  EXPECT_FALSE(theirs.answers);
  EXPECT_EQ(theirs.outcome, Outcome::arrived);
}

TEST_F(SigningTap, ATapOutOfTheQueueAnswersNothing) {
  TapReport queued = tap(1, monday_0850, card_1);
  queued.live = false;
  queued.asked = "p-1";
  const TapResult result = take(queued);
  EXPECT_FALSE(result.answers);
  EXPECT_EQ(result.outcome, Outcome::arrived);
}

TEST_F(SigningTap, WhoComesBackOnlyToSignHasNotArrived) {
  with_something_to_sign = {"p-1"};
  take_at(1, at(8, 50));
  take_at(2, at(12, 31));
  const TapResult back = take_at(3, at(13, 30));
  EXPECT_EQ(back.outcome, Outcome::recorded);
  EXPECT_FALSE(back.answers) << "the screen has not asked yet";
  EXPECT_EQ(back.person, "p-1");
  EXPECT_EQ(movements(), "in out ");
  EXPECT_EQ(take_at(4, at(13, 30) + 20'000).outcome, Outcome::repeat) << "held there once more";
}

TEST_F(SigningTap, WhoHasNothingToSignComesBackAsEver) {
  take_at(1, at(8, 50));
  take_at(2, at(12, 31));
  EXPECT_EQ(take_at(3, at(13, 30)).outcome, Outcome::arrived);
}

TEST_F(SigningTap, WhereNothingCanBeSignedNobodyComesForThat) {
  with_something_to_sign = {"p-1"};
  take_at(1, at(8, 50));
  take_at(2, at(12, 31));
  EXPECT_EQ(take_at(3, at(13, 30), nullptr, {}).outcome, Outcome::arrived);
}

TEST_F(SigningTap, AnArrivalThatASessionWaitsForIsOne) {
  with_something_to_sign = {"p-1"};
  EXPECT_EQ(take_at(1, at(7, 30)).outcome, Outcome::arrived)
      << "an hour and a half before it: the half-day counts it";
  EXPECT_EQ(movements(), "in ");
}

TEST_F(SigningTap, AfterASignatureTheSameCardIsARepeatForAWhile) {
  with_something_to_sign = {"p-1"};
  take_at(1, at(8, 50));
  take_at(2, at(12, 31));
  take_at(3, at(13, 30));
  take_at(4, at(13, 30) + 5'000, "p-1");
  with_something_to_sign.clear();
  EXPECT_EQ(take_at(5, at(13, 30) + 12'000).outcome, Outcome::repeat);
  EXPECT_EQ(movements(), "in out ");
}

}  // namespace
}  // namespace rollcall::attendance
