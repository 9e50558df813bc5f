// Taps without a proven time: what they are bracketed by, and what is concluded from them.
#include "daemon/attendance/proven_points.hpp"
#include "tests/unit/daemon/attendance/recording.hpp"
#include "tests/unit/daemon/contract.hpp"

namespace rollcall::attendance {
namespace {

using protocol::ClockTrust;
using protocol::Outcome;
using rollcall::testing::tap;
using test::minute_ms;
using test::monday_0850;

struct BracketedTaps : test::Recording {
  // As a terminal stores it that started without a host: in `boot`, without a wall time.
  TapReport timeless(std::uint64_t number, std::uint32_t boot, std::uint64_t monotonic_ms,
                     const std::array<std::uint8_t, 4>& chip) {
    TapReport report = tap(number, 0, chip);
    report.live = false;
    report.tap.boot = boot;
    report.tap.monotonic_ms = monotonic_ms;
    report.tap.trust = ClockTrust::unproven;
    return report;
  }
  // Recorded with what the session knows of the same start: 08:50 was at `monotonic_ms`.
  TapReport met(TapReport report, std::uint64_t monotonic_ms) {
    report.start =
        proven_point(report.tap.boot, monotonic_ms, monday_0850, ClockTrust::synced).value();
    return report;
  }
  nlohmann::json time(std::int64_t position) { return event(position)["data"]["time"]; }
  static std::string at(std::int64_t ms) { return events::rfc3339(monday_0850 + ms); }
  bool heard_of(std::uint32_t boot, std::int64_t ms, ClockTrust trust = ClockTrust::synced) {
    protocol::StorageEpoch epoch;
    epoch.fill(0xee);
    return heard_of(epoch, boot, ms, trust);
  }
  bool heard_of(const protocol::StorageEpoch& epoch, std::uint32_t boot, std::int64_t ms,
                ClockTrust trust = ClockTrust::synced) {
    bool first = false;
    writer.run_now([&](store::Database& db) {
      first = keep_start(db, {"TC-1", epoch, boot, monday_0850 + ms, trust});
    });
    return first;
  }
  void expect_contract() {
    for (std::size_t position = 1; position <= types().size(); ++position) {
      const auto told = event(static_cast<std::int64_t>(position));
      EXPECT_TRUE(testing::satisfies_contract(told)) << told.dump(2);
    }
  }
};

TEST_F(BracketedTaps, LieBetweenTheStartBeforeThemAndTheirReceipt) {
  EXPECT_TRUE(heard_of(3, -40 * minute_ms));
  take(timeless(1, 4, 90'000, card_1));
  EXPECT_TRUE(time(1)["wall"].is_null());
  EXPECT_EQ(time(1)["trust"], "unproven");
  // Half a minute that the word may have been under way, a second of the host's error.
  EXPECT_EQ(time(1)["not_before"], at(-40 * minute_ms - 31'000 + 90'000 - 10));
  EXPECT_EQ(time(1)["not_after"], at(1'000));
  expect_contract();
}

// The panel said "recorded, checked later", so people hold the card again when the link is up.
TEST_F(BracketedTaps, ATapWithAProvenTimeRepeatsOneOfTheSameStartWithout) {
  take(met(timeless(1, 4, 100'000, card_1), 105'000));
  EXPECT_EQ(types().back(), "attendance.arrived");
  auto again = tap(2, monday_0850 + 15'000, card_1);
  again.tap.boot = 4;
  again.tap.monotonic_ms = 120'000;
  EXPECT_EQ(take(again).outcome, Outcome::repeat);
  auto later = tap(3, monday_0850 + 2 * minute_ms, card_1);
  later.tap.boot = 4;
  later.tap.monotonic_ms = 225'000;
  EXPECT_EQ(take(later).outcome, Outcome::left);
}

TEST_F(BracketedTaps, LieBetweenTheProvenTapsNextToThem) {
  auto before = tap(1, monday_0850 - 50 * minute_ms, card_1);
  auto after = tap(3, monday_0850 - 20 * minute_ms, stranger);
  after.tap.boot = 5;
  after.tap.monotonic_ms = 15'000;
  take(before);
  take(after);
  take(timeless(2, 4, 90'000, stranger));
  const auto when = time(static_cast<std::int64_t>(types().size()));
  EXPECT_EQ(when["not_before"], at(-50 * minute_ms - 1'000 + 90'000 - 10));
  EXPECT_EQ(when["not_after"], at(-20 * minute_ms + 1'000 - 15'000 + 2));
}

TEST_F(BracketedTaps, AStartThatCameLaterOrBelongsToALaterStorageSaysNothing) {
  heard_of(3, -40 * minute_ms);
  heard_of(4, -20 * minute_ms);
  protocol::StorageEpoch later;
  later.fill(0x01);
  heard_of(later, 2, -minute_ms);
  take(timeless(1, 4, 0, card_1));
  EXPECT_EQ(time(1)["not_before"], at(-40 * minute_ms - 31'000));
}

TEST_F(BracketedTaps, AStartOfAnEarlierStorageSaysThatTheTapCameAfterIt) {
  protocol::StorageEpoch earlier;
  earlier.fill(0x01);
  heard_of(earlier, 3, -40 * minute_ms);
  take(timeless(1, 4, 0, card_1));
  EXPECT_EQ(time(1)["not_before"], at(-40 * minute_ms - 31'000));
}

TEST_F(BracketedTaps, AnUnprovenHostProvesNothing) {
  host.trust = ClockTrust::unproven;
  EXPECT_FALSE(heard_of(3, -40 * minute_ms, ClockTrust::unproven));
  take(timeless(1, 4, 90'000, card_1));
  EXPECT_TRUE(time(1)["not_before"].is_null());
  EXPECT_TRUE(time(1)["not_after"].is_null());
  expect_contract();
}

TEST_F(BracketedTaps, AReusedIdentityTakesTheOrderOfItsEpochAway) {
  take(tap(1, monday_0850 - 50 * minute_ms, card_1));
  heard_of(3, -40 * minute_ms);
  EXPECT_TRUE(take(timeless(1, 4, 90'000, stranger)).conflict);
  take(timeless(2, 4, 95'000, stranger));
  for (const std::int64_t position : {std::int64_t{3}, static_cast<std::int64_t>(types().size())}) {
    EXPECT_TRUE(time(position)["not_before"].is_null()) << position;
    EXPECT_EQ(time(position)["not_after"], at(1'000));
  }
  expect_contract();
}

TEST_F(BracketedTaps, AProvenTimeIsNotBracketed) {
  heard_of(2, -40 * minute_ms);
  auto drifting = tap(1, monday_0850, card_1);
  drifting.tap.trust = ClockTrust::drifting;
  take(drifting);
  EXPECT_TRUE(time(1)["not_before"].is_null());
  EXPECT_TRUE(time(1)["not_after"].is_null());
}

TEST_F(BracketedTaps, ANarrowBracketIsConcludedFromWithoutATime) {
  EXPECT_EQ(take(met(timeless(1, 4, 100'000, card_1), 700'000)).outcome, Outcome::arrived);
  EXPECT_EQ(types(), (std::vector<std::string>{"tap.recorded", "attendance.arrived"}));
  const auto arrived = event(2);
  EXPECT_FALSE(arrived.contains("time")) << "nobody knows the time itself";
  EXPECT_EQ(arrived["data"]["time"], time(1));
  EXPECT_EQ(arrived["data"]["time"]["not_before"], at(-10 * minute_ms - 1'061));
  EXPECT_EQ(arrived["data"]["time"]["not_after"], at(-10 * minute_ms + 1'061));
  EXPECT_EQ(arrived["data"]["session"], "S-AM");
  EXPECT_EQ(arrived["data"]["half_day"]["date"], "2026-03-02");
  expect_contract();
  // What comes later rests on it, and a second tap within the window is a repeat.
  EXPECT_EQ(take(met(timeless(2, 4, 130'000, card_1), 700'000)).outcome, Outcome::repeat);
  EXPECT_EQ(take(tap(3, monday_0850 + 240 * minute_ms, card_1)).outcome, Outcome::left);
}

TEST_F(BracketedTaps, NothingIsConcludedWhereTheEndsOfTheBracketDisagree) {
  // 12:15:00 +- 1 s: before it the person arrives, from there on the first tap is an exit.
  host.wall_ms = monday_0850 + 235 * minute_ms;
  auto close = timeless(1, 4, 100'000, card_1);
  close.start = proven_point(4, 100'000, monday_0850 + 205 * minute_ms, ClockTrust::synced).value();
  EXPECT_EQ(take(close).outcome, Outcome::recorded);
  EXPECT_EQ(types(), (std::vector<std::string>{"tap.recorded"}));
}

TEST_F(BracketedTaps, NothingIsConcludedFromAWideBracket) {
  heard_of(3, -40 * minute_ms);
  EXPECT_EQ(take(timeless(1, 4, 90'000, card_1)).outcome, Outcome::recorded);
  EXPECT_EQ(types(), (std::vector<std::string>{"tap.recorded"}));
}

TEST_F(BracketedTaps, ACalendarThatIsContradictedIsNoTimeOfDay) {
  heard_of(3, -40 * minute_ms);
  auto wrong = timeless(1, 4, 90'000, card_1);
  wrong.tap.wall_ms = monday_0850 - 30 * 24 * 60 * minute_ms;
  EXPECT_EQ(take(wrong).outcome, Outcome::recorded);
  EXPECT_EQ(time(1)["wall"], events::rfc3339(wrong.tap.wall_ms)) << "what it said is told";
  auto right = timeless(2, 4, 95'000, card_1);
  right.tap.wall_ms = monday_0850 - minute_ms;
  EXPECT_EQ(take(right).outcome, Outcome::repeat) << "within a minute of the first, by its start";
  right = timeless(3, 4, 695'000, card_1);
  right.tap.wall_ms = monday_0850 - minute_ms;
  EXPECT_EQ(take(right).outcome, Outcome::arrived);
  expect_contract();
}

TEST_F(BracketedTaps, AnAttachedCardsTapsKeepTheirBrackets) {
  take(met(timeless(1, 4, 100'000, stranger), 700'000));
  Attached attached;
  writer.run_now([&](store::Database& db) {
    attached = attach_card(db, config, {token(stranger), "p-2", "unix:0", "first card"}, host);
  });
  EXPECT_EQ(attached.error, "");
  EXPECT_EQ(types().back(), "attendance.arrived");
  EXPECT_EQ(event(3)["data"]["time"], time(1));
  expect_contract();
}

}  // namespace
}  // namespace rollcall::attendance
