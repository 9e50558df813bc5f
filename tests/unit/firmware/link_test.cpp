// The link as the terminal works it: keys, the handshake, calling again, the host's time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/firmware/bench.hpp"

namespace rollcall::firmware {
namespace {

namespace capability = protocol::capability;
using protocol::CloseReason;
using protocol::LinkState;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(TerminalLink, HelloSaysWhatTheTerminalCanDo) {
  Bench plain;
  plain.plug_in();
  EXPECT_EQ(plain.host->hello_seen.capabilities, capability::indicator | capability::queue);
  Bench full({.panel = hal::Size{320, 240}, .staging = true});
  full.plug_in();
  EXPECT_EQ(full.host->hello_seen.capabilities, capability::indicator | capability::queue |
                                                    capability::display | capability::touch |
                                                    capability::update);
  EXPECT_EQ(full.host->hello_seen.slot, 1);
}

TEST(TerminalLink, BothEndsProveTheKeyBeforeAnythingIsSaid) {
  Bench bench;
  bench.plug_in();
  EXPECT_TRUE(bench.terminal->welcomed());
  EXPECT_EQ(bench.terminal->counters().handshakes, 1u);
  EXPECT_EQ(bench.host->proven_key, 0u);
}

TEST(TerminalLink, HostWithAnotherKeyHearsNothingAndIsCalledAgain) {
  Bench bench;
  bench.host.emplace();
  bench.host->link_key.fill(1);
  bench.reconnects = true;
  bench.plug_in();
  bench.run(Millis(20'000));
  EXPECT_FALSE(bench.terminal->welcomed());
  EXPECT_THAT(bench.host->ops, IsEmpty());
  EXPECT_THAT(bench.host->queued, IsEmpty());
  bench.host->link_key.fill(9);
  EXPECT_TRUE(bench.run_until([&] { return bench.terminal->welcomed(); }, Millis(20'000)));
}

TEST(TerminalLink, TapDuringTheHandshakeIsAmberAtOnceAndDeliveredAfterIt) {
  Bench bench;
  bench.host.emplace();
  bench.port.connected();
  bench.host->connected(bench.clock.monotonic());
  bench.terminal_hears = true;
  for (int i = 0; i < 20 && bench.terminal->link_state() != LinkState::handshake; ++i) {
    bench.turn();
  }
  ASSERT_EQ(bench.terminal->link_state(), LinkState::handshake);
  bench.reader.hold(Bench::card_of(5));
  bench.terminal->step();
  EXPECT_THAT(bench.shown, ElementsAre(Shown::recorded_offline));
  EXPECT_EQ(bench.indicator.light().colour, hal::Colour::amber);
  bench.reader.remove();
  bench.run(Millis(200));
  EXPECT_TRUE(bench.terminal->welcomed());
  ASSERT_THAT(bench.host->queued, SizeIs(1));
  EXPECT_EQ(bench.terminal->queue().waiting(), 0u);
}

TEST(TerminalLink, WithoutAKeyItCallsEveryHalfMinuteAndSaysNothing) {
  Bench bench({.enrolled = false});
  bench.reconnects = true;
  bench.plug_in();
  EXPECT_THAT(bench.ends, ElementsAre(CloseReason::refused));
  bench.run(Millis(28'000));
  EXPECT_THAT(bench.ends, SizeIs(1));
  bench.run(Millis(33'000));
  EXPECT_THAT(bench.ends, SizeIs(3));
  EXPECT_EQ(bench.host->ups, 0u);
}

TEST(TerminalLink, TerminalWithoutASeedDoesNotEvenTryAHandshake) {
  Bench bench;
  bench.entropy.set_seeded(false);
  bench.plug_in();
  EXPECT_FALSE(bench.terminal->welcomed());
  EXPECT_THAT(bench.ends, Contains(CloseReason::refused));
}

TEST(TerminalLink, EndsAreFollowedByACallASecondLater) {
  Bench bench;
  bench.reconnects = true;
  bench.plug_in();
  bench.host->close(bench.clock.monotonic());
  bench.run(Millis(900));
  EXPECT_THAT(bench.ends, ElementsAre(CloseReason::peer_bye));
  EXPECT_FALSE(bench.terminal->welcomed());
  bench.run(Millis(300));
  EXPECT_TRUE(bench.terminal->welcomed());
}

TEST(TerminalLink, HostThatLostItsStateIsCalledAtOnceButNotTwiceASecond) {
  Bench bench;
  bench.reconnects = true;
  bench.plug_in();
  bench.run(Millis(5000));
  for (int i = 0; i < 2; ++i) {  // on a line that nobody can close
    bench.host.emplace();
    bench.host->connected(bench.clock.monotonic());
    bench.run(Millis(300));
    EXPECT_EQ(bench.terminal->welcomed(), i == 0);
  }
  EXPECT_TRUE(bench.run_until([&] { return bench.terminal->welcomed(); }, Millis(1500)));
}

TEST(TerminalLink, AsksForTheTimeFourTimesAndBelievesTheAnswers) {
  Bench bench;
  bench.plug_in();
  bench.run(Millis(6000));
  ASSERT_THAT(bench.host->time_requests, SizeIs(4));
  for (std::size_t i = 1; i < 4; ++i) {
    const auto apart = bench.host->time_requests[i].t1_ms - bench.host->time_requests[i - 1].t1_ms;
    EXPECT_NEAR(static_cast<double>(apart), 1000.0, 50.0);
  }
  bench.tap(1);
  EXPECT_EQ(bench.taken[0].trust, protocol::ClockTrust::synced);
  const std::int64_t host_now = bench.host->wall_ms + bench.clock.monotonic().count();
  EXPECT_NEAR(static_cast<double>(bench.taken[0].wall_ms - host_now), 0.0, 20.0);
  bench.unplug();
  bench.run(Millis(60'000));
  EXPECT_THAT(bench.host->time_requests, SizeIs(4)) << "no host, no question";
}

// A board sleeps until the deadline: one that has passed would keep it awake.
TEST(TerminalLink, NothingToDoMeansTimeToSleep) {
  const auto expect_sleep = [](Bench& bench, const char* when) {
    bench.terminal->step();
    EXPECT_GT(bench.terminal->step(), bench.clock.monotonic()) << when;
  };
  Bench keyless({.enrolled = false});
  expect_sleep(keyless, "no connection");
  keyless.reconnects = true;
  keyless.plug_in();
  expect_sleep(keyless, "no key");
  keyless.terminal->open_window();
  ASSERT_TRUE(keyless.run_until([&] { return keyless.host->number().has_value(); }));
  expect_sleep(keyless, "comparing");
  keyless.terminal->agree(true);
  keyless.run(Millis(100));
  expect_sleep(keyless, "agreed");

  Bench bench;
  for (std::uint8_t card = 0; card < 5; ++card) {
    bench.tap(card);
    bench.run(Millis(10));
  }
  bench.host.emplace();
  bench.host->acknowledges = bench.host->answers = false;
  bench.plug_in();
  bench.host->say(protocol::Identify{60});
  for (int i = 0; i < 400; ++i) {
    if (i % 97 == 0) bench.tap(static_cast<std::uint8_t>(100 + i));
    bench.run(Millis(50));
    expect_sleep(bench, "taps that nobody acknowledges, while somebody looks for the terminal");
  }
}

TEST(TerminalLink, SilentHostIsAskedLessAndLess) {
  Bench bench;
  bench.host.emplace();
  bench.host->tells_time = false;
  bench.plug_in();
  bench.run(Millis(60'000));
  EXPECT_GE(bench.host->time_requests.size(), 3u);
  EXPECT_LE(bench.host->time_requests.size(), 12u);
}

}  // namespace
}  // namespace rollcall::firmware
