#include "hal/chips/cfi_nor.hpp"

#include <array>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hal/sim/devices.hpp"
#include "tests/unit/hal/nor_model.hpp"

namespace rollcall::hal {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::Pair;
using Words = std::vector<std::uint32_t>;

constexpr auto io = std::unexpected(StorageError::io);

class CfiNorTest : public testing::Test {
 protected:
  CfiNorTest() {
    chips_.on_status_read = [this] { clock_.advance(milliseconds(1)); };
  }
  void start() {
    ASSERT_TRUE(nor_.probe());
    chips_.writes.clear();
    chips_.status_reads = 0;
  }
  // `count` bytes 1, 2, 3 ...
  static std::vector<std::uint8_t> bytes(std::size_t count) {
    std::vector<std::uint8_t> data(count);
    std::iota(data.begin(), data.end(), std::uint8_t{1});
    return data;
  }
  std::vector<std::uint8_t> read(std::uint64_t offset, std::size_t count) {
    std::vector<std::uint8_t> data(count);
    EXPECT_TRUE(nor_.read(offset, data));
    return data;
  }

  sim::ManualClock clock_;
  NorModel chips_;
  CfiNor nor_{chips_, clock_};
};

TEST_F(CfiNorTest, GeometryIsThatOfTwoChipsSideBySide) {
  EXPECT_EQ(nor_.geometry().units, 0u);
  ASSERT_TRUE(nor_.probe());
  EXPECT_EQ(nor_.geometry(), (Geometry{256 * 1024, 4, 4}));
  EXPECT_EQ(chips_.writes.front(), NorModel::Write(0, 0x00500050));
  EXPECT_EQ(chips_.writes.back(), NorModel::Write(0, 0x00ff00ff));
}

TEST_F(CfiNorTest, ParameterBlocksBesideTheLargestRegionAreLeftAlone) {
  chips_.answers[0x2c] = 2;
  chips_.answers[0x2d] = 3;     // four blocks
  chips_.answers[0x2f] = 0x80;  // of 32 KiB
  chips_.answers[0x30] = 0;
  chips_.answers[0x31] = 2;  // three blocks
  chips_.answers[0x33] = 0;
  chips_.answers[0x34] = 2;  // of 128 KiB
  chips_.answers[0x15] = 0x40;
  start();
  EXPECT_EQ(nor_.geometry(), (Geometry{256 * 1024, 3, 4}));
  ASSERT_TRUE(nor_.program(0, bytes(4)));
  EXPECT_EQ(chips_.words[64 * 1024], 0x04030201u);
  ASSERT_TRUE(nor_.erase(2));
  EXPECT_EQ(chips_.writes[3].first, 3u * 64 * 1024);
}

TEST_F(CfiNorTest, ChipsThatCannotBeUsedAreNoStorage) {
  using Error = CfiNor::ProbeError;
  ASSERT_TRUE(nor_.probe());
  chips_.second_chip_differs_at = 0x2f;
  EXPECT_EQ(nor_.probe(), std::unexpected(Error::chips_differ));
  EXPECT_EQ(nor_.geometry().units, 0u);
  chips_.second_chip_differs_at = 0;
  chips_.answers[0x13] = 2;  // AMD's commands
  EXPECT_EQ(nor_.probe(), std::unexpected(Error::unknown_commands));
  chips_.answers_query = false;
  EXPECT_EQ(nor_.probe(), std::unexpected(Error::no_answer));
  EXPECT_EQ(nor_.erase(0), std::unexpected(StorageError::out_of_range));
  EXPECT_EQ(chips_.writes.back(), NorModel::Write(0, 0x00ff00ff));
}

TEST_F(CfiNorTest, WordIsProgrammedAlone) {
  start();
  ASSERT_TRUE(nor_.program(0x40, bytes(4)));
  EXPECT_THAT(chips_.writes,
              ElementsAre(Pair(0x10, 0x00400040), Pair(0x10, 0x04030201), Pair(0x10, 0x00ff00ff)));
  EXPECT_EQ(read(0x40, 4), bytes(4));
}

TEST_F(CfiNorTest, MoreGoesThroughTheBufferInRowsOfItsSize) {
  start();
  // 16 words fit in the buffer; from word 14 on there is room for two in its row.
  const auto data = bytes(4 * 19);
  ASSERT_TRUE(nor_.program(14 * 4, data));
  const Words commands = [this] {
    Words seen;
    for (const auto& [word, value] : chips_.writes) {
      if (value >> 16 == (value & 0xffff)) seen.push_back(value & 0xffff);
    }
    return seen;
  }();
  EXPECT_EQ(commands, (Words{0xe8, 1, 0xd0, 0xff, 0xe8, 15, 0xd0, 0xff, 0x40, 0xff}));
  EXPECT_EQ(chips_.writes[1], NorModel::Write(14, 0x00010001));
  EXPECT_EQ(chips_.writes[2], NorModel::Write(14, 0x04030201));
  EXPECT_EQ(chips_.writes[3], NorModel::Write(15, 0x08070605));
  EXPECT_EQ(chips_.writes[6].first, 16u);
  EXPECT_EQ(read(14 * 4, data.size()), data);
}

TEST_F(CfiNorTest, ChipsWithoutABufferTakeWords) {
  chips_.answers[0x2a] = 0;
  start();
  ASSERT_TRUE(nor_.program(0, bytes(12)));
  EXPECT_EQ(chips_.writes.size(), 9u);
  EXPECT_EQ(read(0, 12), bytes(12));
}

TEST_F(CfiNorTest, EraseMakesABlockReadErased) {
  start();
  ASSERT_TRUE(nor_.program(256 * 1024 - 8, bytes(16)));
  chips_.writes.clear();
  ASSERT_TRUE(nor_.erase(1));
  EXPECT_THAT(chips_.writes, ElementsAre(Pair(0x10000, 0x00200020), Pair(0x10000, 0x00d000d0),
                                         Pair(0x10000, 0x00ff00ff)));
  EXPECT_EQ(read(256 * 1024 - 8, 8), bytes(8));
  EXPECT_EQ(read(256 * 1024, 4), std::vector<std::uint8_t>(4, 0xff));
}

TEST_F(CfiNorTest, AnyBytesCanBeRead) {
  start();
  ASSERT_TRUE(nor_.program(0, bytes(16)));
  EXPECT_EQ(read(3, 7), (std::vector<std::uint8_t>{4, 5, 6, 7, 8, 9, 10}));
  EXPECT_EQ(read(5, 2), (std::vector<std::uint8_t>{6, 7}));
  EXPECT_EQ(read(5, 0).size(), 0u);
}

TEST_F(CfiNorTest, WhatTheContractForbidsIsNotTried) {
  start();
  ASSERT_TRUE(nor_.program(8, bytes(4)));
  chips_.writes.clear();
  EXPECT_EQ(nor_.program(0, bytes(16)), std::unexpected(StorageError::not_erased));
  EXPECT_EQ(nor_.program(2, bytes(4)), std::unexpected(StorageError::misaligned));
  EXPECT_EQ(nor_.program(0, bytes(3)), std::unexpected(StorageError::misaligned));
  EXPECT_EQ(nor_.program(1024 * 1024 - 4, bytes(8)), std::unexpected(StorageError::out_of_range));
  EXPECT_EQ(nor_.program(~std::uint64_t{3}, bytes(8)), std::unexpected(StorageError::out_of_range));
  EXPECT_EQ(nor_.erase(4), std::unexpected(StorageError::out_of_range));
  std::array<std::uint8_t, 2> out{};
  EXPECT_EQ(nor_.read(1024 * 1024 - 1, out), std::unexpected(StorageError::out_of_range));
  EXPECT_TRUE(chips_.writes.empty());
}

// Of one chip only: the other one did its part.
class CfiNorErrors : public CfiNorTest, public testing::WithParamInterface<std::uint32_t> {};

TEST_P(CfiNorErrors, AreToldAndClearedSoThatTheNextOperationIsAsEver) {
  start();
  for (int operation = 0; operation < 3; ++operation) {
    SCOPED_TRACE(operation);
    chips_.next_errors = GetParam();
    const auto done = operation == 0   ? nor_.erase(0)
                      : operation == 1 ? nor_.program(0, bytes(4))
                                       : nor_.program(0, bytes(32));
    EXPECT_EQ(done, io);
    const std::size_t size = chips_.writes.size();
    EXPECT_EQ(chips_.writes[size - 2], NorModel::Write(0, 0x00500050));
    EXPECT_EQ(chips_.writes[size - 1], NorModel::Write(0, 0x00ff00ff));
  }
  EXPECT_TRUE(nor_.program(0, bytes(32)));
  EXPECT_EQ(read(0, 32), bytes(32));
}

INSTANTIATE_TEST_SUITE_P(EachBit, CfiNorErrors,
                         testing::Values(1u << 5, 1u << 4, 1u << 3, 1u << 1, 1u << 21, 1u << 20,
                                         1u << 19, 1u << 17));

TEST_F(CfiNorTest, LockedBlockIsAnError) {
  start();
  chips_.locked = true;
  EXPECT_EQ(nor_.erase(0), io);
  EXPECT_EQ(nor_.program(0, bytes(4)), io);
  EXPECT_EQ(read(0, 4), std::vector<std::uint8_t>(4, 0xff));
}

TEST_F(CfiNorTest, ChipsThatWakeUpLockedAreUnlockedBlockByBlock) {
  chips_.answers[0x31 + 5] = 1u << 5;
  chips_.locked = true;
  start();
  ASSERT_TRUE(nor_.erase(2));
  EXPECT_EQ(chips_.writes[0], NorModel::Write(2 * 64 * 1024, 0x00600060));
  EXPECT_EQ(chips_.writes[1], NorModel::Write(2 * 64 * 1024, 0x00d000d0));
  chips_.locked = true;
  EXPECT_TRUE(nor_.program(0, bytes(8)));
  EXPECT_EQ(read(0, 8), bytes(8));
}

TEST_F(CfiNorTest, SlowChipsAreWaitedFor) {
  start();
  chips_.busy_reads = 4000;  // a read a millisecond; at most 2^10 ms * 2^2
  EXPECT_TRUE(nor_.erase(0));
  EXPECT_EQ(chips_.status_reads, 4001u);  // and the errors
}

TEST_F(CfiNorTest, BothChipsAreWaitedFor) {
  start();
  chips_.second_chip_slower = 50;
  chips_.next_errors = 1u << 21;  // of the second one
  EXPECT_EQ(nor_.erase(0), io);
  EXPECT_EQ(chips_.status_reads, 52u);
}

TEST_F(CfiNorTest, WaitingHasAnEnd) {
  start();
  chips_.busy_reads = 5000;
  EXPECT_EQ(nor_.erase(0), io);
  EXPECT_NEAR(chips_.status_reads, 4100, 20);
}

TEST_F(CfiNorTest, ChipsThatHangAreAskedAgainBeforeEachOperation) {
  start();
  chips_.hangs = true;
  EXPECT_EQ(nor_.program(0, bytes(4)), io);
  EXPECT_LT(clock_.monotonic(), milliseconds(20));
  std::array<std::uint8_t, 4> out{};
  EXPECT_EQ(nor_.read(0, out), io);
  EXPECT_EQ(nor_.erase(1), io);
  EXPECT_EQ(nor_.program(4, bytes(8)), io);
  chips_.hangs = false;
  EXPECT_TRUE(nor_.program(4, bytes(8)));
  EXPECT_EQ(read(4, 8), bytes(8));
}

}  // namespace
}  // namespace rollcall::hal
