// The seed under power cuts: in every storage operation of a start and of the factory's console,
// clean and torn, with and without a write cache, once and again and again.
//
// A failing case prints an id such as `512/512x2 seed 7`; ROLLCALL_SEED=7 begins with its seed.
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "firmware/entropy/seeded_entropy.hpp"
#include "hal/sim/fake_flash.hpp"
#include "tests/unit/firmware/power_cuts.hpp"

namespace rollcall::firmware {
namespace {

using Buffer = std::vector<std::uint8_t>;
using hal::sim::Cut;
using hal::sim::FakeFlash;

// A terminal's whole life: what it ever gave out, and that none of it came twice.
struct Life {
  std::set<Buffer> given;
  bool repeated = false;

  // One start, until its power goes: true when it was seeded.
  bool start(FakeFlash& flash) {
    SeededEntropy entropy(flash, nullptr);
    entropy.start({}, {});
    if (!entropy.seeded()) return false;
    draw(entropy);
    return true;
  }
  void draw(SeededEntropy& entropy) {
    Buffer out(16);
    entropy.fill(out);
    if (!given.insert(out).second) repeated = true;
  }
};

class SeedCuts : public testing::TestWithParam<Place> {
 protected:
  FakeFlash provisioned() const {
    FakeFlash flash(GetParam().geometry);
    flash.use_write_cache(GetParam().write_cache);
    SeededEntropy entropy(flash, nullptr);
    entropy.start({}, {});
    EXPECT_TRUE(entropy.provision({1, 2, 3}));
    return flash;
  }
  unsigned variants(Cut how) const {
    if (how != Cut::torn && !GetParam().write_cache) return 1;
    return GetParam().geometry.unit_bytes > 65536 ? 6 : 40;
  }
  std::uint64_t seed_ = first_seed();
};

TEST_P(SeedCuts, ACutStartLeavesASeedThatWasNeverUsed) {
  FakeFlash counted = provisioned();
  const std::uint64_t before = counted.operations();
  Life().start(counted);
  const std::uint64_t all = counted.operations() - before;
  ASSERT_GE(all, 5u);  // erase, program, sync, erase, sync at least
  for (std::uint64_t at = 0; at < all; ++at) {
    for (const Cut how : {Cut::before, Cut::after, Cut::torn}) {
      for (unsigned i = 0; i < variants(how); ++i) {
        SCOPED_TRACE(id_of(GetParam(), seed_ + i) + ", operation " + std::to_string(at) + ", cut " +
                     std::to_string(int(how)));
        FakeFlash flash = provisioned();
        Life life;
        flash.cut_at(at, how, seed_ + i);
        ASSERT_FALSE(life.start(flash)) << "nothing went out that could come again";
        ASSERT_FALSE(flash.has_power());
        flash.restart();
        for (int start = 0; start < 3; ++start) ASSERT_TRUE(life.start(flash)) << start;
        ASSERT_FALSE(life.repeated);
        ASSERT_EQ(flash.rule_breaks(), 0u);
      }
    }
  }
}

TEST_P(SeedCuts, ACutInTheFactoryLeavesATerminalThatCanBeProvisionedAgain) {
  for (const bool was_seeded : {false, true}) {
    const auto prepare = [&] {
      if (was_seeded) return provisioned();
      FakeFlash flash(GetParam().geometry);
      flash.use_write_cache(GetParam().write_cache);
      return flash;
    };
    bool old_seen = false, new_seen = false;
    for (std::uint64_t at = 0;; ++at) {
      bool cut = false;
      for (const Cut how : {Cut::before, Cut::after, Cut::torn}) {
        for (unsigned i = 0; i < variants(how); ++i) {
          SCOPED_TRACE(id_of(GetParam(), seed_ + i) + ", operation " + std::to_string(at) +
                       ", cut " + std::to_string(int(how)));
          FakeFlash flash = prepare();
          Life life;
          {
            SeededEntropy entropy(flash, nullptr);
            entropy.start({}, {});
            if (entropy.seeded()) life.draw(entropy);
            flash.cut_at(at, how, seed_ + i);
            const bool done = entropy.provision({4, 5, 6}).has_value();
            ASSERT_TRUE(done == flash.has_power());
            cut |= !flash.has_power();
          }
          flash.restart();
          const bool seeded = life.start(flash);
          (seeded ? new_seen : old_seen) = true;
          ASSERT_TRUE(seeded || !was_seeded);
          SeededEntropy entropy(flash, nullptr);
          entropy.start({}, {});
          ASSERT_TRUE(entropy.provision({7, 8, 9}));
          ASSERT_TRUE(entropy.seeded());
          life.draw(entropy);
          ASSERT_FALSE(life.repeated);
        }
      }
      if (!cut) break;
    }
    EXPECT_TRUE(new_seen);
    EXPECT_EQ(old_seen, !was_seeded);
  }
}

TEST_P(SeedCuts, CutAfterCutNeverRepeats) {
  const unsigned runs = GetParam().geometry.unit_bytes > 65536 ? 5 : 40;
  for (unsigned run = 0; run < runs; ++run) {
    const std::uint64_t seed = seed_ + run;
    SCOPED_TRACE(id_of(GetParam(), seed));
    std::mt19937_64 random(seed);
    FakeFlash flash = provisioned();
    Life life;
    for (int start = 0; start < 40; ++start) {
      if (random() % 3 != 0) flash.cut_at(random() % 8, static_cast<Cut>(random() % 3), random());
      const bool seeded = life.start(flash);
      ASSERT_TRUE(seeded || !flash.has_power()) << start;
      flash.restart();
    }
    ASSERT_TRUE(life.start(flash));
    ASSERT_FALSE(life.repeated);
    ASSERT_EQ(flash.rule_breaks(), 0u);
  }
}

// The newest seed that can no longer be read must not bring an older one back.
TEST_P(SeedCuts, ASeedThatRotsBringsNoOlderOneBack) {
  FakeFlash flash = provisioned();
  Life life;
  ASSERT_TRUE(life.start(flash));
  ASSERT_TRUE(life.start(flash));
  const auto image = flash.image();
  const std::uint64_t unit = GetParam().geometry.unit_bytes;
  for (std::uint64_t at = 0; at < GetParam().geometry.units; ++at) {
    flash.restore(image);
    for (std::uint64_t byte = 0; byte < 16; ++byte) flash.flip_bit(at * unit + byte, 1);
    Life again = life;
    again.start(flash);
    EXPECT_FALSE(again.repeated);
  }
}

INSTANTIATE_TEST_SUITE_P(Geometries, SeedCuts,
                         testing::Values(Place{{512, 2, 512}}, Place{{512, 3, 512}, true},
                                         Place{{4096, 2, 4}}, Place{{4096, 3, 256}, true},
                                         Place{{131072, 2, 32}}),
                         [](const auto& param) {
                           const hal::Geometry& g = param.param.geometry;
                           return "Program" + std::to_string(g.program_bytes) + "Unit" +
                                  std::to_string(g.unit_bytes) + "x" + std::to_string(g.units) +
                                  (param.param.write_cache ? "Cached" : "");
                         });

}  // namespace
}  // namespace rollcall::firmware
