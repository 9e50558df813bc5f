// What the driver tells the registers. The FIFOs themselves are QEMU's part (tests/qemu).
#include "hal/chips/pl011.hpp"

#include <array>

#include <gtest/gtest.h>

namespace rollcall::hal {
namespace {

constexpr std::uint32_t receive_empty = 1u << 4;
constexpr std::uint32_t send_full = 1u << 5;
constexpr std::uint32_t receive_interrupts = 1u << 4 | 1u << 6;
constexpr std::uint32_t send_interrupt = 1u << 5;

class Pl011Test : public testing::Test {
 protected:
  Pl011Test() { registers_.flags = receive_empty; }

  volatile Pl011Registers registers_{};
  std::array<std::uint8_t, 16> in_{};
  std::array<std::uint8_t, 16> out_{};
  Pl011 uart_{registers_, in_, out_};
};

TEST_F(Pl011Test, RegistersLieWhereTheManualSays) {
  EXPECT_EQ(offsetof(Pl011Registers, flags), 0x18u);
  EXPECT_EQ(offsetof(Pl011Registers, baud_integer), 0x24u);
  EXPECT_EQ(offsetof(Pl011Registers, interrupt_mask), 0x38u);
  EXPECT_EQ(offsetof(Pl011Registers, interrupt_clear), 0x44u);
}

// DDI 0183 3.3.6 works this example: 230 400 baud from 4 MHz.
TEST_F(Pl011Test, DivisorOfTheManualsExample) {
  uart_.start(4'000'000, 230'400);
  EXPECT_EQ(registers_.baud_integer, 1u);
  EXPECT_EQ(registers_.baud_fraction, 5u);
}

TEST_F(Pl011Test, StartsWithEightBitsFifosAndTheReceiveInterrupts) {
  uart_.start(24'000'000, 115'200);
  EXPECT_EQ(registers_.baud_integer, 13u);
  EXPECT_EQ(registers_.baud_fraction, 1u);
  EXPECT_EQ(registers_.line_control, 0x70u);
  EXPECT_EQ(registers_.control, 0x301u);
  EXPECT_EQ(registers_.interrupt_mask, receive_interrupts);
}

TEST_F(Pl011Test, SendsAtOnceWhileTheFifoHasRoom) {
  uart_.start(24'000'000, 115'200);
  const std::uint8_t data[] = {'a', 'b', 'c'};
  EXPECT_EQ(uart_.write(data), 3u);
  EXPECT_EQ(registers_.data, std::uint32_t{'c'});
  EXPECT_EQ(registers_.interrupt_mask, receive_interrupts);
}

TEST_F(Pl011Test, WaitsForTheInterruptWhenTheFifoIsFull) {
  uart_.start(24'000'000, 115'200);
  registers_.flags = receive_empty | send_full;
  std::array<std::uint8_t, 20> data{};
  data[15] = 0x42;
  EXPECT_EQ(uart_.write(data), 16u);
  EXPECT_EQ(uart_.write(data), 0u);
  EXPECT_EQ(registers_.interrupt_mask, receive_interrupts | send_interrupt);

  registers_.flags = receive_empty;
  registers_.interrupt_masked = send_interrupt;
  EXPECT_TRUE(uart_.on_interrupt());  // the second write may go on
  EXPECT_EQ(registers_.interrupt_clear, send_interrupt);
  EXPECT_EQ(registers_.data, 0x42u);
  EXPECT_EQ(registers_.interrupt_mask, receive_interrupts);
}

TEST_F(Pl011Test, BytesThatLeaveAreNoNewsToALoopThatGaveThemAll) {
  uart_.start(24'000'000, 115'200);
  registers_.flags = receive_empty | send_full;
  const std::uint8_t data[] = {'a', 'b', 'c'};
  EXPECT_EQ(uart_.write(data), 3u);
  registers_.flags = receive_empty;
  registers_.interrupt_masked = send_interrupt;
  EXPECT_FALSE(uart_.on_interrupt());
}

}  // namespace
}  // namespace rollcall::hal
