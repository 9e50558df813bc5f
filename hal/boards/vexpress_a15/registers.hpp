// Where things are on the Versatile Express motherboard and the A15 core tile, in the memory map
// "Cortex-A Series" (Arm DUI 0447 4.2, DUI 0604 3.2), and interrupt numbers as the interrupt
// controller counts.
#pragma once

#include <cstdint>

namespace rollcall::hal::vexpress {

inline constexpr std::uintptr_t flash_bank_1 = 0x0c000000;  // 64 MB
inline constexpr std::uintptr_t video_ram =
    0x18000000;  // 8 MB; all that the motherboard's LCD sees
inline constexpr std::uintptr_t system_registers = 0x1c010000;
inline constexpr std::uintptr_t uart_0 = 0x1c090000;  // 0 to 2 lie 64 KB apart
inline constexpr std::uintptr_t virtio_0 = 0x1c130000;
inline constexpr std::uintptr_t virtio_step = 0x200;
inline constexpr unsigned virtio_places = 4;
inline constexpr std::uintptr_t lcd = 0x1c1f0000;
inline constexpr std::uintptr_t interrupt_distributor = 0x2c001000;
inline constexpr std::uintptr_t interrupt_interface = 0x2c002000;
inline constexpr std::uintptr_t core_tile_sram = 0x2e000000;  // 64 KB
inline constexpr std::uintptr_t code = 0x80000000;
inline constexpr std::uintptr_t data = 0x80100000;
inline constexpr std::uintptr_t stack = 0x80500000;

namespace interrupt {
inline constexpr unsigned virtual_timer = 27;
inline constexpr unsigned uart_0 = 37;  // then uart_1, uart_2
inline constexpr unsigned virtio_0 = 72;
inline constexpr unsigned count = 128;  // all of the core tile's controller
}  // namespace interrupt

inline constexpr std::uint32_t uart_clock_hz = 24'000'000;

// A register by its address.
inline volatile std::uint32_t& reg(std::uintptr_t address) {
  return *reinterpret_cast<volatile std::uint32_t*>(address);
}
// The registers of a device by the address of the first.
template <class Registers>
volatile Registers& registers_at(std::uintptr_t address) {
  return *reinterpret_cast<volatile Registers*>(address);
}

}  // namespace rollcall::hal::vexpress
