// Pictograms for a panel that no host has given screens: drawn from a few shapes, row by row, in
// units of 1/256 of the panel's smaller side around its centre. No text.
#include <algorithm>
#include <array>
#include <cstdint>

#include "firmware/terminal/screens.hpp"

namespace rollcall::firmware {
namespace {

using hal::Pixel;
using protocol::ScreenSlot;

constexpr Pixel rgb(unsigned r, unsigned g, unsigned b) {
  return static_cast<Pixel>((r >> 3) << 11 | (g >> 2) << 5 | b >> 3);
}
constexpr Pixel night = rgb(17, 24, 39);
constexpr Pixel white = rgb(248, 250, 252);
constexpr Pixel grey = rgb(148, 163, 184);
constexpr Pixel green = rgb(21, 128, 61);
constexpr Pixel amber = rgb(180, 83, 9);
constexpr Pixel blue = rgb(30, 64, 175);

struct Shape {
  enum class Kind : std::uint8_t { disc, ring, bar, box } kind;
  // disc, ring: centre (x, y), radius x2, width of the ring y2. bar: from (x, y) to (x2, y2).
  // box: corners (x, y) and (x2, y2).
  std::int16_t x, y, x2, y2;
  std::int16_t width;  // of a bar
  Pixel colour;
};
using Kind = Shape::Kind;

struct Picture {
  Pixel background;
  std::span<const Shape> shapes;
};

constexpr Shape tick[] = {{Kind::bar, -40, 5, -12, 35, 16, white},
                          {Kind::bar, -12, 35, 45, -35, 16, white}};
constexpr Shape arrow_out[] = {{Kind::bar, -45, 0, 40, 0, 16, white},
                               {Kind::bar, 40, 0, 12, -30, 16, white},
                               {Kind::bar, 40, 0, 12, 30, 16, white}};
constexpr Shape two_ticks[] = {{Kind::bar, -60, 5, -36, 30, 13, white},
                               {Kind::bar, -36, 30, 12, -30, 13, white},
                               {Kind::bar, -12, 5, 12, 30, 13, white},
                               {Kind::bar, 12, 30, 60, -30, 13, white}};
constexpr Shape dot[] = {{Kind::disc, 0, 0, 40, 0, 0, white}};
constexpr Shape card[] = {{Kind::box, -60, -36, 60, 40, 0, white},
                          {Kind::box, -60, -20, 60, -6, 0, grey},
                          {Kind::ring, 0, -60, 26, 7, 0, grey},
                          {Kind::ring, 0, -60, 44, 7, 0, grey},
                          {Kind::box, -60, -36, 60, -30, 0, white}};
constexpr Shape clock_face[] = {{Kind::disc, 0, 0, 58, 0, 0, white},
                                {Kind::bar, 0, 0, 0, -38, 10, amber},
                                {Kind::bar, 0, 0, 26, 12, 10, amber}};
// A person behind a desk.
constexpr Shape desk[] = {{Kind::disc, 0, -42, 22, 0, 0, white},
                          {Kind::disc, 0, 18, 40, 0, 0, white},
                          {Kind::box, -70, 18, 70, 34, 0, white},
                          {Kind::box, -60, 34, -48, 66, 0, white},
                          {Kind::box, 48, 34, 60, 66, 0, white}};
constexpr Shape closed[] = {{Kind::ring, 0, 0, 58, 12, 0, grey},
                            {Kind::bar, -30, 0, 30, 0, 14, grey}};

Picture picture_of(ScreenSlot slot) {
  switch (slot) {
    case ScreenSlot::idle:
      return {night, card};
    case ScreenSlot::idle_offline:
      return {rgb(51, 47, 37), card};
    case ScreenSlot::arrived:
      return {green, tick};
    case ScreenSlot::left:
      return {green, arrow_out};
    case ScreenSlot::recorded:
      return {green, dot};
    case ScreenSlot::repeat:
      return {green, two_ticks};
    case ScreenSlot::see_staff:
      return {amber, desk};
    case ScreenSlot::recorded_offline:
      return {amber, clock_face};
    case ScreenSlot::not_accepted:
      return {blue, desk};
    case ScreenSlot::out_of_service:
      return {night, closed};
    case ScreenSlot::live:
      break;
  }
  return {night, {}};
}

std::int32_t square(std::int32_t v) {
  return v * v;
}

bool in_bar(const Shape& s, std::int32_t x, std::int32_t y) {
  const std::int32_t dx = s.x2 - s.x, dy = s.y2 - s.y;
  const std::int32_t length2 = dx * dx + dy * dy;
  const std::int32_t along = std::clamp((x - s.x) * dx + (y - s.y) * dy, 0, length2);
  // Distance to the nearest point of the segment, scaled by its squared length.
  const std::int64_t ex = std::int64_t{x - s.x} * length2 - std::int64_t{dx} * along;
  const std::int64_t ey = std::int64_t{y - s.y} * length2 - std::int64_t{dy} * along;
  const std::int64_t reach = std::int64_t{length2} * s.width / 2;
  return ex * ex + ey * ey <= reach * reach;
}

bool covers(const Shape& s, std::int32_t x, std::int32_t y) {
  switch (s.kind) {
    case Kind::disc:
      return square(x - s.x) + square(y - s.y) <= square(s.x2);
    case Kind::ring: {
      const std::int32_t d = square(x - s.x) + square(y - s.y);
      return d <= square(s.x2) && d >= square(s.x2 - s.y2);
    }
    case Kind::bar:
      return in_bar(s, x, y);
    case Kind::box:
      return x >= s.x && x <= s.x2 && y >= s.y && y <= s.y2;
  }
  return false;
}

}  // namespace

void draw_pictogram(hal::Display& display, ScreenSlot slot) {
  const hal::Size size = display.size();
  const Picture picture = picture_of(slot);
  const std::int32_t side = std::max<std::int32_t>(1, std::min(size.width, size.height));
  std::array<Pixel, max_screen_width> row;
  const std::size_t width = std::min<std::size_t>(size.width, row.size());
  for (std::uint16_t y = 0; y < size.height; ++y) {
    const std::int32_t v = (2 * y - size.height) * 128 / side;
    for (std::size_t x = 0; x < width; ++x) {
      const std::int32_t u = (2 * static_cast<std::int32_t>(x) - size.width) * 128 / side;
      row[x] = picture.background;
      for (const Shape& shape : picture.shapes) {
        if (covers(shape, u, v)) row[x] = shape.colour;
      }
    }
    display.write_row(y, {row.data(), width});
  }
  display.frame_complete();
}

}  // namespace rollcall::firmware
