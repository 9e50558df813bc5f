#include "daemon/attendance/bracket.hpp"

#include <algorithm>
#include <limits>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

namespace rollcall::attendance {
namespace {

using protocol::ClockTrust;

constexpr std::int64_t eight = 1'772'434'800'000;  // 2026-03-02T08:00 in Brussels
constexpr std::int64_t minute = 60'000;
constexpr std::int64_t hour = 60 * minute;

// Exactly known, so that the numbers below can be read.
ProvenPoint exact(std::uint32_t boot, std::optional<std::uint64_t> monotonic_ms, std::int64_t ms) {
  return {boot, monotonic_ms, ms, ms};
}

Bracket of(const ClockPlace& tap, std::vector<ProvenPoint> points,
           std::optional<std::int64_t> received = std::nullopt) {
  return bracket(tap, points, received);
}

TEST(Bracket, NothingKnownSaysNothing) {
  const Bracket result = of({3, 5'000}, {});
  EXPECT_FALSE(result.not_before_ms);
  EXPECT_FALSE(result.not_after_ms);
}

TEST(Bracket, TheReceiptIsTheLatestItCanHaveBeen) {
  const Bracket result = of({3, 5'000}, {}, eight);
  EXPECT_FALSE(result.not_before_ms);
  EXPECT_EQ(result.not_after_ms, eight);
}

TEST(Bracket, APointOfTheSameStartIsCarriedByTheMonotonicClockWithItsDrift) {
  const Bracket later = of({3, 10'000'000}, {exact(3, 0, eight)});
  EXPECT_EQ(later.not_before_ms, eight + 10'000'000 - 1'001);
  EXPECT_EQ(later.not_after_ms, eight + 10'000'000 + 1'001);
  const Bracket earlier = of({3, 0}, {exact(3, 10'000'000, eight)});
  EXPECT_EQ(earlier.not_before_ms, eight - 10'000'000 - 1'001);
  EXPECT_EQ(earlier.not_after_ms, eight - 10'000'000 + 1'001);
}

TEST(Bracket, TheErrorOfAPointWidensIt) {
  const auto synced = proven_point(3, 1'000, eight, ClockTrust::synced);
  const auto drifting = proven_point(3, 1'000, eight, ClockTrust::drifting);
  ASSERT_TRUE(synced && drifting);
  EXPECT_EQ(of({3, 1'000}, {*synced}).not_before_ms, eight - 1'000 - 1);
  EXPECT_EQ(of({3, 1'000}, {*drifting}).not_after_ms, eight + 60'000 + 1);
  // Both hold: the better one counts.
  EXPECT_EQ(of({3, 1'000}, {*drifting, *synced}).not_after_ms, eight + 1'000 + 1);
}

TEST(Bracket, AnUnprovenTimeIsNoPoint) {
  EXPECT_FALSE(proven_point(3, 1'000, eight, ClockTrust::unproven));
  EXPECT_FALSE(proven_point(3, 1'000, 0, ClockTrust::synced));
  EXPECT_FALSE(
      proven_point(3, 1'000, std::numeric_limits<std::int64_t>::max(), ClockTrust::synced));
  EXPECT_FALSE(proven_point(3, std::uint64_t{1} << 53, eight, ClockTrust::synced));
  EXPECT_FALSE(proven_point(3, 1'000, eight, static_cast<ClockTrust>(7)));
}

TEST(Bracket, AnEarlierStartEndedBeforeTheTapsOwnBegan) {
  const Bracket result = of({4, 20'000}, {exact(3, 900'000, eight)});
  EXPECT_EQ(result.not_before_ms, eight + 20'000 - 3);
  EXPECT_FALSE(result.not_after_ms);
}

TEST(Bracket, ALaterStartBeganAfterTheTap) {
  const Bracket result = of({4, 20'000}, {exact(5, 30'000, eight)});
  EXPECT_FALSE(result.not_before_ms);
  EXPECT_EQ(result.not_after_ms, eight - 30'000 + 4);
}

TEST(Bracket, APointAtAnUnknownPlaceOfAStartSaysNothingOfThatStart) {
  EXPECT_FALSE(of({4, 20'000}, {exact(4, std::nullopt, eight)}).not_before_ms);
  EXPECT_TRUE(of({4, 20'000}, {exact(3, std::nullopt, eight)}).not_before_ms);
  EXPECT_EQ(of({4, 20'000}, {exact(5, std::nullopt, eight)}).not_after_ms, eight);
}

TEST(Bracket, PointsOnBothSidesHoldAtOnce) {
  const Bracket result = of({4, 20'000},
                            {exact(3, 5'000, eight), exact(5, 30'000, eight + hour),
                             exact(2, 5'000, eight - hour), exact(6, 30'000, eight + 2 * hour)},
                            eight + 3 * hour);
  EXPECT_EQ(result.not_before_ms, eight + 20'000 - 3);
  EXPECT_EQ(result.not_after_ms, eight + hour - 30'000 + 4);
}

TEST(Bracket, APointThatTheReceiptContradictsIsLeftAway) {
  // The host's clock was an hour ahead when it heard of start 3, and has been put right since.
  const Bracket result = of({4, 20'000}, {exact(3, 5'000, eight + hour)}, eight);
  EXPECT_FALSE(result.not_before_ms);
  EXPECT_EQ(result.not_after_ms, eight);
}

TEST(Bracket, WhatIsOlderThanAContradictionIsLeftAwayToo) {
  const std::vector<ProvenPoint> points = {exact(2, 5'000, eight - hour),      // older than it
                                           exact(3, 5'000, eight + 2 * hour),  // contradicts
                                           exact(5, 10'000, eight)};
  const Bracket result = of({4, 20'000}, points, eight + hour);
  EXPECT_FALSE(result.not_before_ms);
  EXPECT_EQ(result.not_after_ms, eight - 10'000 + 2);
}

TEST(Bracket, OfTwoPointsOfOneStartThatContradictTheNewerIsBelieved) {
  const Bracket result =
      of({4, 50'000}, {exact(4, 10'000, eight), exact(4, 90'000, eight + 5 * hour)});
  EXPECT_EQ(result.not_before_ms, eight + 5 * hour - 40'000 - 5);
  EXPECT_EQ(result.not_after_ms, eight + 5 * hour - 40'000 + 5);
}

TEST(Bracket, TheOrderOfThePointsDoesNotMatter) {
  std::vector<ProvenPoint> points = {exact(2, 5'000, eight - hour), exact(3, 1, eight),
                                     exact(4, 10'000, eight + hour),
                                     exact(4, 90'000, eight + 5 * hour), exact(6, 1, eight + hour)};
  const auto less = [](const ProvenPoint& a, const ProvenPoint& b) {
    return std::tie(a.boot, a.monotonic_ms) < std::tie(b.boot, b.monotonic_ms);
  };
  std::ranges::sort(points, less);
  const Bracket first = of({4, 50'000}, points, eight + 6 * hour);
  do {
    const Bracket result = of({4, 50'000}, points, eight + 6 * hour);
    ASSERT_EQ(result.not_before_ms, first.not_before_ms);
    ASSERT_EQ(result.not_after_ms, first.not_after_ms);
  } while (std::ranges::next_permutation(points, less).found);
}

TEST(Bracket, TimesThatNoCalendarHasAreNotTold) {
  constexpr std::uint64_t longest = (std::uint64_t{1} << 53) - 1;
  EXPECT_FALSE(of({4, longest}, {exact(3, 1, eight)}).not_before_ms);
  EXPECT_FALSE(of({4, 1}, {exact(5, longest, eight)}).not_after_ms);
  EXPECT_FALSE(of({4, 1}, {exact(4, longest, eight)}).not_after_ms);
  const Bracket beyond =
      of({4, std::numeric_limits<std::uint64_t>::max()}, {exact(3, 1, eight)}, eight + hour);
  EXPECT_FALSE(beyond.not_before_ms);
  EXPECT_EQ(beyond.not_after_ms, eight + hour);
}

TEST(JudgedAt, AProvenTimeIsTakenAsItIs) {
  const auto when = judged_at({eight, ClockTrust::drifting, 5, 1});
  ASSERT_TRUE(when);
  EXPECT_TRUE(when->one());
  EXPECT_EQ(when->first_ms, eight);
}

TEST(JudgedAt, AnUnprovenTimeIsTakenUnlessABoundContradictsIt) {
  EXPECT_TRUE(judged_at({eight, ClockTrust::unproven, 5, 1}));
  EXPECT_TRUE(judged_at({eight, ClockTrust::unproven, 5, 1, eight - hour, eight + hour}));
  EXPECT_FALSE(judged_at({eight, ClockTrust::unproven, 5, 1, eight + 1, std::nullopt}));
  EXPECT_FALSE(judged_at({eight, ClockTrust::unproven, 5, 1, std::nullopt, eight - 1}));
}

TEST(JudgedAt, WithoutATimeANarrowBracketIsTakenByItsEnds) {
  const auto when =
      judged_at({std::nullopt, ClockTrust::unproven, 5, 1, eight, eight + 5 * minute});
  ASSERT_TRUE(when);
  EXPECT_FALSE(when->one());
  EXPECT_EQ(when->first_ms, eight);
  EXPECT_EQ(when->last_ms, eight + 5 * minute);
  EXPECT_FALSE(
      judged_at({std::nullopt, ClockTrust::unproven, 5, 1, eight, eight + 5 * minute + 1}));
  EXPECT_FALSE(judged_at({std::nullopt, ClockTrust::unproven, 5, 1, eight, std::nullopt}));
  EXPECT_FALSE(judged_at({std::nullopt, ClockTrust::unproven, 5, 1}));
}

}  // namespace
}  // namespace rollcall::attendance
