// Unpacks a screen (docs/protocol.md, "Screens") row by row, without heap: a zlib stream (RFC 1950)
// of 16 palette entries, RGB 5:6:5 big-endian, then rows of 4-bit palette indices, high nibble
// first, each row padded to a byte.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hal/display.hpp"
#include "protocol/bytes.hpp"

namespace rollcall::firmware {

inline constexpr std::size_t max_screen_width = 1024;
inline constexpr int window_bits = 12;  // largest window of the stream: 4 KiB

// Gives compressed bytes, in order. Returns how many, 0 at the end or when they cannot be read.
class PackedSource {
 public:
  virtual std::size_t read(MutableBytes out) = 0;

 protected:
  ~PackedSource() = default;
};

class Unpacker {
 public:
  // Draws a whole screen. False when the stream is damaged, ends early or is wider than
  // max_screen_width; rows before the damage are on the display then.
  bool draw(hal::Display& display, hal::Size size, PackedSource& source);

 private:
  // zlib's inflate state and the window of window_bits.
  static constexpr std::size_t arena_size = 16 * 1024;

  static void* allocate(void* self, unsigned items, unsigned size);
  static void release(void*, void*) {}

  std::size_t used_ = 0;
  alignas(std::max_align_t) std::uint8_t arena_[arena_size];
  std::uint8_t input_[256];
  std::uint8_t packed_[max_screen_width / 2];
  hal::Pixel row_[max_screen_width];
};

}  // namespace rollcall::firmware
