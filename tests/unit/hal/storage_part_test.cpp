#include "hal/storage_part.hpp"

#include <array>

#include <gtest/gtest.h>

#include "hal/sim/fake_flash.hpp"

namespace rollcall::hal {
namespace {

using Page = std::array<std::uint8_t, 16>;
constexpr Geometry geometry{256, 8, 16};

TEST(StoragePart, IsOnlyItsUnitsOfTheWhole) {
  sim::FakeFlash whole(geometry);
  StoragePart part(whole, 2, 3);
  EXPECT_EQ(part.geometry(), (Geometry{256, 3, 16}));
  Page page;
  page.fill(0x5a);
  ASSERT_TRUE(part.program(0, page));
  ASSERT_TRUE(part.program(3 * 256 - 16, page));
  EXPECT_EQ(whole.image()[2 * 256], 0x5a);
  EXPECT_EQ(whole.image()[5 * 256 - 1], 0x5a);
  ASSERT_TRUE(part.erase(0));
  EXPECT_EQ(whole.image()[2 * 256], 0xff);
  Page found{};
  ASSERT_TRUE(part.read(3 * 256 - 16, found));
  EXPECT_EQ(found, page);
  EXPECT_TRUE(part.sync());
}

TEST(StoragePart, ReachesNothingBesideItself) {
  sim::FakeFlash whole(geometry);
  StoragePart part(whole, 2, 3);
  Page page{};
  const auto outside = std::unexpected(StorageError::out_of_range);
  EXPECT_EQ(part.read(3 * 256 - 15, page), outside);
  EXPECT_EQ(part.read(~std::uint64_t{0} - 7, page), outside);
  EXPECT_EQ(part.program(3 * 256, page), outside);
  EXPECT_EQ(part.erase(3), outside);
  EXPECT_EQ(whole.operations(), 0u);
}

TEST(StoragePart, EndsWithTheWhole) {
  sim::FakeFlash whole(geometry);
  EXPECT_EQ(StoragePart(whole, 6, 4).geometry().units, 2u);
  EXPECT_EQ(StoragePart(whole, 8, 1).geometry().units, 0u);
  EXPECT_EQ(StoragePart(whole, 9, 1).erase(0), std::unexpected(StorageError::out_of_range));
}

}  // namespace
}  // namespace rollcall::hal
