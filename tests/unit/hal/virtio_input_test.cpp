// The driver against registers and a queue in memory, which the test works as the device would.
#include "hal/chips/virtio_input.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "hal/sim/devices.hpp"

namespace rollcall::hal {
namespace {

constexpr std::uint16_t size = VirtioEventQueue::size;

class VirtioInputTest : public testing::Test {
 protected:
  VirtioInputTest() {
    registers_.magic = 0x74726976;
    registers_.version = 2;
    registers_.device = 18;
    registers_.device_features = 1;
    registers_.queue_size_most = 64;
    registers_.config_size = 20;
    registers_.axis_high = 0x7fff;
    clock_.advance(std::chrono::seconds(1));
  }

  // The device fills the next buffer that it was offered. False when there is none.
  bool give(const InputEvent& event) {
    if (given_ == queue_.available.index) return false;
    const std::uint16_t descriptor = queue_.available.ring[given_ % size];
    auto* at = reinterpret_cast<volatile InputEvent*>(
        static_cast<std::uintptr_t>(queue_.descriptors[descriptor].address));
    at->type = event.type;
    at->code = event.code;
    at->value = event.value;
    volatile auto& element = queue_.used.ring[given_ % size];
    element.descriptor = descriptor;
    element.bytes = sizeof(InputEvent);
    queue_.used.index = ++given_;
    return true;
  }
  bool press(std::uint32_t x, std::uint32_t y) {
    clock_.advance(std::chrono::milliseconds(100));
    return give({3, 0, x}) && give({3, 1, y}) && give({1, 0x110, 1}) && give({0, 0, 0}) &&
           give({1, 0x110, 0}) && give({0, 0, 0});
  }

  volatile VirtioInputRegisters registers_{};
  volatile VirtioEventQueue queue_{};
  sim::ManualClock clock_;
  VirtioInput touch_{registers_, queue_, clock_, {800, 480}};
  std::uint16_t given_ = 0;
};

TEST_F(VirtioInputTest, StartOffersAllBuffersAndLeavesTheDeviceRunning) {
  ASSERT_TRUE(touch_.start());
  EXPECT_EQ(registers_.status, 15u);
  EXPECT_EQ(registers_.driver_features, 0u);  // the low half, written last
  EXPECT_EQ(registers_.queue_ready, 1u);
  EXPECT_EQ(registers_.queue_size, 64u);
  EXPECT_EQ(queue_.available.index, 64u);
  for (std::uint16_t i = 0; i < size; ++i) {
    EXPECT_EQ(queue_.available.ring[i], i);
    EXPECT_EQ(queue_.descriptors[i].bytes, 8u);
    EXPECT_EQ(queue_.descriptors[i].flags, 2u);
  }
  const auto address = reinterpret_cast<std::uintptr_t>(&queue_.used);
  EXPECT_EQ(registers_.used[0], static_cast<std::uint32_t>(address));
  EXPECT_EQ(registers_.used[1], static_cast<std::uint32_t>(std::uint64_t{address} >> 32));
}

TEST_F(VirtioInputTest, OtherDevicesAreLeftAlone) {
  registers_.device = 0;  // an empty place
  EXPECT_FALSE(touch_.start());
  registers_.device = 18;
  registers_.version = 1;  // the legacy interface
  EXPECT_FALSE(touch_.start());
  EXPECT_EQ(registers_.status, 0u);
  EXPECT_FALSE(touch_.poll());
}

TEST_F(VirtioInputTest, DeviceThatCannotAgreeIsToldSo) {
  registers_.queue_size_most = 32;
  EXPECT_FALSE(touch_.start());
  EXPECT_EQ(registers_.status, 128u);
  registers_.queue_size_most = 64;
  registers_.device_features = 0;
  EXPECT_FALSE(touch_.start());
  EXPECT_EQ(registers_.status, 128u);
}

TEST_F(VirtioInputTest, PressesComeOneByOneAndBuffersGoBack) {
  ASSERT_TRUE(touch_.start());
  ASSERT_TRUE(press(0x4000, 0x4000));
  const auto at = touch_.poll();
  ASSERT_TRUE(at);
  EXPECT_EQ(at->x, 400);
  EXPECT_EQ(at->y, 240);
  EXPECT_FALSE(touch_.poll());
  EXPECT_EQ(queue_.available.index, 64u + 6u);
}

TEST_F(VirtioInputTest, IndicesGoRoundWithoutEnd) {
  ASSERT_TRUE(touch_.start());
  for (int i = 0; i < 12'000; ++i) {  // 72 000 events
    ASSERT_TRUE(press(0x1000, 0x2000)) << i;
    const auto at = touch_.poll();
    ASSERT_TRUE(at) << i;
    ASSERT_EQ(at->y, 120);
    ASSERT_FALSE(touch_.poll());
  }
}

TEST_F(VirtioInputTest, RangeOfTheAxesIsTheDevices) {
  registers_.axis_low = 0;
  registers_.axis_high = 999;
  ASSERT_TRUE(touch_.start());
  ASSERT_TRUE(press(500, 250));
  EXPECT_EQ(touch_.poll()->x, 400);
}

TEST_F(VirtioInputTest, InterruptIsAcknowledged) {
  registers_.interrupt_status = 1;
  touch_.on_interrupt();
  EXPECT_EQ(registers_.interrupt_acknowledge, 1u);
}

}  // namespace
}  // namespace rollcall::hal
