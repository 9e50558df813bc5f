// What a session learns of a terminal's clock, and what taps of the queue get from it.
#include "daemon/terminals/start_clock.hpp"

#include "tests/unit/daemon/terminals/running_hub.hpp"

namespace rollcall::terminals {
namespace {

using protocol::ClockTrust;
using test::monday_0850;
using test::TestTerminal;

attendance::HostTime host_at(std::int64_t ms, ClockTrust trust = ClockTrust::synced) {
  return {monday_0850 + ms, trust, static_cast<std::uint64_t>(100'000 + ms), 1};
}

TEST(StartClock, TheFirstRequestLiesBetweenWelcomeAndItsArrival) {
  StartClock clock;
  EXPECT_TRUE(clock.welcomed(host_at(0)));
  clock.asked(7, 90'000, host_at(40));
  const auto point = clock.point(host_at(60'000));
  ASSERT_TRUE(point);
  EXPECT_EQ(point->boot, 7u);
  EXPECT_EQ(point->monotonic_ms, 90'000u);
  EXPECT_EQ(point->earliest_ms, monday_0850 - 1'000);
  EXPECT_EQ(point->latest_ms, monday_0850 + 40 + 1'000);
}

TEST(StartClock, OnlyTheFirstWelcomeAndTheFirstRequestCount) {
  StartClock clock;
  clock.welcomed(host_at(0));
  clock.asked(7, 90'000, host_at(40));
  EXPECT_FALSE(clock.welcomed(host_at(5'000)));
  clock.asked(7, 99'000, host_at(9'040));
  EXPECT_EQ(clock.point(host_at(10'000))->monotonic_ms, 90'000u);
}

TEST(StartClock, ARequestBeforeWelcomeSaysNothing) {
  StartClock clock;
  clock.asked(7, 90'000, host_at(0));
  EXPECT_FALSE(clock.point(host_at(10)));
  EXPECT_FALSE(clock.reading());
}

TEST(StartClock, AHostInDoubtProvesNothingAndOneThatDriftsALittle) {
  StartClock doubtful;
  doubtful.welcomed(host_at(0, ClockTrust::unproven));
  doubtful.asked(7, 90'000, host_at(40));
  EXPECT_FALSE(doubtful.point(host_at(50)));
  StartClock drifting;
  drifting.welcomed(host_at(0));
  drifting.asked(7, 90'000, host_at(40, ClockTrust::drifting));
  EXPECT_EQ(drifting.point(host_at(50))->earliest_ms, monday_0850 - 60'000);
  EXPECT_FALSE(drifting.point(host_at(50, ClockTrust::unproven)));
}

TEST(StartClock, AHostsClockThatWasMovedTakesThePointAway) {
  StartClock clock;
  clock.welcomed(host_at(0));
  clock.asked(7, 90'000, host_at(40));
  attendance::HostTime moved = host_at(10'000);
  moved.wall_ms += 3'600'000;
  EXPECT_FALSE(clock.point(moved));
  EXPECT_TRUE(clock.point(host_at(10'000)));
  StartClock in_between;
  in_between.welcomed(host_at(0));
  moved = host_at(40);
  moved.wall_ms -= 3'600'000;
  in_between.asked(7, 90'000, moved);
  EXPECT_FALSE(in_between.point(moved));
}

struct ClockTest : test::RunningHub {
  // As a terminal stores it that started without a host; `wall_ms` is what its calendar said.
  protocol::QueuedTap timeless(const TestTerminal& terminal, std::uint64_t number,
                               std::uint32_t boot, std::uint64_t monotonic_ms,
                               std::int64_t wall_ms = 0) {
    protocol::Tap tap = terminal.tap(number, 1, wall_ms);
    tap.boot = boot;
    tap.monotonic_ms = monotonic_ms;
    tap.trust = ClockTrust::unproven;
    return test::sealed(tap, keys.public_key);
  }
  // While nobody is connected.
  void hours_pass(int hours) {
    for (int tries = 0; tries < 500 && status().connected; ++tries) {
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    ask([&](Hub&) {
      host.wall_ms += hours * 3'600'000;
      host.monotonic_ms += static_cast<std::uint64_t>(hours) * 3'600'000;
      return true;
    });
  }
  nlohmann::json newest(const std::string& type) {
    store::Database db(scratch.path(), store::Database::Mode::query_only);
    auto row = db.prepare("SELECT position FROM log WHERE type = ? ORDER BY position DESC");
    if (!row.bind(type).step()) return {};
    return nlohmann::json::parse(events::to_cloudevent(db, "site-1", row.integer(0), 1));
  }
  static std::string at(std::int64_t ms) { return events::rfc3339(monday_0850 + ms); }
};

TEST_F(ClockTest, ATapOfThisVeryStartIsBracketedByTheFirstTimeExchange) {
  start();
  TestTerminal terminal({.boot = 7});
  ASSERT_TRUE(terminal.connect_tcp(port) && terminal.enter());
  ASSERT_TRUE(terminal.send(protocol::TimeRequest{600'000}));
  ASSERT_TRUE(terminal.send(timeless(terminal, 1, 7, 30'000)));
  ASSERT_TRUE(terminal.wait_for<protocol::TapAck>());
  const auto tap = newest("tap.recorded");
  EXPECT_TRUE(tap["data"]["time"]["wall"].is_null());
  EXPECT_EQ(tap["data"]["time"]["not_before"], at(-570'000 - 1'000 - 58));
  EXPECT_EQ(tap["data"]["time"]["not_after"], at(-570'000 + 1'000 + 58));
  expect_contract("tap.recorded");

  const auto set = newest("terminal.clock_set");
  ASSERT_FALSE(set.is_null());
  EXPECT_TRUE(set["data"]["before"].is_null());
  EXPECT_TRUE(set["data"]["step_ms"].is_null());
  EXPECT_EQ(set["data"]["after"], at(0));
  EXPECT_EQ(set["data"]["time"]["monotonic_ms"], 600'000);
  EXPECT_EQ(set["data"]["time"]["boot"], 7);
  expect_contract("terminal.clock_set");
}

TEST_F(ClockTest, ATapOfAnEarlierStartLiesBetweenTheStartsAroundIt) {
  start();
  {
    TestTerminal terminal({.boot = 7});
    ASSERT_TRUE(terminal.connect_tcp(port) && terminal.enter());
  }
  hours_pass(1);
  TestTerminal terminal({.boot = 9});
  ASSERT_TRUE(terminal.connect_tcp(port) && terminal.enter());
  ASSERT_TRUE(terminal.send(protocol::TimeRequest{20'000}));
  ASSERT_TRUE(terminal.send(timeless(terminal, 1, 8, 30'000)));
  ASSERT_TRUE(terminal.wait_for<protocol::TapAck>());
  const auto tap = newest("tap.recorded");
  EXPECT_EQ(tap["data"]["time"]["not_before"], at(-31'000 + 30'000 - 4));
  EXPECT_EQ(tap["data"]["time"]["not_after"], at(3'600'000 + 1'000 - 20'000 + 3));
  EXPECT_TRUE(newest("terminal.clock_set").is_null()) << "in this start no tap was timed before";
}

TEST_F(ClockTest, TheStepOfACalendarIsToldOnce) {
  start();
  {
    TestTerminal terminal({.boot = 7});
    ASSERT_TRUE(terminal.connect_tcp(port) && terminal.enter());
    ASSERT_TRUE(terminal.send(protocol::TimeRequest{600'000}));
    ASSERT_TRUE(terminal.send(timeless(terminal, 1, 7, 30'000, 33'120)));
    ASSERT_TRUE(terminal.send(timeless(terminal, 2, 7, 60'000, 63'120)));
    ASSERT_TRUE(terminal.wait_for<protocol::TapAck>());
  }
  const auto set = newest("terminal.clock_set");
  EXPECT_EQ(set["data"]["before"], events::rfc3339(603'120));
  EXPECT_EQ(set["data"]["step_ms"], monday_0850 - 603'120);
  expect_contract("terminal.clock_set");
  // The same start calls again: its clock was set before.
  TestTerminal terminal({.boot = 7});
  ASSERT_TRUE(terminal.connect_tcp(port) && terminal.enter());
  ASSERT_TRUE(terminal.send(protocol::TimeRequest{700'000}));
  ASSERT_TRUE(terminal.send(timeless(terminal, 3, 7, 90'000)));
  ASSERT_TRUE(terminal.wait_for<protocol::TapAck>());
  EXPECT_EQ(count("log WHERE type = 'terminal.clock_set'"), 1);
}

TEST_F(ClockTest, AStoredTapWithATimeThatCannotBeIsKeptForStaffAndSetsNoClock) {
  start();
  TestTerminal terminal({.boot = 7});
  ASSERT_TRUE(terminal.connect_tcp(port) && terminal.enter());
  ASSERT_TRUE(terminal.send(protocol::TimeRequest{600'000}));
  constexpr std::int64_t no_year = std::int64_t{1} << 62;
  ASSERT_TRUE(terminal.send(timeless(terminal, 1, 7, 30'000, no_year)));
  ASSERT_TRUE(terminal.wait_for<protocol::TapAck>());
  EXPECT_EQ(count("log WHERE type = 'terminal.clock_set'"), 0);
}

}  // namespace
}  // namespace rollcall::terminals
