#include "hal/sim/fake_flash.hpp"

#include <array>

#include <gtest/gtest.h>

namespace rollcall::hal::sim {
namespace {

constexpr Geometry small{256, 4, 16};
using Block = std::array<std::uint8_t, 32>;

Block filled(std::uint8_t value) {
  Block block;
  block.fill(value);
  return block;
}

Block read_at(FakeFlash& flash, std::uint64_t offset) {
  Block block{};
  EXPECT_TRUE(flash.read(offset, block));
  return block;
}

TEST(FakeFlash, ErasedBytesReadAsOnes) {
  FakeFlash flash(small);
  EXPECT_EQ(read_at(flash, 64), filled(0xff));
}

TEST(FakeFlash, ProgrammedUnitIsRefusedUntilItsEraseUnitIsErased) {
  FakeFlash flash(small);
  ASSERT_TRUE(flash.program(32, filled(0x12)));
  EXPECT_EQ(flash.program(48, filled(0x00)), std::unexpected(StorageError::not_erased));
  EXPECT_EQ(flash.rule_breaks(), 1u);
  EXPECT_EQ(read_at(flash, 32), filled(0x12));
  ASSERT_TRUE(flash.erase(0));
  EXPECT_TRUE(flash.program(48, filled(0x00)));
}

TEST(FakeFlash, MisalignedAndOutsideAreRefused) {
  FakeFlash flash(small);
  EXPECT_EQ(flash.program(8, filled(0)), std::unexpected(StorageError::misaligned));
  EXPECT_EQ(flash.program(4 * 256 - 16, filled(0)), std::unexpected(StorageError::out_of_range));
  EXPECT_EQ(flash.erase(4), std::unexpected(StorageError::out_of_range));
}

TEST(FakeFlash, CutBeforeLeavesNothingAndCutAfterLeavesAll) {
  FakeFlash flash(small);
  flash.cut_at(0, Cut::before, 1);
  EXPECT_EQ(flash.program(0, filled(1)), std::unexpected(StorageError::power_lost));
  EXPECT_FALSE(flash.has_power());
  EXPECT_EQ(flash.sync(), std::unexpected(StorageError::power_lost));
  flash.restart();
  EXPECT_EQ(read_at(flash, 0), filled(0xff));

  flash.cut_at(0, Cut::after, 1);
  EXPECT_EQ(flash.program(0, filled(1)), std::unexpected(StorageError::power_lost));
  flash.restart();
  EXPECT_EQ(read_at(flash, 0), filled(1));
}

TEST(FakeFlash, TornProgramLeavesAPrefixAndThenPartOfTheBits) {
  unsigned partial = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    FakeFlash flash(small);
    flash.cut_at(0, Cut::torn, seed);
    EXPECT_FALSE(flash.program(0, filled(0x00)));
    flash.restart();
    const Block found = read_at(flash, 0);
    if (found != filled(0xff) && found != filled(0x00)) ++partial;
  }
  EXPECT_GT(partial, 30u);
}

TEST(FakeFlash, TornEraseLeavesTheUnitProgrammedUntilItIsErasedAgain) {
  FakeFlash flash(small);
  ASSERT_TRUE(flash.program(0, filled(0x00)));
  flash.cut_at(0, Cut::torn, 3);
  EXPECT_FALSE(flash.erase(0));
  flash.restart();
  EXPECT_FALSE(flash.program(0, filled(0x00)));
  ASSERT_TRUE(flash.erase(0));
  EXPECT_TRUE(flash.program(0, filled(0x00)));
}

TEST(FakeFlash, WriteCacheMayLoseWhatWasNotSynced) {
  unsigned lost = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    FakeFlash flash(small);
    flash.use_write_cache(true);
    ASSERT_TRUE(flash.program(0, filled(1)));
    ASSERT_TRUE(flash.sync());
    ASSERT_TRUE(flash.program(32, filled(2)));
    flash.cut_at(0, Cut::before, seed);
    EXPECT_FALSE(flash.sync());
    flash.restart();
    EXPECT_EQ(read_at(flash, 0), filled(1)) << "synced";
    if (read_at(flash, 32) != filled(2)) ++lost;
  }
  EXPECT_GT(lost, 0u);
  EXPECT_LT(lost, 20u);
}

}  // namespace
}  // namespace rollcall::hal::sim
