// Two simulated clocks, a line with delays of its own, and the question whether the time that the
// terminal tells is within the error it admits.
#include "protocol/time_sync.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/protocol/support.hpp"

namespace rollcall::protocol {
namespace {

using namespace std::chrono_literals;
using testing::Random;
using Millis = std::chrono::milliseconds;
using Verdict = SampleVerdict;

// A day in March, as a host's Unix time.
constexpr double host_start_ms = 1'772'000'000'000;

struct Line {
  double up_ms = 2;          // least delay to the host
  double down_ms = 2;        // and back
  double jitter_ms = 10;     // mean of what comes on top, each way
  double host_ms = 1;        // mean time that the host takes
  unsigned lost_one_in = 0;  // 0: none
};

// True time passes in `real_ms`; the terminal's crystal makes of it what its drift says.
class World {
 public:
  World(double terminal_ppm, const Line& delays, Random& random)
      : line(delays), random_(random), rate_(1 + terminal_ppm * 1e-6) {
    sync.link_up(monotonic());
  }

  TimeSync sync;
  Line line;
  double real_ms = 5'000;
  double host_step_ms = 0;
  unsigned requests = 0;
  double worst_error_ms = 0;
  double worst_bound_ms = 0;

  Millis monotonic() const {
    return Millis(static_cast<std::int64_t>(std::floor(real_ms * rate_)));
  }
  double host_exact_ms() const { return host_start_ms + real_ms + host_step_ms; }
  std::int64_t host() const { return static_cast<std::int64_t>(std::floor(host_exact_ms())); }
  double drift_ppm() const { return static_cast<double>(sync.drift_ppb().value_or(0)) / 1000.0; }
  // What the host's clock gains on the terminal's.
  double true_drift_ppm() const { return (1 / rate_ - 1) * 1e6; }

