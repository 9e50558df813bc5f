// Every transition of the trust in a clock: all states, events, host trusts, errors and ages.
#include "protocol/clock_trust.hpp"

#include <array>

#include <gtest/gtest.h>

namespace rollcall::protocol {
namespace {

using namespace std::chrono_literals;
using Millis = std::chrono::milliseconds;

constexpr auto U = ClockTrust::unproven;
constexpr auto D = ClockTrust::drifting;
constexpr auto S = ClockTrust::synced;
constexpr std::array all_trusts{U, D, S};

// How good the time itself is: its error, and the time since the last sample.
enum Quality { good, doubtful, useless };
struct Facts {
  Quality quality;
  Millis error;
  Millis since;
};
constexpr Facts qualities[] = {
    {good, 0ms, 0ms},      {good, 1'000ms, 6h - 1ms},  {doubtful, 1'001ms, 0ms},
    {doubtful, 0ms, 6h},   {doubtful, 60'000ms, 240h}, {useless, 60'001ms, 0ms},
    {useless, 24h, 1000h},
};

struct Row {
  ClockEvent event;
  Quality quality;
  ClockTrust now;
  // Afterwards, by the trust of the host: unproven, drifting, synced.
  std::array<ClockTrust, 3> next;
};
constexpr Row table[] = {
    // Time goes by: nothing becomes better.
    {ClockEvent::none, good, U, {U, U, U}},
    {ClockEvent::none, good, D, {U, D, D}},
    {ClockEvent::none, good, S, {U, D, S}},
    {ClockEvent::none, doubtful, U, {U, U, U}},
    {ClockEvent::none, doubtful, D, {U, D, D}},
    {ClockEvent::none, doubtful, S, {U, D, D}},
    {ClockEvent::none, useless, U, {U, U, U}},
    {ClockEvent::none, useless, D, {U, U, U}},
    {ClockEvent::none, useless, S, {U, U, U}},
    // A sample: the host's trust, as far as the sample itself is good.
    {ClockEvent::sample, good, U, {U, D, S}},
    {ClockEvent::sample, good, D, {U, D, S}},
    {ClockEvent::sample, good, S, {U, D, S}},
    {ClockEvent::sample, doubtful, U, {U, D, D}},
    {ClockEvent::sample, doubtful, D, {U, D, D}},
    {ClockEvent::sample, doubtful, S, {U, D, D}},
    {ClockEvent::sample, useless, U, {U, U, U}},
    {ClockEvent::sample, useless, D, {U, U, U}},
    {ClockEvent::sample, useless, S, {U, U, U}},
    // A moved clock and a start: all is lost, whatever the host says.
    {ClockEvent::jump, good, U, {U, U, U}},
    {ClockEvent::jump, good, D, {U, U, U}},
    {ClockEvent::jump, good, S, {U, U, U}},
    {ClockEvent::jump, doubtful, U, {U, U, U}},
    {ClockEvent::jump, doubtful, D, {U, U, U}},
    {ClockEvent::jump, doubtful, S, {U, U, U}},
    {ClockEvent::jump, useless, U, {U, U, U}},
    {ClockEvent::jump, useless, D, {U, U, U}},
    {ClockEvent::jump, useless, S, {U, U, U}},
    {ClockEvent::restart, good, U, {U, U, U}},
    {ClockEvent::restart, good, D, {U, U, U}},
    {ClockEvent::restart, good, S, {U, U, U}},
    {ClockEvent::restart, doubtful, U, {U, U, U}},
    {ClockEvent::restart, doubtful, D, {U, U, U}},
    {ClockEvent::restart, doubtful, S, {U, U, U}},
    {ClockEvent::restart, useless, U, {U, U, U}},
    {ClockEvent::restart, useless, D, {U, U, U}},
    {ClockEvent::restart, useless, S, {U, U, U}},
};
static_assert(std::size(table) == 4 * 3 * 3, "every event, quality and state");

TEST(ClockTrust, EveryTransitionIsThatOfTheTable) {
  for (const Row& row : table) {
    for (const Facts& facts : qualities) {
      if (facts.quality != row.quality) continue;
      for (std::size_t host = 0; host < all_trusts.size(); ++host) {
        const ClockFacts given{row.event, all_trusts[host], facts.error, facts.since};
        EXPECT_EQ(next_trust(row.now, given), row.next[host])
            << "from " << int(row.now) << ", event " << int(row.event) << ", host " << host
            << ", error " << facts.error.count() << " ms, since " << facts.since.count() << " ms";
      }
    }
  }
}

TEST(ClockTrust, TerminalIsNeverAboveItsHost) {
  for (const Row& row : table) {
    for (std::size_t host = 0; host < all_trusts.size(); ++host) {
      EXPECT_LE(row.next[host], all_trusts[host]);
    }
  }
}

TEST(ClockTrust, OnlyASampleMakesItBetter) {
  for (const Row& row : table) {
    for (const ClockTrust next : row.next) {
      if (row.event != ClockEvent::sample) {
        EXPECT_LE(next, row.now);
      }
    }
  }
}

TEST(ClockTrust, AHostTrustThatNobodyKnowsCountsAsUnproven) {
  const auto strange = static_cast<ClockTrust>(9);
  EXPECT_EQ(next_trust(S, {ClockEvent::sample, strange, 0ms, 0ms}), U);
}

TEST(ClockTrust, IsKnownAtCompileTime) {
  static_assert(next_trust(U, {ClockEvent::sample, S, 5ms, 0ms}) == S);
  static_assert(next_trust(S, {ClockEvent::none, S, 5ms, 6h}) == D);
}

}  // namespace
}  // namespace rollcall::protocol
