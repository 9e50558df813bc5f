// What lies where on the SD card of the badge terminal, in blocks of 512 bytes. The card is the
// terminal's alone: no partition, no file system.
//
//   block 0       serial number
//   block 8       settings
//   block 16      seed of the next start
//   block 24      for the factory's test of the storage
//   block 64      kept screens
//   block 2048    queue: 16 MiB, about 32 000 taps
#pragma once

#include <cstdint>

#include "firmware/images/image.hpp"

namespace rollcall::firmware::badge_card {

// Erase units of everything but the queue.
inline constexpr std::uint32_t small_unit_blocks = 2;  // 1 KiB
inline constexpr std::uint32_t small_units = 512;

inline constexpr Part serial{0, 4};
inline constexpr Part settings{4, 4};
inline constexpr Part seed{8, 4};
inline constexpr Part spare{12, 2};
inline constexpr Part screens{32, 256};
static_assert(screens.first_unit + screens.units <= small_units);

// Each unit of the queue costs two X25519 multiplications when it is opened; a start reads the
// header of each, and erasing one writes each of its blocks.
inline constexpr std::uint32_t queue_first_block = 2048;
inline constexpr std::uint32_t queue_unit_blocks = 256;  // 128 KiB
inline constexpr std::uint32_t queue_units = 128;
static_assert(small_unit_blocks * small_units <= queue_first_block);

}  // namespace rollcall::firmware::badge_card
