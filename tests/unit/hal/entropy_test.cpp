#include "hal/sim/entropy.hpp"

#include <array>

#include <gtest/gtest.h>

#include "hal/host/system.hpp"

namespace rollcall::hal {
namespace {

using Block = std::array<std::uint8_t, 32>;

TEST(Entropy, OfALinuxMachineIsSeededAndNeverTheSame) {
  host::SystemEntropy entropy;
  EXPECT_TRUE(entropy.seeded());
  Block a{}, b{};
  entropy.fill(a);
  entropy.fill(b);
  EXPECT_NE(a, b);
}

TEST(Entropy, OfATestRepeatsAndCanLackItsSeed) {
  sim::RepeatableEntropy one(7), other(7);
  Block a{}, b{};
  one.fill(a);
  other.fill(b);
  EXPECT_EQ(a, b);
  EXPECT_TRUE(one.seeded());
  one.set_seeded(false);
  EXPECT_FALSE(one.seeded());
}

}  // namespace
}  // namespace rollcall::hal
