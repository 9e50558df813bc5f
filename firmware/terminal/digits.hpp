// Enrolment shows six digits on terminal and host, and a person says whether they are the same.
// Drawn row by row from shapes of its own, on panels from 128x64 to 1280x800. No text.
//
//    8 8 8   8 8 8
//   +-----+ +-----+
//   |  x  | |  v  |     different, same
//   +-----+ +-----+
//
// Both answers look equally heavy: nobody is led to say yes to a number that was not compared.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "hal/display.hpp"
#include "hal/touch.hpp"

namespace rollcall::firmware {

enum class Comparison : std::uint8_t {
  none,  // neither area was touched
  same,
  different,
};

struct Box {
  std::int32_t x = 0;  // pixels
  std::int32_t y = 0;
  std::int32_t width = 0;
  std::int32_t height = 0;

  constexpr bool contains(std::int32_t px, std::int32_t py) const {
    return px >= x && px < x + width && py >= y && py < y + height;
  }
};

// Where everything lies. Each area to touch is at least 48 pixels wide and high on panels from
// 320x240 on.
struct NumberLayout {
  std::array<Box, 6> digits;  // first digit first
  std::int32_t stroke = 0;    // thickness of a segment
  Box different;
  Box same;
};

NumberLayout number_layout(hal::Size size);

// The number with its leading zeros, below 1 000 000; of a larger one the last six digits. `row`
// has room for a row of the display.
void draw_number(hal::Display& display, std::uint32_t number, std::span<hal::Pixel> row);

// What a finger on the screen that draw_number() drew has said.
Comparison number_touched(hal::Size size, hal::TouchPoint point);

}  // namespace rollcall::firmware
