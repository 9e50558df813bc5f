// Colours and geometry that everything drawn in code shares.
#pragma once

#include <algorithm>
#include <cstdint>

#include "hal/display.hpp"

namespace rollcall::firmware::shapes {

constexpr hal::Pixel rgb(unsigned r, unsigned g, unsigned b) {
  return static_cast<hal::Pixel>((r >> 3) << 11 | (g >> 2) << 5 | b >> 3);
}
inline constexpr hal::Pixel night = rgb(17, 24, 39);
inline constexpr hal::Pixel white = rgb(248, 250, 252);
inline constexpr hal::Pixel grey = rgb(148, 163, 184);

// Positions of edges are in eighths of a pixel, so that they can be smooth.
inline constexpr std::int32_t fine = 8;
inline constexpr int full = 16;  // samples of one pixel

struct Point {
  std::int32_t x = 0;
  std::int32_t y = 0;
};

constexpr std::int32_t square(std::int32_t v) {
  return v * v;
}

// Whether `p` lies on a bar of this width with round ends. Coordinates within +-16 000.
constexpr bool in_bar(Point p, Point from, Point to, std::int32_t width) {
  const std::int64_t dx = to.x - from.x, dy = to.y - from.y;
  const std::int64_t px = p.x - from.x, py = p.y - from.y;
  const std::int64_t length2 = dx * dx + dy * dy;
  const std::int64_t along = px * dx + py * dy;
  const std::int64_t width2 = std::int64_t{width} * width;
  if (along <= 0) return 4 * (px * px + py * py) <= width2;
  if (along >= length2) return 4 * ((px - dx) * (px - dx) + (py - dy) * (py - dy)) <= width2;
  const std::int64_t aside = px * dy - py * dx;  // distance from the line, times its length
  return 4 * aside * aside <= width2 * length2;
}

struct FineBox {
  std::int32_t left, top, right, bottom;
};

// `radius`: of the corners, at most half of each side.
constexpr bool in_round_box(Point p, const FineBox& box, std::int32_t radius) {
  if (p.x < box.left || p.x >= box.right || p.y < box.top || p.y >= box.bottom) return false;
  const std::int32_t dx = p.x - std::clamp(p.x, box.left + radius, box.right - radius);
  const std::int32_t dy = p.y - std::clamp(p.y, box.top + radius, box.bottom - radius);
  return square(dx) + square(dy) <= square(radius);
}

// How many of 16 samples of a pixel lie in a shape. A pixel whose four outer samples agree is taken
// as even.
template <class Shape>
int coverage(const Shape& shape, std::int32_t x, std::int32_t y) {
  const std::int32_t left = x * fine + 1, top = y * fine + 1;
  const int corners = int{shape({left, top})} + int{shape({left + 6, top})} +
                      int{shape({left, top + 6})} + int{shape({left + 6, top + 6})};
  if (corners == 0) return 0;
  if (corners == 4) return full;
  int inside = 0;
  for (std::int32_t sy = 0; sy < 8; sy += 2) {
    for (std::int32_t sx = 0; sx < 8; sx += 2) inside += int{shape({left + sx, top + sy})};
  }
  return inside;
}

constexpr hal::Pixel blend(hal::Pixel below, hal::Pixel above, int share) {
  const auto channel = [&](unsigned shift, unsigned mask) {
    const int from = static_cast<int>(below >> shift & mask);
    const int to = static_cast<int>(above >> shift & mask);
    return static_cast<unsigned>(from + (to - from) * share / full) << shift;
  };
  return static_cast<hal::Pixel>(channel(11, 0x1f) | channel(5, 0x3f) | channel(0, 0x1f));
}

}  // namespace rollcall::firmware::shapes