  Verdict ask() {
    ++requests;
    TimeExchange e;
    e.t1 = monotonic();
    sync.request_sent(e.t1);
    real_ms += line.up_ms + exponential(line.jitter_ms);
    e.t2 = host();
    real_ms += exponential(line.host_ms);
    e.t3 = host();
    real_ms += line.down_ms + exponential(line.jitter_ms);
    e.t4 = monotonic();
    if (line.lost_one_in > 0 && random_.one_in(line.lost_one_in)) return Verdict::not_asked;
    return sync.on_reply(e);
  }
  // Looks at the time, and whether it is what it says.
  void look() {
    const auto time = sync.read(monotonic());
    if (!time) return;
    const double error = std::abs(static_cast<double>(time->wall_ms) - host_exact_ms());
    worst_error_ms = std::max(worst_error_ms, error);
    worst_bound_ms = std::max(worst_bound_ms, static_cast<double>(time->error.count()));
    ASSERT_LE(error, static_cast<double>(time->error.count()))
        << "at " << real_ms << " ms, drift " << drift_ppm() << " of " << true_drift_ppm();
    if (last_wall_ && steps_seen_ == sync.steps()) {
      ASSERT_GE(time->wall_ms, *last_wall_);
    }
    last_wall_ = time->wall_ms;
    steps_seen_ = sync.steps();
  }
  // Asks when it is time to, looks now and then.
  void run(double for_ms) {
    const double end = real_ms + for_ms;
    while (real_ms < end && !::testing::Test::HasFatalFailure()) {
      if (monotonic() >= sync.next_request_at()) ask();
      look();
      const double until_due =
          static_cast<double>((sync.next_request_at() - monotonic()).count()) + 1;
      real_ms += std::clamp(until_due, 1.0, 7'000.0);
    }
  }

 private:
  double exponential(double mean) {
    if (mean <= 0) return 0;
    const double u = static_cast<double>(random_.bits() >> 11) * 0x1p-53;
    return std::min(-mean * std::log(1 - u), 40 * mean);
  }

  Random& random_;
  double rate_;
  std::optional<std::int64_t> last_wall_;
  std::uint32_t steps_seen_ = 0;
};

constexpr double minute = 60'000, hour = 60 * minute;

TEST(TimeSync, OneExchangeGivesTheTimeAndHowFarItIsCertain) {
  TimeSync sync;
  EXPECT_FALSE(sync.read(Millis(0)));
  sync.link_up(Millis(1'000));
  sync.request_sent(Millis(1'000));
  EXPECT_EQ(sync.on_reply({Millis(1'000), 500'004, 500'006, Millis(1'010)}), Verdict::taken);
  const auto time = sync.read(Millis(1'010));
  ASSERT_TRUE(time);
  EXPECT_EQ(time->wall_ms, 500'010);
  // Half of the round trip of 8 ms, and the cut-off of timestamps and of what is read.
  EXPECT_GE(time->error, 5ms);
  EXPECT_LE(time->error, 7ms);
  EXPECT_EQ(sync.read(Millis(61'010))->wall_ms, 560'010);
  EXPECT_FALSE(sync.drift_ppb());
}

TEST(TimeSync, SenselessExchangesAreIgnored) {
  const auto verdict = [](TimeExchange e) {
    TimeSync sync;
    sync.link_up(e.t1);
    sync.request_sent(e.t1);
    const auto result = sync.on_reply(e);
    EXPECT_EQ(sync.read(e.t4).has_value(), result == Verdict::taken);
    return result;
  };
  EXPECT_EQ(verdict({Millis(100), 9'000, 9'000, Millis(100)}), Verdict::taken);
  EXPECT_EQ(verdict({Millis(100), 9'000, 9'001, Millis(100)}), Verdict::taken) << "rounding";
  EXPECT_EQ(verdict({Millis(100), 9'000, 9'002, Millis(100)}), Verdict::senseless);
  EXPECT_EQ(verdict({Millis(100), 9'000, 8'999, Millis(110)}), Verdict::senseless);
  EXPECT_EQ(verdict({Millis(100), 9'000, 9'000, Millis(99)}), Verdict::senseless);
  EXPECT_EQ(verdict({Millis(100), 0, 0, Millis(110)}), Verdict::senseless);
  EXPECT_EQ(verdict({Millis(100), -5, 9, Millis(110)}), Verdict::senseless);
  EXPECT_EQ(verdict({Millis(100), INT64_MIN, INT64_MAX, Millis(110)}), Verdict::senseless);
  EXPECT_EQ(verdict({Millis(100), INT64_MAX, INT64_MAX, Millis(110)}), Verdict::senseless);
  EXPECT_EQ(verdict({Millis(100), 9'000, 9'000, Millis(2'100)}), Verdict::taken);
  EXPECT_EQ(verdict({Millis(100), 9'000, 9'000, Millis(2'101)}), Verdict::too_slow);
}

TEST(TimeSync, AReplyToAnOlderRequestIsIgnored) {
  TimeSync sync;
  sync.link_up(Millis(0));
  sync.request_sent(Millis(10));
  sync.request_sent(Millis(2'010));
  EXPECT_EQ(sync.on_reply({Millis(10), 9'000, 9'000, Millis(2'015)}), Verdict::not_asked);
  EXPECT_EQ(sync.on_reply({Millis(2'010), 9'000, 9'000, Millis(2'020)}), Verdict::taken);
  EXPECT_EQ(sync.on_reply({Millis(2'010), 9'000, 9'000, Millis(2'030)}), Verdict::not_asked)
      << "the same reply again";
  sync.request_sent(Millis(5'000));
  sync.link_down();
  EXPECT_EQ(sync.on_reply({Millis(5'000), 9'000, 9'000, Millis(5'001)}), Verdict::not_asked)
      << "of an earlier connection";
}

TEST(TimeSync, AsksFourTimesAtOnceAndThenMoreAndMoreSeldom) {
  Random random(1);
  World world(0, {2, 2, 0, 0}, random);
  std::vector<double> gaps;
  double last = world.real_ms;
  for (int i = 0; i < 10; ++i) {
    while (world.monotonic() < world.sync.next_request_at()) world.real_ms += 1;
    gaps.push_back(std::round((world.real_ms - last) / 1000));
    last = world.real_ms;
    world.ask();
  }
  EXPECT_THAT(gaps, ::testing::ElementsAre(0, 1, 1, 1, 120, 240, 480, 960, 960, 960));
  world.sync.link_down();
  EXPECT_EQ(world.sync.next_request_at(), time_sync::never);
}

TEST(TimeSync, AHostThatDoesNotAnswerIsAskedLessAndLess) {
  TimeSync sync;
  sync.link_up(Millis(0));
  std::vector<std::int64_t> gaps;
  Millis last{0};
  for (int i = 0; i < 9; ++i) {
    const Millis at = sync.next_request_at();
    gaps.push_back((at - last).count() / 1000);
    sync.request_sent(last = at);
  }
  EXPECT_THAT(gaps, ::testing::ElementsAre(0, 2, 4, 8, 16, 32, 64, 120, 120));
}

TEST(TimeSync, TrueTimeLiesWithinTheErrorAlways) {
  Random random;
  for (const double ppm : {-100.0, -37.0, 0.0, 20.0, 100.0}) {
    for (const Line line : {Line{0.3, 0.3, 0.5, 0.2}, Line{2, 2, 10, 1}, Line{1, 30, 25, 5},
                            Line{80, 2, 100, 20}, Line{5, 5, 20, 3, 3}}) {
      World world(ppm, line, random);
      world.run(10 * hour);
      ASSERT_FALSE(HasFatalFailure()) << ppm << " ppm, up " << line.up_ms;
      // Then the host is away for days.
      world.sync.link_down();
      for (int i = 0; i < 40; ++i) {
        world.real_ms += 2 * hour;
        world.look();
      }
      world.sync.link_up(world.monotonic());
      world.run(hour);
      ASSERT_FALSE(HasFatalFailure()) << ppm << " ppm, up " << line.up_ms << ", after a pause";
    }
  }
}

TEST(TimeSync, DriftIsKnownToFiveMillionthsAfterTwoHours) {
  Random random;
  for (double ppm = -100; ppm <= 100; ppm += 12.5) {
    World world(ppm, {2, 4, 8, 1}, random);
    world.run(2 * hour);
    ASSERT_TRUE(world.sync.drift_ppb()) << ppm;
    EXPECT_NEAR(world.drift_ppm(), world.true_drift_ppm(), 5.0);
    EXPECT_LE(std::abs(world.drift_ppm() - world.true_drift_ppm()),
              static_cast<double>(world.sync.drift_uncertainty_ppb()) / 1000.0);
    EXPECT_EQ(world.sync.steps(), 0u);
    EXPECT_LE(world.requests, 20u);
  }
}

TEST(TimeSync, AMeasuredDriftCarriesTheTimeOn) {
  Random random;
  World world(80, {1, 1, 1, 0.1}, random);
  world.run(3 * hour);
  world.sync.link_down();
  world.real_ms += 24 * hour;
  world.look();
  // 80 ppm of a day are 6.9 s; what is left is less than the residual allows.
  EXPECT_LE(world.worst_error_ms, 900);
  EXPECT_LE(world.worst_bound_ms, 900);
}

TEST(TimeSync, OneGoodExchangeAmongSlowOnesIsTheOneThatCounts) {
  TimeSync sync;
  sync.link_up(Millis(0));
  const auto exchange = [&](std::int64_t at, std::int64_t up, std::int64_t down) {
    sync.request_sent(Millis(at));
    return sync.on_reply(
        {Millis(at), 1'000'000 + at + up, 1'000'000 + at + up, Millis(at + up + down)});
  };
  exchange(0, 900, 10);
  EXPECT_GE(sync.read(Millis(1'000))->error, 450ms);
  exchange(1'000, 4, 4);
  exchange(2'000, 10, 900);
  EXPECT_EQ(sync.read(Millis(3'000))->wall_ms, 1'003'000);
  EXPECT_LE(sync.read(Millis(3'000))->error, 8ms);
}

TEST(TimeSync, AHostThatStepsIsFollowedAndSaidToHaveStepped) {
  for (const double step : {3 * hour, 5'000.0, -700.0 * 1000, -24 * hour}) {
    Random random(7);
    World world(40, {}, random);
    world.run(3 * hour);
    ASSERT_EQ(world.sync.steps(), 0u);
    world.host_step_ms = step;
    EXPECT_EQ(world.ask(), Verdict::jumped);
    EXPECT_EQ(world.sync.steps(), 1u);
    EXPECT_FALSE(world.sync.drift_ppb()) << "what was measured is forgotten";
    EXPECT_LE(world.sync.next_request_at(), world.monotonic()) << "a second sample is due at once";
    EXPECT_EQ(world.ask(), Verdict::taken);
    world.run(3 * hour);
    EXPECT_EQ(world.sync.steps(), 1u);
    EXPECT_NEAR(world.drift_ppm(), world.true_drift_ppm(), 8.0);
  }
}

TEST(TimeSync, ASmallCorrectionNeverTurnsTheTimeBack) {
  Random random(3);
  World world(0, {2, 2, 0, 0}, random);
  world.run(30 * minute);
  const std::int64_t before = world.sync.read(world.monotonic())->wall_ms;
  world.host_step_ms = -300;
  EXPECT_EQ(world.ask(), Verdict::taken);
  const auto after = world.sync.read(world.monotonic());
  EXPECT_EQ(after->wall_ms, before) << "it stands still";
  EXPECT_GE(after->error, 290ms) << "and says so";
  EXPECT_EQ(world.sync.steps(), 0u);
  world.real_ms += 400;
  world.look();
  EXPECT_GT(world.sync.read(world.monotonic())->wall_ms, before);
  world.run(hour);
}

TEST(TimeSync, ACrystalThatWarmsUpIsMeasuredAnew) {
  Random random;
  World slow(20, {1, 1, 1, 0}, random);
  slow.run(3 * hour);
  ASSERT_TRUE(slow.sync.drift_ppb());
  // From here on the clock runs at another rate: as a clock that was moved ever so little.
  for (int i = 1; i <= 12; ++i) {
    slow.host_step_ms += 60e-6 * 16 * minute;
    slow.real_ms += 16 * minute;
    EXPECT_EQ(slow.ask(), Verdict::taken);
  }
  EXPECT_EQ(slow.sync.steps(), 0u);
  ASSERT_TRUE(slow.sync.drift_ppb());
  EXPECT_NEAR(slow.drift_ppm(), slow.true_drift_ppm() + 60, 5.0);
}

TEST(TimeSync, ATimeThatCameUnaskedIsCoarse) {
  TimeSync sync;
  EXPECT_EQ(sync.on_coarse(1'000'000, Millis(50)), Verdict::taken);
  EXPECT_GE(sync.read(Millis(50))->error, time_sync::coarse_error);
  EXPECT_EQ(sync.on_answer(Millis(60), 1'000'012, Millis(70)), Verdict::taken);
  EXPECT_LE(sync.read(Millis(70))->error, 8ms);
  EXPECT_EQ(sync.on_coarse(999'000, Millis(80)), Verdict::nothing_new) << "old, not wrong";
  EXPECT_EQ(sync.read(Millis(80))->wall_ms, 1'000'027);
  EXPECT_EQ(sync.on_coarse(5'000'000, Millis(90)), Verdict::jumped);
  EXPECT_EQ(sync.on_coarse(0, Millis(90)), Verdict::senseless);
}

TEST(TimeSync, AnAnswerThatTookLongIsCoarse) {
  TimeSync sync;
  EXPECT_EQ(sync.on_answer(Millis(0), 1'000'000, Millis(2'500)), Verdict::taken);
  EXPECT_GE(sync.read(Millis(2'500))->error, time_sync::coarse_error);
}

TEST(TimeSync, ALinkThatComesAndGoesKeepsTheOlderSamples) {
  Random random;
  World world(60, {1, 1, 2, 0}, random);
  world.run(2 * hour);
  for (int i = 0; i < 50; ++i) {
    world.sync.link_down();
    world.sync.link_up(world.monotonic());
    world.run(500);
  }
  ASSERT_TRUE(world.sync.drift_ppb());
  EXPECT_NEAR(world.drift_ppm(), world.true_drift_ppm(), 5.0);
}

TEST(TimeSync, WhatWasMovedIsForgotten) {
  Random random(5);
  World world(0, {}, random);
  world.run(hour);
  world.sync.forget(world.monotonic());
  EXPECT_FALSE(world.sync.read(world.monotonic()));
  EXPECT_EQ(world.sync.next_request_at(), world.monotonic());
  EXPECT_EQ(world.ask(), Verdict::taken);
}

}  // namespace
}  // namespace rollcall::protocol
