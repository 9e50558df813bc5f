// Registers of the LM3S6965 (Texas Instruments, data sheet DS-LM3S6965; chapters in brackets) and
// of its Cortex-M3 (ARMv7-M Architecture Reference Manual, DDI 0403).
#pragma once

#include <cstdint>

namespace rollcall::hal::lm3s {

inline volatile std::uint32_t& word(std::uint32_t address) {
  return *reinterpret_cast<volatile std::uint32_t*>(address);
}
inline void set_bits(std::uint32_t address, std::uint32_t bits) {
  word(address) = word(address) | bits;
}
inline void clear_bits(std::uint32_t address, std::uint32_t bits) {
  word(address) = word(address) & ~bits;
}

// System control [5].
namespace system_control {
inline constexpr std::uint32_t raw_interrupts = 0x400fe050;  // bit 6: the PLL has locked
inline constexpr std::uint32_t reset_cause = 0x400fe05c;
inline constexpr std::uint32_t run_clock = 0x400fe060;
inline constexpr std::uint32_t clock_gate_0 = 0x400fe100;  // watchdog 3, PWM 20
inline constexpr std::uint32_t clock_gate_1 = 0x400fe104;  // UART0 to 2: 0 to 2, SSI0 4
inline constexpr std::uint32_t clock_gate_2 = 0x400fe108;  // ports A to G: 0 to 6
}  // namespace system_control

// Ports [8].
enum class Port : std::uint32_t {
  a = 0x40004000,
  b = 0x40005000,
  c = 0x40006000,
  d = 0x40007000,
  e = 0x40024000,
  f = 0x40025000,
  g = 0x40026000,
};
namespace port {
inline constexpr std::uint32_t direction = 0x400;
inline constexpr std::uint32_t level_sensitive = 0x404;
inline constexpr std::uint32_t both_edges = 0x408;
inline constexpr std::uint32_t interrupt_mask = 0x410;
inline constexpr std::uint32_t interrupt_clear = 0x41c;
inline constexpr std::uint32_t alternate_function = 0x420;
inline constexpr std::uint32_t pull_up = 0x510;
inline constexpr std::uint32_t digital_enable = 0x51c;
}  // namespace port

// UARTs [12], a PL011 each.
inline constexpr std::uint32_t uart0 = 0x4000c000;
inline constexpr std::uint32_t uart1 = 0x4000d000;
inline constexpr std::uint32_t uart2 = 0x4000e000;

// Synchronous serial interface [13], a PL022.
namespace ssi0 {
inline constexpr std::uint32_t format = 0x40008000;
inline constexpr std::uint32_t control = 0x40008004;
inline constexpr std::uint32_t data = 0x40008008;
inline constexpr std::uint32_t status = 0x4000800c;
inline constexpr std::uint32_t prescaler = 0x40008010;
}  // namespace ssi0

// Watchdog [10].
namespace watchdog {
inline constexpr std::uint32_t load = 0x40000000;
inline constexpr std::uint32_t control = 0x40000008;
inline constexpr std::uint32_t interrupt_clear = 0x4000000c;
inline constexpr std::uint32_t lock = 0x40000c00;
}  // namespace watchdog

// Pulse width modulator [16], generator 1, whose outputs are PB0 and PB1.
namespace pwm {
inline constexpr std::uint32_t enable = 0x40028008;
inline constexpr std::uint32_t control_1 = 0x40028080;
inline constexpr std::uint32_t load_1 = 0x40028090;
inline constexpr std::uint32_t compare_a_1 = 0x40028098;
inline constexpr std::uint32_t generator_a_1 = 0x400280a0;
}  // namespace pwm

// Cortex-M3 (DDI 0403, B3).
namespace core {
inline constexpr std::uint32_t systick_control = 0xe000e010;
inline constexpr std::uint32_t systick_reload = 0xe000e014;
inline constexpr std::uint32_t systick_current = 0xe000e018;
inline constexpr std::uint32_t interrupt_enable = 0xe000e100;  // of interrupts 0 to 31, then on
inline constexpr std::uint32_t reset_control = 0xe000ed0c;
inline constexpr std::uint32_t fault_status = 0xe000ed28;
}  // namespace core

// Interrupt numbers [2.5.2].
namespace interrupt {
inline constexpr unsigned port_e = 4;
inline constexpr unsigned uart0 = 5;
inline constexpr unsigned uart1 = 6;
inline constexpr unsigned watchdog = 18;
inline constexpr unsigned port_f = 30;
inline constexpr unsigned uart2 = 33;
inline constexpr unsigned count = 44;
}  // namespace interrupt

// Masks all interrupts while it exists; nests.
class InterruptLock {
 public:
  InterruptLock() { asm volatile("mrs %0, primask\n cpsid i" : "=r"(before_) : : "memory"); }
  ~InterruptLock() { asm volatile("msr primask, %0" : : "r"(before_) : "memory"); }
  InterruptLock(const InterruptLock&) = delete;
  InterruptLock& operator=(const InterruptLock&) = delete;

 private:
  std::uint32_t before_;
};

}  // namespace rollcall::hal::lm3s
