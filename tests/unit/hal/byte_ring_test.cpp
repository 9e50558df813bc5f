#include "hal/byte_ring.hpp"

#include <array>
#include <thread>

#include <gtest/gtest.h>

namespace rollcall::hal {
namespace {

TEST(ByteRing, HoldsAsManyAsItsStorageAndRefusesMore) {
  std::array<std::uint8_t, 4> storage{};
  ByteRing ring(storage);
  EXPECT_TRUE(ring.empty());
  const std::uint8_t data[] = {1, 2, 3, 4, 5};
  EXPECT_EQ(ring.put(data), 4u);
  EXPECT_FALSE(ring.put(6));
  std::array<std::uint8_t, 8> out{};
  EXPECT_EQ(ring.take(MutableBytes(out).first(3)), 3u);
  EXPECT_TRUE(ring.put(7));
  EXPECT_EQ(ring.take(MutableBytes(out).subspan(3)), 2u);
  EXPECT_EQ(out, (std::array<std::uint8_t, 8>{1, 2, 3, 4, 7, 0, 0, 0}));
  std::uint8_t byte = 99;
  EXPECT_FALSE(ring.take(byte));
  EXPECT_EQ(byte, 99);
}

TEST(ByteRing, KeepsTheOrderBetweenTwoSidesThatRunAtOnce) {
  constexpr std::size_t total = 200'000;
  std::array<std::uint8_t, 16> storage{};
  ByteRing ring(storage);
  std::thread putter([&] {
    for (std::size_t i = 0; i < total;) {
      if (ring.put(static_cast<std::uint8_t>(i % 251))) {
        ++i;
      } else {
        std::this_thread::yield();
      }
    }
  });
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < total;) {
    std::uint8_t byte = 0;
    if (!ring.take(byte)) {
      std::this_thread::yield();
      continue;
    }
    wrong += byte != i % 251;
    ++i;
  }
  putter.join();
  EXPECT_EQ(wrong, 0u);
  EXPECT_TRUE(ring.empty());
}

}  // namespace
}  // namespace rollcall::hal
