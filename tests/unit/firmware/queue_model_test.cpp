// The offline log against its model, with the power cut in every single storage operation.
//
// A failing case prints an id such as `4/4096x4 seed 7 cut torn at 31`; ROLLCALL_SEED=7 runs its
// seed.
#include "tests/unit/firmware/queue_model.hpp"

#include <chrono>
#include <numeric>

#include <gtest/gtest.h>

#include "tests/unit/firmware/power_cuts.hpp"

namespace rollcall::firmware {
namespace {

using hal::sim::Cut;

// One seed is always played to its end; more while this lasts.
constexpr std::chrono::milliseconds time_for_more_seeds{2500};

const char* name_of(Cut cut) {
  switch (cut) {
    case Cut::before:
      return "before";
    case Cut::after:
      return "after";
    case Cut::torn:
      break;
  }
  return "torn";
}

std::string id_of(const Scenario& s) {
  return id_of(Place{s.geometry, s.write_cache}, s.seed);
}

// Near 0.618 of `count`, so that a few strides already spread over all of it.
std::uint64_t coprime_stride(std::uint64_t count) {
  std::uint64_t stride = std::max<std::uint64_t>(1, count * 618 / 1000);
  while (std::gcd(stride, count) != 1) ++stride;
  return stride;
}

class QueueCuts : public testing::TestWithParam<Scenario> {};

TEST_P(QueueCuts, NoCutLosesATapOrGivesAnIdentityTwice) {
  const auto end = std::chrono::steady_clock::now() + time_for_more_seeds;
  Scenario scenario = GetParam();
  scenario.seed = first_seed();
  const Scenario first = scenario;
  RecordProperty("first_seed", std::to_string(scenario.seed));
  unsigned cuts = 0, seeds = 0, missed = 0;
  QueueModel::Seen seen;
  do {
    const AgedLog aged = age_log(scenario);
    ASSERT_TRUE(aged.ready);
    QueueModel whole(scenario, aged, std::nullopt);
    ASSERT_EQ(whole.play(), "") << id_of(scenario) << " without a cut";
    seen.appends += whole.seen().appends;
    seen.full += whole.seen().full;
    seen.overwritten += whole.seen().overwritten;
    seen.sites += whole.seen().sites;
    // Steps through all operations; in a sample, in strides that meet each at most once.
    const std::uint64_t all = whole.operations();
    const std::uint64_t stride = scenario.every_cut ? 1 : coprime_stride(all);
    for (std::uint64_t i = 0, at = 0; i < all; ++i, at = (at + stride) % all) {
      for (const Cut how : {Cut::before, Cut::after, Cut::torn}) {
        QueueModel cut(scenario, aged, CutPoint{at, how});
        ASSERT_EQ(cut.play(), "") << id_of(scenario) << " cut " << name_of(how) << " at " << at;
        ++cuts;
        if (!cut.cut_happened()) ++missed;
      }
      const bool may_stop = seeds > 0 || !scenario.every_cut;
      if (may_stop && std::chrono::steady_clock::now() >= end) break;
    }
    ++scenario.seed;
    ++seeds;
  } while (std::chrono::steady_clock::now() < end);
  std::printf("%s: %u seeds, %u cuts, %u taps, %u refused as full, %zu overwritten, %u sites\n",
              id_of(first).c_str(), seeds, cuts, seen.appends, seen.full, seen.overwritten,
              seen.sites);
  EXPECT_EQ(missed, 0u);
  EXPECT_GT(seen.appends, 0u);
  if (scenario.age > 0) {
    EXPECT_GT(seen.overwritten, 0u) << "the ring was never used up";
  }
}

INSTANTIATE_TEST_SUITE_P(Geometries, QueueCuts,
                         testing::Values(Scenario{{32768, 4, 512}, 1, 30, false, true, 4},
                                         Scenario{{4096, 5, 4}, 1, 40, false, true, 5},
                                         Scenario{{8192, 3, 1}, 1, 30, false, true, 4},
                                         Scenario{{16384, 3, 16}, 1, 30, false, true, 4},
                                         Scenario{{4096, 4, 512}, 1, 40, true, true, 0},
                                         Scenario{{4096, 6, 512}, 1, 40, true, true, 0, true},
                                         Scenario{{262144, 3, 1}, 1, 20, false, false, 3}),
                         [](const auto& param) {
                           const hal::Geometry& g = param.param.geometry;
                           return "Program" + std::to_string(g.program_bytes) + "Unit" +
                                  std::to_string(g.unit_bytes) +
                                  (param.param.write_cache ? "Cached" : "") +
                                  (param.param.never_erased ? "NeverErased" : "");
                         });

}  // namespace
}  // namespace rollcall::firmware
