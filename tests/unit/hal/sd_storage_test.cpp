#include "hal/chips/sd_storage.hpp"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/hal/sd_card_model.hpp"

namespace rollcall::hal {
namespace {

struct SdStorageTest : testing::Test {
  std::vector<std::uint8_t> read(std::uint64_t offset, std::size_t size) {
    std::vector<std::uint8_t> out(size);
    EXPECT_TRUE(storage.read(offset, out));
    return out;
  }
  static std::vector<std::uint8_t> numbered(std::size_t size, std::uint8_t from) {
    std::vector<std::uint8_t> data(size);
    for (std::size_t i = 0; i < size; ++i) data[i] = static_cast<std::uint8_t>(from + i % 251);
    return data;
  }

  SdCardModel model{SdCardModel::Kind::high_capacity};
  SdCard card{model, model, model.clock};
  SdStorage storage{card, 100, 4, 3};
};

TEST_F(SdStorageTest, HasTheGeometryThatWasAskedFor) {
  EXPECT_EQ(storage.geometry(), (Geometry{2048, 3, 512}));
}

TEST_F(SdStorageTest, ErasesOneUnitToOnes) {
  ASSERT_TRUE(storage.program(0, std::vector<std::uint8_t>(3 * 2048, 0x00)));
  ASSERT_TRUE(storage.erase(1));
  EXPECT_EQ(read(2048, 2048), std::vector<std::uint8_t>(2048, 0xff));
  EXPECT_EQ(read(0, 2048), std::vector<std::uint8_t>(2048, 0x00));
  EXPECT_EQ(read(4096, 2048), std::vector<std::uint8_t>(2048, 0x00));
}

TEST_F(SdStorageTest, TellsOfEachBlockThatItErases) {
  static int told = 0;
  told = 0;
  SdStorage other(card, 0, 8, 2, [] { ++told; });
  ASSERT_TRUE(other.erase(1));
  EXPECT_EQ(told, 8);
  model.present = false;
  EXPECT_FALSE(other.erase(0));
  EXPECT_EQ(told, 8);
}

TEST_F(SdStorageTest, StaysWithinItsBlocksOfTheCard) {
  for (std::uint32_t unit = 0; unit < 3; ++unit) ASSERT_TRUE(storage.erase(unit));
  EXPECT_EQ(model.blocks.size(), 12u);
  EXPECT_EQ(model.blocks.begin()->first, 100u);
  EXPECT_EQ(model.blocks.rbegin()->first, 111u);
}

TEST_F(SdStorageTest, ReadsAnyOffsetAndSize) {
  const auto data = numbered(1536, 1);
  ASSERT_TRUE(storage.program(512, data));
  for (const std::size_t offset : {0u, 1u, 511u, 512u, 700u, 1023u}) {
    for (const std::size_t size : {0u, 1u, 2u, 511u, 512u}) {
      const auto expected = std::vector(data.begin() + static_cast<std::ptrdiff_t>(offset),
                                        data.begin() + static_cast<std::ptrdiff_t>(offset + size));
      EXPECT_EQ(read(512 + offset, size), expected) << offset << "+" << size;
    }
  }
}

TEST_F(SdStorageTest, ReadsOfOneBlockAreOneReadOfTheCard) {
  ASSERT_TRUE(storage.program(0, numbered(512, 1)));
  read(0, 10);
  const auto before = model.commands.size();
  read(10, 100);
  read(500, 12);
  EXPECT_EQ(model.commands.size(), before);
}

TEST_F(SdStorageTest, WhatWasReadBeforeIsNotGivenAfterAChange) {
  ASSERT_TRUE(storage.program(0, numbered(512, 1)));
  read(0, 10);
  ASSERT_TRUE(storage.program(0, numbered(512, 9)));  // a card overwrites: see the header
  EXPECT_EQ(read(0, 1)[0], 9);
  ASSERT_TRUE(storage.erase(0));
  EXPECT_EQ(read(0, 1)[0], 0xff);
}

TEST_F(SdStorageTest, RefusesWhatIsOutsideOrCrooked) {
  std::vector<std::uint8_t> block(512);
  const std::uint64_t end = 3 * 2048;
  EXPECT_EQ(storage.read(end - 1, MutableBytes(block).first(2)),
            std::unexpected(StorageError::out_of_range));
  EXPECT_EQ(storage.read(UINT64_MAX, MutableBytes(block).first(2)),
            std::unexpected(StorageError::out_of_range));
  EXPECT_EQ(storage.program(end, block), std::unexpected(StorageError::out_of_range));
  EXPECT_EQ(storage.program(1, block), std::unexpected(StorageError::misaligned));
  EXPECT_EQ(storage.program(0, Bytes(block).first(10)), std::unexpected(StorageError::misaligned));
  EXPECT_EQ(storage.erase(3), std::unexpected(StorageError::out_of_range));
  EXPECT_TRUE(model.blocks.empty());
}

TEST_F(SdStorageTest, FailsWithItsCard) {
  model.present = false;
  std::vector<std::uint8_t> block(512);
  EXPECT_EQ(storage.read(0, block), std::unexpected(StorageError::io));
  EXPECT_EQ(storage.program(0, block), std::unexpected(StorageError::io));
  EXPECT_EQ(storage.erase(0), std::unexpected(StorageError::io));
}

TEST_F(SdStorageTest, TellsABlockThatIsWornFromACardThatIsGone) {
  model.worn.insert(101);
  std::vector<std::uint8_t> block(512);
  EXPECT_EQ(storage.read(512, block), std::unexpected(StorageError::unreadable));
  EXPECT_TRUE(storage.read(1024, block));
}

TEST_F(SdStorageTest, LiesBehindTheEndOfACardThatIsTooSmall) {
  SdStorage large(card, 65000, 128, 256);
  std::vector<std::uint8_t> block(512);
  EXPECT_TRUE(large.program(0, block));
  EXPECT_EQ(large.read(600 * 512, block), std::unexpected(StorageError::io));
}

}  // namespace
}  // namespace rollcall::hal
