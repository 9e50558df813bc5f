// Names of the block protocol (ISO/IEC 14443-4) that reader and card share.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace rollcall::hal::sim::iso_dep {

// Prologue byte of a block (7.1.1.1).
inline constexpr std::uint8_t i_block = 0x02;
inline constexpr std::uint8_t r_ack = 0xa2;
inline constexpr std::uint8_t r_nak = 0xb2;
inline constexpr std::uint8_t s_deselect = 0xc2;
inline constexpr std::uint8_t s_wtx = 0xf2;
inline constexpr std::uint8_t number_bit = 0x01;
inline constexpr std::uint8_t nad_bit = 0x04;
inline constexpr std::uint8_t cid_bit = 0x08;
inline constexpr std::uint8_t chaining_bit = 0x10;

inline constexpr std::uint8_t rats = 0xe0;
inline constexpr std::uint8_t pps = 0xd0;
inline constexpr std::uint8_t speaks_iso_dep = 0x20;  // bit of SAK
inline constexpr std::uint8_t wtx_most = 59;

constexpr bool is_information(std::uint8_t pcb) {
  return (pcb & 0xe2) == i_block;
}
constexpr bool is_receipt(std::uint8_t pcb) {
  return (pcb & 0xe6) == r_ack;
}
constexpr bool is_negative(std::uint8_t receipt) {
  return (receipt & 0x10) != 0;
}
constexpr bool is_deselect(std::uint8_t pcb) {
  return (pcb & 0xf7) == s_deselect;
}
constexpr bool is_waiting(std::uint8_t pcb) {
  return (pcb & 0xf7) == s_wtx;
}

// Largest frame by its code in RATS and ATS (5.1, 5.2.3), CRC_A included.
constexpr std::size_t frame_size(std::uint8_t code) {
  constexpr std::array<std::size_t, 9> sizes{16, 24, 32, 40, 48, 64, 96, 128, 256};
  return sizes[code < sizes.size() ? code : sizes.size() - 1];
}

}  // namespace rollcall::hal::sim::iso_dep
