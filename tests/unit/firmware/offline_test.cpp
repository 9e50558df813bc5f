// Without a host, and when it comes back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/firmware/bench.hpp"

namespace rollcall::firmware {
namespace {

using hal::Colour;
using protocol::ClockTrust;
using testing::Each;
using testing::ElementsAre;
using testing::SizeIs;

// Prepared for a site, then alone.
void prepare(Bench& bench) {
  bench.plug_in();
  bench.unplug();
}

TEST(Offline, TerminalThatNoHostHasPreparedRecordsNothingAndSaysSo) {
  Bench bench({.enrolled = false});
  bench.tap(1);
  EXPECT_THAT(bench.shown, ElementsAre(Shown::out_of_service));
  EXPECT_EQ(bench.indicator.light().colour, Colour::off);
  EXPECT_TRUE(bench.taken.empty());
}

TEST(Offline, AmberComesAtOnceAndOnlyAfterTheTapIsDurable) {
  Bench bench;
  prepare(bench);
  bench.tap(1);
  EXPECT_THAT(bench.shown, ElementsAre(Shown::recorded_offline));
  bench.cut_power();
  EXPECT_EQ(bench.terminal->queue().waiting(), 1u);
}

TEST(Offline, QueuedTapsArriveOnceInOrderWithTheirOriginalTimes) {
  Bench bench;
  prepare(bench);
  for (std::uint8_t card = 1; card <= 40; ++card) {
    bench.tap(card);
    bench.run(Millis(60));
  }
  bench.plug_in();
  bench.run(Millis(500));
  ASSERT_THAT(bench.host->queued, SizeIs(40));
  for (std::size_t i = 0; i < 40; ++i) {
    const auto opened = protocol::open_reading(bench.host->site_private, bench.host->queued[i]);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->number, i + 1);
    EXPECT_EQ(protocol::tap_digest(*opened), protocol::tap_digest(bench.taken[i]))
        << "times included";
  }
  EXPECT_EQ(bench.terminal->queue().waiting(), 0u);
}

TEST(Offline, TapThatTheHostDoesNotTakeHoldsNoOtherUp) {
  Bench bench;
  prepare(bench);
  for (std::uint8_t card = 1; card <= 30; ++card) {
    bench.tap(card);
    bench.run(Millis(10));
  }
  bench.host->acknowledges = false;
  bench.plug_in();
  // Everything but the first nine is acknowledged as it comes.
  for (int i = 0; i < 800; ++i) {
    bench.run(Millis(50));
    for (const protocol::QueuedTap& tap : bench.host->queued) {
      if (tap.number > 9) bench.host->acknowledge(tap.epoch, tap.number, tap.number);
    }
    bench.host->queued.clear();
  }
  EXPECT_EQ(bench.terminal->queue().waiting(), 9u);
}

TEST(Offline, BootNumberRisesWithEachStartThatRecords) {
  Bench bench;
  prepare(bench);
  bench.tap(1);
  bench.cut_power();
  bench.tap(1);
  bench.cut_power();
  bench.tap(1);
  ASSERT_EQ(bench.taken.size(), 3u);
  EXPECT_LT(bench.taken[0].boot, bench.taken[1].boot);
  EXPECT_LT(bench.taken[1].boot, bench.taken[2].boot);
  bench.plug_in();
  EXPECT_EQ(bench.host->hello_seen.boot, bench.taken[2].boot);
}

TEST(Offline, HostThatNamesAnotherSiteKeyIsRefused) {
  Bench bench;
  bench.host.emplace();
  bench.host->site_key[0] ^= 1;
  bench.reconnects = true;
  bench.plug_in();
  EXPECT_FALSE(bench.terminal->welcomed());
  EXPECT_EQ(bench.terminal->counters().site_key_refused, 1u);
  bench.tap(1);
  EXPECT_EQ(bench.shown.back(), Shown::recorded_offline);
  bench.run(Millis(25'000));
  EXPECT_EQ(bench.terminal->counters().site_key_refused, 1u) << "it is left alone for a while";
  bench.run(Millis(10'000));
  EXPECT_EQ(bench.terminal->counters().site_key_refused, 2u);
}

TEST(Offline, HostMayHaveAllTapsOfAnEpochAgain) {
  Bench bench;
  bench.plug_in();
  for (std::uint8_t card = 1; card <= 12; ++card) {
    bench.tap(card);
    bench.run(Millis(50));
  }
  ASSERT_EQ(bench.terminal->queue().waiting(), 0u);
  bench.host->say(protocol::ResendTaps{bench.taken[0].epoch, 4});
  bench.run(Millis(300));
  ASSERT_THAT(bench.host->queued, SizeIs(9));
  EXPECT_EQ(bench.host->queued.front().number, 4u);
  EXPECT_EQ(bench.host->queued.back().number, 12u);
}

TEST(Offline, FullQueueRefusesVisiblyAndCounts) {
  Bench bench({.geometry = {4096, 3, 512}});
  prepare(bench);
  for (int i = 0; i < 60 && bench.terminal->counters().not_accepted == 0; ++i) {
    bench.tap(static_cast<std::uint8_t>(i));
    bench.run(Millis(10));
  }
  EXPECT_EQ(bench.shown.back(), Shown::not_accepted);
  EXPECT_EQ(bench.indicator.light().colour, Colour::off);
  EXPECT_EQ(bench.terminal->queue().counters().refused, 1u);
  EXPECT_GE(bench.taken.size(), bench.terminal->queue().capacity());
  EXPECT_TRUE(bench.terminal->queue().nearly_full());
  bench.run(Millis(1500));
  EXPECT_EQ(bench.indicator.light(), queue_nearly_full);
  const std::size_t before = bench.taken.size();
  bench.plug_in();
  bench.run(Millis(1500));
  EXPECT_THAT(bench.host->queued, SizeIs(before));
  bench.tap(200);
  bench.run(Millis(50));
  EXPECT_EQ(bench.shown.back(), Shown::arrived);
}

TEST(Offline, StorageThatFailsIsSaidAndNothingIsPromised) {
  Bench bench;
  prepare(bench);
  bench.flash.cut_at(0, hal::sim::Cut::before, 1);
  bench.tap(1);
  EXPECT_THAT(bench.shown, ElementsAre(Shown::not_accepted));
}

TEST(Offline, StorageThatDidNotAnswerAtAStartIsTriedByAnother) {
  Bench bench;
  const auto later = [&](Millis time) {
    bench.clock.advance(time);
    bench.run(Millis(20));
    return bench.restarts;
  };
  EXPECT_EQ(later(2 * terminal_timing::storage_retry), 0u);
  bench.flash.cut_at(0, hal::sim::Cut::before, 1);
  bench.tap(1);
  bench.restart_warm();
  ASSERT_FALSE(bench.terminal->recovered());
  bench.tap(2);
  EXPECT_EQ(bench.shown.back(), Shown::not_accepted);
  EXPECT_EQ(later(terminal_timing::storage_retry - Millis(1000)), 0u);
  EXPECT_EQ(later(Millis(1000)), 1u);

  bench.flash.restart();
  bench.restart_warm();
  bench.tap(3);
  EXPECT_EQ(bench.shown.back(), Shown::recorded_offline);
  EXPECT_EQ(later(2 * terminal_timing::storage_retry), 1u);
}

TEST(Offline, TimeIsUnprovenUntilTheHostSaysIt) {
  Bench bench;
  prepare(bench);
  bench.tap(1);
  EXPECT_EQ(bench.taken[0].trust, ClockTrust::synced);
  EXPECT_NEAR(static_cast<double>(bench.taken[0].wall_ms - bench.host->wall_ms), 0.0, 200.0);
  bench.clock.advance(std::chrono::hours(7));
  bench.tap(2);
  EXPECT_EQ(bench.taken[1].trust, ClockTrust::drifting);
  bench.cut_power();
  bench.tap(3);
  EXPECT_EQ(bench.taken[2].trust, ClockTrust::unproven);
  EXPECT_EQ(bench.taken[2].wall_ms, 0);
}

TEST(Offline, TrustIsNeverAboveTheHosts) {
  Bench bench;
  bench.host.emplace();
  bench.host->trust = ClockTrust::drifting;
  bench.plug_in();
  bench.tap(1);
  EXPECT_EQ(bench.taken[0].trust, ClockTrust::drifting);
}

TEST(Offline, AfterAPowerCutTheCalendarClockIsAHintAndNoMore) {
  Bench bench;
  bench.clock.set_calendar(Millis(5'000'000));
  bench.plug_in();
  bench.unplug();
  bench.cut_power();
  bench.tap(1);
  EXPECT_EQ(bench.taken[0].trust, ClockTrust::unproven);
  EXPECT_EQ(bench.taken[0].wall_ms, bench.clock.calendar()->count());
}

TEST(Offline, NonsenseFromTheHostIsCountedAndChangesNothing) {
  Bench bench;
  bench.plug_in();
  bench.host->acknowledges = false;
  bench.host->say(protocol::Tap{});  // not a host's message
  bench.host->acknowledge(protocol::StorageEpoch{}, 1, 5);
  bench.host->acknowledge(bench.terminal->queue().epoch(), 1, UINT64_MAX);
  bench.host->say(protocol::Answer{bench.terminal->queue().epoch(), 77, static_cast<Outcome>(99)});
  bench.host->say(protocol::ResendTaps{protocol::StorageEpoch{}, 0});
  bench.host->say(protocol::ScreenShow{12});
  bench.run(Millis(100));
  EXPECT_EQ(bench.terminal->counters().bad_messages, 2u);
  bench.tap(1);
  bench.run(Millis(20));
  EXPECT_EQ(bench.shown.back(), Shown::arrived);
  EXPECT_THAT(bench.host->queued, SizeIs(0));
}

}  // namespace
}  // namespace rollcall::firmware
