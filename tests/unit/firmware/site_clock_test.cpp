// What a terminal says of the time, and how far it may be believed.
#include "firmware/terminal/site_clock.hpp"

#include <gtest/gtest.h>

#include "hal/sim/devices.hpp"

namespace rollcall::firmware {
namespace {

using namespace std::chrono_literals;
using protocol::ClockTrust;
using Verdict = protocol::SampleVerdict;
using Millis = std::chrono::milliseconds;

class SiteTime : public testing::Test {
 protected:
  hal::sim::ManualClock machine;
  std::optional<SiteClock> clock{std::in_place, machine};
  std::int64_t host_ahead_ms = 1'772'000'000'000;  // of the terminal's monotonic clock
  ClockTrust host_trust = ClockTrust::synced;

  std::int64_t host_ms() { return machine.monotonic().count() + host_ahead_ms; }
  Verdict exchange() {
    const Millis t1 = clock->request_sent();
    machine.advance(3ms);
    const std::int64_t at = host_ms();
    machine.advance(3ms);
    return clock->on_reply(t1, at, at, host_trust);
  }
  void expect(ClockTrust trust) {
    const auto now = clock->now();
    EXPECT_EQ(now.trust, trust);
    EXPECT_LE(std::chrono::abs(Millis(now.wall_ms - host_ms())), now.error);
  }
  // The firmware starts anew; the calendar clock goes on.
  void restart() {
    machine.set_monotonic(0ms);
    clock.emplace(machine);
  }
};

TEST_F(SiteTime, IsUnprovenUntilTheHostHasSpoken) {
  EXPECT_EQ(clock->now().wall_ms, 0);
  EXPECT_EQ(clock->now().trust, ClockTrust::unproven);
  machine.set_calendar(Millis(1'700'000'000'000));
  EXPECT_EQ(clock->now().wall_ms, 1'700'000'000'000);
  EXPECT_EQ(clock->now().trust, ClockTrust::unproven);
}

TEST_F(SiteTime, AWelcomeAloneProvesItAndSyncsNothing) {
  clock->link_up();
  EXPECT_EQ(clock->set(host_ms(), ClockTrust::synced), Verdict::taken);
  expect(ClockTrust::drifting);
  EXPECT_EQ(exchange(), Verdict::taken);
  expect(ClockTrust::synced);
}

TEST_F(SiteTime, AWelcomeWhoseQuestionWasTimedIsAsGoodAsAReply) {
  const Millis asked = machine.monotonic();
  machine.advance(40ms);
  clock->set(host_ms() - 15, ClockTrust::synced, asked);
  expect(ClockTrust::synced);
  EXPECT_LE(clock->now().error, 25ms);
}

TEST_F(SiteTime, IsNeverTrustedMoreThanTheHost) {
  clock->link_up();
  for (const ClockTrust trust : {ClockTrust::drifting, ClockTrust::synced, ClockTrust::drifting,
                                 ClockTrust::unproven, ClockTrust::synced}) {
    host_trust = trust;
    exchange();
    expect(trust);
  }
}

TEST_F(SiteTime, DriftsAfterSixHoursWithoutAHostAndStaysSo) {
  clock->link_up();
  exchange();
  machine.advance(2h);
  expect(ClockTrust::synced);
  machine.advance(4h);
  expect(ClockTrust::drifting);
  clock->set(host_ms(), ClockTrust::synced);
  expect(ClockTrust::drifting);
  exchange();
  expect(ClockTrust::synced);
}

TEST_F(SiteTime, IsUnprovenWhenNobodyKnowsTheMinuteAnyMore) {
  clock->link_up();
  exchange();
  machine.advance(24h * 6);
  expect(ClockTrust::drifting);
  machine.advance(24h * 2);
  expect(ClockTrust::unproven);
  exchange();
  expect(ClockTrust::synced);
}

TEST_F(SiteTime, WhenTheHostsClockWasMovedASecondSampleMustConfirmIt) {
  clock->link_up();
  exchange();
  host_ahead_ms += Millis(3h).count();
  EXPECT_EQ(exchange(), Verdict::jumped);
  expect(ClockTrust::unproven);
  EXPECT_EQ(clock->jumps(), 1u);
  EXPECT_LE(clock->next_request_at(), machine.monotonic());
  exchange();
  expect(ClockTrust::synced);
}

TEST_F(SiteTime, ALateReplyOfAnotherRequestChangesNothing) {
  clock->link_up();
  exchange();
  EXPECT_EQ(clock->on_reply(5ms, 17, 18, ClockTrust::unproven), Verdict::not_asked);
  expect(ClockTrust::synced);
}

// "A terminal lost power, came back with a wrong date, and wrote false records."
TEST_F(SiteTime, APowerCutWithAWrongCalendarGivesNoTrustedTime) {
  machine.set_calendar(Millis(host_ms()));
  clock->link_up();
  exchange();
  expect(ClockTrust::synced);
  restart();
  machine.set_calendar(Millis(946'684'800'000));  // the chip's own beginning of time
  EXPECT_EQ(clock->now().trust, ClockTrust::unproven);
  machine.advance(24h * 30);
  EXPECT_EQ(clock->now().trust, ClockTrust::unproven);
  clock->link_up();
  exchange();
  expect(ClockTrust::synced);
}

TEST_F(SiteTime, ACalendarThatJumpsTakesTheTrustAwayAndTheHostIsAskedAtOnce) {
  machine.set_calendar(Millis(host_ms()));
  for (const Millis jump : {Millis(2h), Millis(-24h * 365)}) {
    clock->link_up();
    for (int i = 0; i < 4; ++i) exchange();
    expect(ClockTrust::synced);
    machine.set_calendar(*machine.calendar() + jump);
    EXPECT_LE(clock->next_request_at(), machine.monotonic());
    EXPECT_EQ(clock->now().trust, ClockTrust::unproven);
    exchange();
    expect(ClockTrust::synced);
  }
  EXPECT_EQ(clock->jumps(), 2u);
}

TEST_F(SiteTime, ACalendarThatCountsWholeSecondsIsNoJump) {
  clock->link_up();
  exchange();
  for (int i = 0; i < 5000; ++i) {
    machine.advance(1237ms);
    machine.set_calendar(std::chrono::floor<std::chrono::seconds>(Millis(host_ms() + 500'000)));
    clock->now();
  }
  expect(ClockTrust::synced);
  EXPECT_EQ(clock->jumps(), 0u);
}

// Hours that a simulator plays in seconds: the counter goes with them, timers do not.
TEST(PlayedTime, GoesOnWhileTheHostIsAwayAndAsksByPlayedTime) {
  class Played final : public hal::Clock {
   public:
    Millis monotonic() override { return now; }
    Millis counter() override { return now + played; }
    std::optional<Millis> calendar() override { return Millis(1'772'000'000'000) + counter(); }
    Millis now{1'000};
    Millis played{0};
  } machine;
  SiteClock clock(machine);
  clock.link_up();
  for (int i = 0; i < 4; ++i) {
    const Millis t1 = clock.request_sent();
    machine.now += 2ms;
    const std::int64_t at = machine.calendar()->count();
    clock.on_reply(t1, at, at, ClockTrust::synced);
  }
  EXPECT_GT(clock.next_request_at(), machine.monotonic() + 1min);
  machine.played += 1h;
  EXPECT_EQ(clock.next_request_at(), machine.monotonic());
  const auto time = clock.now();
  EXPECT_EQ(time.trust, ClockTrust::synced);
  EXPECT_LE(std::abs(time.wall_ms - machine.calendar()->count()), time.error.count());
  EXPECT_EQ(clock.jumps(), 0u);
}

}  // namespace
}  // namespace rollcall::firmware
