// The memory that screens need at a terminal, lent by whoever builds it: a badge terminal has 48
// KiB in all, a touch terminal more than that for one live screen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "hal/display.hpp"
#include "protocol/bytes.hpp"
#include "protocol/screen_limits.hpp"

namespace rollcall::firmware {

struct ScreenMemory {
  MutableBytes live;             // a live screen, packed; a larger one is refused
  MutableBytes work;             // at least work_bytes(), aligned as std::max_align_t
  std::span<hal::Pixel> pixels;  // one row; nothing is drawn beyond its end
};

// While a screen is unpacked: zlib's inflate state (zlib 1.2.13: 7 120 bytes with pointers of 32
// bits, 7 160 with 64), its window, a row of palette indices, and what was read of the stream.
inline constexpr std::size_t inflate_state_bytes = 7168;
inline constexpr std::size_t read_ahead_bytes = 128;
constexpr std::size_t work_bytes(int window_bits, std::size_t width) {
  constexpr std::size_t align = alignof(std::max_align_t);
  const std::size_t packed_row = ((width + 1) / 2 + align - 1) / align * align;
  return inflate_state_bytes + (std::size_t{1} << window_bits) + packed_row + read_ahead_bytes;
}

// All of it for a panel of this size: 10.1 KiB for 128x64, 109 KiB for 800x480.
template <std::uint16_t width, std::uint16_t height>
class ScreenRoom {
 public:
  // Lent for as long as this lives, to one user.
  ScreenMemory memory() { return {live_, work_, pixels_}; }

 private:
  static constexpr protocol::ScreenLimits limits = protocol::screen_limits(width, height);
  std::uint8_t live_[limits.live_bytes];
  alignas(std::max_align_t) std::uint8_t work_[work_bytes(limits.window_bits, width)];
  hal::Pixel pixels_[width];
};

}  // namespace rollcall::firmware
