// Unpacks a screen (docs/protocol.md, "Screens") row by row, without heap: a zlib stream (RFC 1950)
// of 16 palette entries, RGB 5:6:5 big-endian, then rows of 4-bit palette indices, high nibble
// first, each row padded to a byte.
#pragma once

#include <cstddef>
#include <cstdint>

#include "firmware/terminal/screen_memory.hpp"
#include "hal/display.hpp"
#include "protocol/bytes.hpp"

namespace rollcall::firmware {

// Gives compressed bytes, in order. Returns how many, 0 at the end or when they cannot be read.
class PackedSource {
 public:
  virtual std::size_t read(MutableBytes out) = 0;

 protected:
  ~PackedSource() = default;
};

class Unpacker {
 public:
  // Uses `work` and `pixels` of `memory`, for screens made for a panel of this size.
  Unpacker(const ScreenMemory& memory, hal::Size panel);

  // Draws a whole screen. False when the stream is damaged, ends early, needs a larger window than
  // the panel's, or is wider than a row of the memory; rows before the damage are on the display
  // then.
  bool draw(hal::Display& display, hal::Size size, PackedSource& source);

 private:
  // From what is left of `work`; null when that is too little.
  std::uint8_t* take(std::size_t bytes);
  static void* allocate(void* self, unsigned items, unsigned size);
  static void release(void*, void*) {}

  MutableBytes work_;
  std::span<hal::Pixel> pixels_;
  int window_bits_;
  std::size_t used_ = 0;
};

}  // namespace rollcall::firmware
