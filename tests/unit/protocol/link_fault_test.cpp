// Two ends and a bad line, for a million random steps in all: sealed, with bulk transfers both
// ways. A step is one turn of both ends (World::step): time goes on, each reads, computes, and
// writes. Every test prints how many it made; ROLLCALL_SEED replays, ROLLCALL_FULL makes ten times
// as many.
#include <iostream>

#include <gtest/gtest.h>

#include "tests/unit/protocol/link_world.hpp"

namespace rollcall::protocol::testing {
namespace {

using namespace std::chrono_literals;

const int worlds = long_run() ? 100 : 10;
constexpr int steps_each = 10'000;

void run(const Faults& faults, const std::function<void(World&)>& also = {}, Millis pace = 0ms) {
  Random seeds;
  std::uint64_t steps = 0, frames = 0, sessions = 0, transfers = 0, resumed = 0, keys = 0;
  for (int i = 0; i < worlds && !::testing::Test::HasFailure(); ++i) {
    Random random(seeds.bits());
    World world(faults, random, pace);
    for (int n = 0; n < steps_each && !::testing::Test::HasFailure(); ++n) world.step();
    world.calm();
    if (also) also(world);
    steps += world.steps;
    frames += world.to_a.frames() + world.to_b.frames();
    sessions += world.a.sessions;
    transfers += world.a.upload.complete + world.b.upload.complete;
    resumed += world.a.download.resumed + world.b.download.resumed;
    keys += world.to_a.key_changes() + world.to_b.key_changes();
  }
  std::cout << "seed " << seeds.seed() << ": " << steps << " steps, " << frames << " frames, "
            << sessions << " sessions, " << transfers << " transfers, " << resumed << " resumed, "
            << keys << " key changes\n";
  EXPECT_GE(steps, static_cast<std::uint64_t>(worlds) * steps_each);
}

TEST(LinkFaults, GoodLineLosesNoFrameAndNoSession) {
  run({}, [](World& world) {
    for (const WorldEnd* end : {&world.a, &world.b}) {
      // An end that starts in the middle of the peer's HELLO sees half of it.
      EXPECT_LE(end->link.counters().bad_crc + end->link.counters().bad_cobs, 1u);
      EXPECT_EQ(end->link.counters().bad_tag, 0u);
      EXPECT_EQ(end->repeated_over_sessions, 0u);
      EXPECT_EQ(end->downs, (std::array<std::uint64_t, 12>{}));
    }
  });
}

TEST(LinkFaults, Loss) {
  run({.lose = 10});
}
TEST(LinkFaults, HeavyLoss) {
  run({.lose = 3});
}
TEST(LinkFaults, Repetition) {
  run({.repeat = 5});
}
TEST(LinkFaults, Reordering) {
  run({.reorder = 5});
}
TEST(LinkFaults, Damage) {
  run({.damage = 10});
}
TEST(LinkFaults, Truncation) {
  run({.truncate = 10});
}
TEST(LinkFaults, Stalls) {
  run({.stall = 50});
}
TEST(LinkFaults, Disconnects) {
  run({.disconnect = 200});
}

constexpr Faults all_but_attacks = {.lose = 20,
                                    .repeat = 20,
                                    .reorder = 20,
                                    .damage = 20,
                                    .truncate = 30,
                                    .stall = 300,
                                    .disconnect = 1000};

TEST(LinkFaults, AllTogether) {
  run(all_but_attacks);
}

// Sessions end, messages do not.
TEST(LinkFaults, ForgeryAndReplayAreNoticedByTheTag) {
  Faults faults = all_but_attacks;
  faults.damage_and_fix_crc = 200;
  faults.replay = 200;
  std::uint64_t noticed = 0;
  run(faults, [&](World& world) {
    noticed += world.a.link.counters().bad_tag + world.b.link.counters().bad_tag;
  });
  EXPECT_GT(noticed, 0u);
}

// Hours pass, so that both ends change their keys in the midst of it.
TEST(LinkFaults, KeysChangeInTheMidstOfLoss) {
  std::uint64_t changes = 0;
  run(
      {.lose = 20, .repeat = 20, .damage = 20},
      [&](World& world) {
        changes += world.to_a.key_changes() + world.to_b.key_changes();
        EXPECT_EQ(world.a.link.counters().bad_tag + world.b.link.counters().bad_tag, 0u);
      },
      1s);
  EXPECT_GT(changes, 10u);
}

}  // namespace
}  // namespace rollcall::protocol::testing
