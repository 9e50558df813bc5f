#include "protocol/crypto/arena.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "protocol/crypto/scope.hpp"
#include "tests/unit/protocol/support.hpp"

namespace rollcall::crypto {
namespace {

constexpr std::size_t unit = alignof(std::max_align_t);
constexpr std::size_t header = 16;  // of a block on this machine: two words
static_assert(header % unit == 0);

template <std::size_t Size>
struct Memory {
  alignas(std::max_align_t) std::array<std::uint8_t, Size> bytes;
  Memory() { bytes.fill(0xee); }
};

TEST(Arena, GivesZeroedAlignedBlocks) {
  Memory<512> memory;
  Arena arena(memory.bytes);
  for (const std::size_t size : std::initializer_list<std::size_t>{1, 7, 16, 33}) {
    const auto* block = static_cast<const std::uint8_t*>(arena.allocate(size));
    ASSERT_NE(block, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % unit, 0u);
    for (std::size_t i = 0; i < size; ++i) EXPECT_EQ(block[i], 0);
  }
}

TEST(Arena, SaysNoWhenFullAndServesAgainAfterARelease) {
  Memory<4 * (header + 16)> memory;
  Arena arena(memory.bytes);
  std::array<void*, 4> blocks{};
  for (auto& block : blocks) ASSERT_NE(block = arena.allocate(16), nullptr);
  EXPECT_EQ(arena.allocate(0), nullptr);
  EXPECT_EQ(arena.allocate(1), nullptr);
  arena.release(blocks[1]);
  EXPECT_EQ(arena.allocate(17), nullptr);  // the gap is one byte too small
  EXPECT_EQ(arena.allocate(16), blocks[1]);
}

TEST(Arena, RefusesASizeThatNoMemoryHas) {
  Memory<256> memory;
  Arena arena(memory.bytes);
  for (const std::size_t size : {SIZE_MAX, SIZE_MAX - header, SIZE_MAX / 2, std::size_t{257},
                                 std::size_t{256}, std::size_t{256} - header + 1}) {
    EXPECT_EQ(arena.allocate(size), nullptr);
  }
  EXPECT_TRUE(arena.empty());
  EXPECT_EQ(arena.peak(), 0u);
  EXPECT_NE(arena.allocate(256 - header), nullptr);
}

TEST(Arena, NeighbouringGapsAreOneGap) {
  Memory<6 * (header + 16)> memory;
  Arena arena(memory.bytes);
  std::array<void*, 6> blocks{};
  for (auto& block : blocks) ASSERT_NE(block = arena.allocate(16), nullptr);
  arena.release(blocks[3]);
  arena.release(blocks[1]);
  arena.release(blocks[2]);
  EXPECT_EQ(arena.allocate(3 * (header + 16) - header), blocks[1]);
}

TEST(Arena, IsEmptyOnceAllIsReleasedInAnyOrder) {
  Memory<512> memory;
  Arena arena(memory.bytes);
  EXPECT_TRUE(arena.empty());
  void* a = arena.allocate(10);
  void* b = arena.allocate(20);
  arena.release(a);
  EXPECT_FALSE(arena.empty());
  arena.release(nullptr);
  EXPECT_FALSE(arena.empty());
  arena.release(b);
  EXPECT_TRUE(arena.empty());
}

TEST(ArenaDeathTest, AForeignOrSecondReleaseEndsTheProgram) {
  Memory<256> memory;
  Arena arena(memory.bytes);
  auto* block = static_cast<std::uint8_t*>(arena.allocate(32));
  EXPECT_DEATH(arena.release(block + unit), "");
  arena.release(block);
  EXPECT_DEATH(arena.release(block), "");
}

// Random requests against a model; then the same requests on an arena of just the peak, where all
// succeed alike, and on one that is a unit smaller, where one fails.
TEST(Arena, ItsPeakIsTheSmallestMemoryThatServesTheSameRequests) {
  struct Request {
    bool allocate;
    std::size_t value;  // bytes, or which of the blocks in use goes
  };
  protocol::testing::Random random;
  for (int round = 0; round < 50; ++round) {
    Memory<2048> memory;
    Arena arena(memory.bytes);
    std::vector<Request> requests;
    std::vector<std::pair<std::uint8_t*, std::size_t>> in_use;
    for (int i = 0; i < 60; ++i) {
      if (in_use.empty() || random.byte() % 3 != 0) {
        const std::size_t size = random.byte() % 100;
        auto* block = static_cast<std::uint8_t*>(arena.allocate(size));
        if (block == nullptr) continue;
        for (const auto& [other, other_size] : in_use) {
          ASSERT_TRUE(block + size <= other || other + other_size <= block) << "blocks overlap";
        }
        std::fill_n(block, size, std::uint8_t{0xa5});
        in_use.emplace_back(block, size);
        requests.push_back({true, size});
      } else {
        const std::size_t which = random.byte() % in_use.size();
        arena.release(in_use[which].first);
        in_use.erase(in_use.begin() + static_cast<std::ptrdiff_t>(which));
        requests.push_back({false, which});
      }
    }

    const auto replay = [&](std::size_t size) {
      Memory<2048> other;
      Arena small(MutableBytes(other.bytes).first(size));
      std::vector<void*> blocks;
      for (const Request& request : requests) {
        if (request.allocate) {
          blocks.push_back(small.allocate(request.value));
          if (blocks.back() == nullptr) return false;
        } else {
          small.release(blocks[request.value]);
          blocks.erase(blocks.begin() + static_cast<std::ptrdiff_t>(request.value));
        }
      }
      return true;
    };
    EXPECT_TRUE(replay(arena.peak()));
    EXPECT_FALSE(replay(arena.peak() - unit));
  }
}

TEST(Scope, IsNothingOnTheHost) {
  const Scope outer;
  const Scope inner;
}

}  // namespace
}  // namespace rollcall::crypto
