// Fingers, keys and the panel's sleep; what a crash leaves for the host.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/firmware/bench.hpp"

namespace rollcall::firmware {
namespace {

using protocol::ResetReason;
using terminal_timing::panel_sleep;
using testing::IsEmpty;
using testing::SizeIs;

constexpr hal::Size size{320, 240};
// In steps that keep the link alive.
void pass(Bench& bench, Millis time) {
  for (Millis done{0}; done < time; done += Millis(500)) {
    bench.clock.advance(Millis(500));
    for (int i = 0; i < 6; ++i) bench.turn();
  }
}

constexpr BenchOptions with_panel{.panel = size};
constexpr BenchOptions with_keys{.panel = size, .has_touch = false};

TEST(Input, ATouchTellsWhenItHappenedNotWhenItWasReadOut) {
  Bench bench(with_panel);
  bench.plug_in();
  bench.touch.press({5, 6, Millis(17)});
  bench.run(Millis(100));
  ASSERT_THAT(bench.host->touches, SizeIs(1));
  EXPECT_EQ(bench.host->touches[0].monotonic_ms, 17u);
  EXPECT_EQ(bench.host->touches[0].x, 5);
}

TEST(Input, KeysAreToldInOrderWithPositionAndTime) {
  Bench bench(with_keys);
  bench.plug_in();
  bench.keys.press({3, Millis(20)});
  bench.keys.press({0, Millis(25)});
  bench.run(Millis(100));
  ASSERT_THAT(bench.host->pressed, SizeIs(2));
  EXPECT_EQ(bench.host->pressed[0].key, 3);
  EXPECT_EQ(bench.host->pressed[0].monotonic_ms, 20u);
  EXPECT_EQ(bench.host->pressed[1].key, 0);
  EXPECT_EQ(bench.terminal->counters().keys_dropped, 0u);
}

TEST(Input, KeysWithoutAHostAreDroppedAndCounted) {
  Bench bench;
  bench.keys.press({1, Millis(5)});
  bench.run(Millis(20));
  bench.plug_in();
  bench.run(Millis(100));
  EXPECT_THAT(bench.host->pressed, IsEmpty());
  EXPECT_EQ(bench.terminal->counters().keys_dropped, 1u);
}

TEST(Input, MoreKeysThanTheLinkTakesAreDroppedAndCounted) {
  Bench bench;
  bench.plug_in();
  bench.host_hears = false;
  for (int i = 0; i < 20; ++i) bench.keys.press({1, Millis(60)});
  bench.run(Millis(20));
  bench.host_hears = true;
  bench.run(Millis(2000));
  EXPECT_GE(bench.terminal->counters().keys_dropped, 11u);
  EXPECT_EQ(bench.host->pressed.size() + bench.terminal->counters().keys_dropped, 20u);
}

// Enrolment --------------------------------------------------------------------------------------

class EnrollingByKeys : public testing::Test {
 protected:
  EnrollingByKeys() : bench({.panel = size, .enrolled = false, .has_touch = false}) {
    bench.reconnects = true;
    bench.plug_in();
    bench.terminal->open_window();
    bench.run_until([&] { return bench.host->number().has_value(); });
    bench.host->type(*bench.host->number());
    bench.run(Millis(100));
  }
  Bench bench;
};

TEST_F(EnrollingByKeys, TheRightmostKeySaysThatTheNumbersAreTheSame) {
  bench.keys.press({2, Millis(0)});
  bench.run(Millis(50));
  EXPECT_TRUE(bench.terminal->enrolment().number()) << "the keys between say nothing";
  bench.keys.press({4, Millis(0)});
  EXPECT_TRUE(bench.run_until([&] { return !bench.enrolments.empty(); }));
  EXPECT_THAT(bench.enrolments, testing::ElementsAre(EnrolResult::done));
  EXPECT_THAT(bench.host->pressed, IsEmpty());
  EXPECT_EQ(bench.terminal->counters().keys_dropped, 0u);
}

TEST_F(EnrollingByKeys, TheLeftmostKeySaysThatTheyDiffer) {
  bench.keys.press({0, Millis(0)});
  EXPECT_TRUE(bench.run_until([&] { return !bench.enrolments.empty(); }));
  EXPECT_THAT(bench.enrolments, testing::ElementsAre(EnrolResult::different));
  EXPECT_FALSE(bench.terminal->settings());
}

TEST(Input, KeysSayNothingOfANumberWhereThereIsTouch) {
  Bench bench({.panel = size, .enrolled = false});
  bench.reconnects = true;
  bench.plug_in();
  bench.terminal->open_window();
  ASSERT_TRUE(bench.run_until([&] { return bench.host->number().has_value(); }));
  bench.keys.press({0, Millis(0)});
  bench.run(Millis(100));
  EXPECT_TRUE(bench.terminal->enrolment().number());
}

// Sleep ------------------------------------------------------------------------------------------

class Sleeping : public testing::Test {
 protected:
  Sleeping() : bench(with_panel) {
    bench.plug_in();
    wait(panel_sleep);
  }
  void wait(Millis time) { pass(bench, time); }
  bool dark() const { return bench.display->asleep(); }
  Bench bench;
};

TEST_F(Sleeping, ThePanelGoesDarkWhenNobodyIsThere) {
  EXPECT_TRUE(dark());
  EXPECT_TRUE(bench.terminal->asleep());
  EXPECT_TRUE(bench.terminal->welcomed()) << "the terminal itself does not sleep";
}

TEST_F(Sleeping, TheFirstTouchOnlyWakes) {
  bench.touch.press({1, 2, bench.clock.monotonic()});
  bench.run(Millis(50));
  EXPECT_FALSE(dark());
  EXPECT_THAT(bench.host->touches, IsEmpty());
  EXPECT_EQ(bench.terminal->counters().touches_dropped, 0u);
  bench.touch.press({3, 4, bench.clock.monotonic()});
  bench.run(Millis(50));
  EXPECT_THAT(bench.host->touches, SizeIs(1));
}

TEST_F(Sleeping, TheFirstKeyOnlyWakes) {
  bench.keys.press({2, bench.clock.monotonic()});
  bench.run(Millis(50));
  EXPECT_FALSE(dark());
  EXPECT_THAT(bench.host->pressed, IsEmpty());
  bench.keys.press({2, bench.clock.monotonic()});
  bench.run(Millis(50));
  EXPECT_THAT(bench.host->pressed, SizeIs(1));
}

TEST_F(Sleeping, ACardIsTakenAtOnceAndWakes) {
  bench.tap(1);
  bench.run(Millis(50));
  EXPECT_FALSE(dark());
  EXPECT_THAT(bench.host->taps, SizeIs(1));
  EXPECT_EQ(bench.terminal->shown(), Shown::arrived);
}

TEST_F(Sleeping, EachActivityPutsItOff) {
  bench.tap(1);
  bench.run(Millis(2000));
  wait(panel_sleep - Millis(5000));
  EXPECT_FALSE(dark());
  bench.touch.press({1, 2, bench.clock.monotonic()});
  wait(panel_sleep - Millis(5000));
  EXPECT_FALSE(dark());
  wait(Millis(6000));
  EXPECT_TRUE(dark());
}

TEST_F(Sleeping, WhatAPersonIsToSeeWakes) {
  bench.host->say(protocol::Identify{5});
  bench.run(Millis(50));
  EXPECT_FALSE(dark());
  wait(Millis(6000) + panel_sleep);
  EXPECT_TRUE(dark());
  bench.terminal->open_window();
  bench.run(Millis(50));
  EXPECT_FALSE(dark());
}

TEST_F(Sleeping, ItSleepsOnWhenTheHostGoesAndComes) {
  bench.unplug();
  EXPECT_TRUE(dark());
  bench.plug_in();
  EXPECT_TRUE(dark());
  EXPECT_EQ(bench.terminal->shown_slot(), protocol::ScreenSlot::idle);
}

TEST(Sleep, TheLoopAsksToBeCalledWhenItIsTime) {
  Bench bench(with_panel);
  bench.clock.advance(Millis(1000));
  EXPECT_EQ(bench.terminal->step(), panel_sleep);
  bench.clock.set_monotonic(panel_sleep);
  bench.terminal->step();
  EXPECT_TRUE(bench.display->asleep());
  EXPECT_EQ(bench.terminal->step(), terminal_timing::never);
}

TEST(Sleep, ATerminalWithoutAPanelTakesEachKey) {
  Bench bench;
  bench.plug_in();
  pass(bench, panel_sleep + Millis(1000));
  EXPECT_FALSE(bench.terminal->asleep());
  bench.keys.press({1, bench.clock.monotonic()});
  bench.run(Millis(100));
  EXPECT_THAT(bench.host->pressed, SizeIs(1));
}

// After a crash ----------------------------------------------------------------------------------

TEST(Crash, IsTheReasonOfTheNextStartUntilAHostWasTold) {
  Bench bench;
  bench.plug_in();
  const auto boot = bench.host->hello_seen.boot;
  bench.crash.record(hal::CrashCause::access, 0x1234, 0x5678, 99);
  EXPECT_EQ(bench.crash.crash()->boot, boot);
  EXPECT_EQ(bench.crash.crash()->task, static_cast<std::uint8_t>(Task::outside));
  bench.restart_warm();
  bench.restart_warm();  // nobody was told yet
  EXPECT_TRUE(bench.crash.crash());
  bench.plug_in();
  EXPECT_EQ(bench.host->hello_seen.reset, ResetReason::crash);
  EXPECT_TRUE(bench.terminal->welcomed());
  EXPECT_FALSE(bench.crash.crash());
  bench.restart_warm();
  bench.plug_in();
  EXPECT_EQ(bench.host->hello_seen.reset, ResetReason::power_on) << "as the image says";
}

TEST(Crash, OfAWatchdogIsSaidAsSuch) {
  Bench bench;
  bench.crash.record(hal::CrashCause::watchdog, 0, 0, 99);
  bench.restart_warm();
  bench.plug_in();
  EXPECT_EQ(bench.host->hello_seen.reset, ResetReason::watchdog);
}

}  // namespace
}  // namespace rollcall::firmware
