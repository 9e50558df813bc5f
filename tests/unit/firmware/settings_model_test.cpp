// The settings under power cuts: in every storage operation of a save and of a factory reset, clean
// and torn, once and again and again.
//
// A failing case prints an id such as `512/512x2 seed 7`; ROLLCALL_SEED=7 begins with its seed.
#include <optional>

#include <gtest/gtest.h>

#include "hal/sim/fake_flash.hpp"
#include "tests/unit/firmware/power_cuts.hpp"
#include "tests/unit/firmware/settings_support.hpp"

namespace rollcall::firmware {
namespace {

using hal::sim::Cut;
using hal::sim::FakeFlash;

// Nothing, or the number of the settings that are held.
std::optional<unsigned> held(FakeFlash& flash, unsigned highest) {
  const auto loaded = SettingsStore(flash).load();
  if (!loaded) {
    EXPECT_TRUE(loaded.error() == SettingsError::none || loaded.error() == SettingsError::damaged);
    return std::nullopt;
  }
  for (unsigned n = 1; n <= highest; ++n) {
    if (same(*loaded, settings_number(n))) return n;
  }
  ADD_FAILURE() << "a mixture was loaded";
  return std::nullopt;
}

FakeFlash used_flash(const Place& place, unsigned saves) {
  FakeFlash flash(place.geometry);
  flash.use_write_cache(place.write_cache);
  for (unsigned n = 1; n <= saves; ++n) {
    EXPECT_TRUE(SettingsStore(flash).save(settings_number(n)));
  }
  return flash;
}

// Big units are slow to copy.
unsigned torn_variants(const Place& place) {
  return place.geometry.unit_bytes > 65536 ? 12 : 60;
}

class SettingsCuts : public testing::TestWithParam<Place> {
 protected:
  // Calls `check(flash before, operation, how, seed)` for every operation of `act`.
  template <class Act, class Check>
  void cut_everywhere(const FakeFlash& before, const Act& act, const Check& check) {
    FakeFlash counted = before;
    act(counted);
    const std::uint64_t all = counted.operations() - before.operations();
    ASSERT_GT(all, 0u);
    for (std::uint64_t at = 0; at < all; ++at) {
      for (const Cut how : {Cut::before, Cut::after, Cut::torn}) {
        const unsigned variants =
            how == Cut::torn || GetParam().write_cache ? torn_variants(GetParam()) : 1;
        for (unsigned i = 0; i < variants; ++i) {
          FakeFlash flash = before;
          flash.cut_at(at, how, seed_ + i);
          act(flash);
          ASSERT_FALSE(flash.has_power());
          flash.restart();
          SCOPED_TRACE(id_of(GetParam(), seed_ + i) + ", operation " + std::to_string(at) +
                       ", cut " + std::to_string(int(how)));
          check(flash);
          ASSERT_EQ(flash.rule_breaks(), 0u);
          if (HasFailure()) return;
        }
      }
    }
  }
  std::uint64_t seed_ = first_seed();
};

TEST_P(SettingsCuts, ASaveLeavesTheOldOrTheNew) {
  for (unsigned saved = 0; saved <= 3; ++saved) {
    const auto save = [&](FakeFlash& flash) {
      SettingsStore(flash).save(settings_number(saved + 1));
    };
    bool old_seen = false, new_seen = false;
    cut_everywhere(used_flash(GetParam(), saved), save, [&](FakeFlash& flash) {
      const auto found = held(flash, saved + 1);
      old_seen |= found.value_or(0) == saved;
      new_seen |= found == saved + 1;
      ASSERT_TRUE(found.value_or(0) == saved || found == saved + 1);
      // And life goes on.
      ASSERT_TRUE(SettingsStore(flash).save(settings_number(40)));
      ASSERT_EQ(held(flash, 40), 40u);
    });
    EXPECT_TRUE(old_seen && new_seen);
  }
}

TEST_P(SettingsCuts, AFactoryResetNeverBringsOlderSettingsBack) {
  for (unsigned saved = 1; saved <= 4; ++saved) {
    const auto erase = [](FakeFlash& flash) { SettingsStore(flash).erase(); };
    cut_everywhere(used_flash(GetParam(), saved), erase, [&](FakeFlash& flash) {
      const auto found = held(flash, saved);
      ASSERT_TRUE(!found || found == saved);
      const bool blank =
          std::ranges::all_of(flash.image(), [](std::uint8_t b) { return b == 0xff; });
      const auto loaded = SettingsStore(flash).load();
      if (!loaded) {
        ASSERT_EQ(loaded.error(), blank ? SettingsError::none : SettingsError::damaged);
      }
      ASSERT_TRUE(SettingsStore(flash).erase());
      ASSERT_EQ(SettingsStore(flash).load().error(), SettingsError::none);
    });
  }
}

TEST_P(SettingsCuts, CutAfterCutLeavesTheOldOrTheNew) {
  for (unsigned run = 0; run < torn_variants(GetParam()); ++run) {
    const std::uint64_t seed = seed_ + run;
    SCOPED_TRACE(id_of(GetParam(), seed));
    std::mt19937_64 random(seed);
    FakeFlash flash(GetParam().geometry);
    flash.use_write_cache(GetParam().write_cache);
    std::optional<unsigned> current;
    for (unsigned n = 1; n <= 30; ++n) {
      if (random() % 3 != 0) flash.cut_at(random() % 7, static_cast<Cut>(random() % 3), random());
      const bool reset = random() % 12 == 0;
      bool done = false;
      if (reset) {
        done = SettingsStore(flash).erase().has_value();
      } else {
        done = SettingsStore(flash).save(settings_number(n)).has_value();
      }
      flash.restart();
      const auto found = held(flash, n);
      const auto wanted = reset ? std::nullopt : std::optional(n);
      if (done) {
        ASSERT_EQ(found, wanted);
      } else {
        ASSERT_TRUE(found == current || found == wanted) << "step " << n;
      }
      current = found;
    }
    ASSERT_EQ(flash.rule_breaks(), 0u);
  }
}

INSTANTIATE_TEST_SUITE_P(Geometries, SettingsCuts,
                         testing::Values(Place{{512, 2, 512}}, Place{{512, 3, 512}, true},
                                         Place{{4096, 2, 4}}, Place{{4096, 2, 256}, true},
                                         Place{{131072, 2, 1}}, Place{{131072, 2, 32}, true},
                                         Place{{131072, 3, 512}}),
                         [](const auto& param) {
                           const hal::Geometry& g = param.param.geometry;
                           return "Program" + std::to_string(g.program_bytes) + "Unit" +
                                  std::to_string(g.unit_bytes) + "x" + std::to_string(g.units) +
                                  (param.param.write_cache ? "Cached" : "");
                         });

}  // namespace
}  // namespace rollcall::firmware
