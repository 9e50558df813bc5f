// Pictograms for a panel that no host has given screens: the same pictures as the host's, drawn
// from a few shapes, row by row. No text.
#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "firmware/terminal/screens.hpp"
#include "firmware/terminal/shapes.hpp"
#include "protocol/screen_limits.hpp"

namespace rollcall::firmware {
namespace {

using hal::Pixel;
using protocol::ScreenSlot;

using namespace shapes;

constexpr Pixel green = rgb(21, 128, 61);
constexpr Pixel amber = rgb(180, 83, 9);
constexpr Pixel blue = rgb(30, 64, 175);
constexpr Pixel dusk = rgb(51, 47, 37);
constexpr Pixel black = rgb(0, 0, 0);

enum class Kind : std::uint8_t {
  disc,   // centre, radius x2
  ring,   // centre, radius x2 of the middle of its line
  dome,   // the upper half of a ring
  waves,  // the quarter of a ring that points right
  bar,    // a line from (x, y) to (x2, y2) with round ends
  frame,  // a line around the corners (x, y) and (x2, y2), rounded
  box,    // a filled one; `width` is the radius of its corners
};
enum class Ink : std::uint8_t { figure, ground };

// In hundredths of a square in the middle of the panel, from its top left; a picture may reach 30
// beyond it to the left and to the right.
struct Shape {
  Kind kind;
  std::int16_t x, y, x2, y2;
  std::int16_t width;  // of the line
  Ink ink = Ink::figure;
};

constexpr std::int16_t line = 8;
constexpr std::int16_t bold = 10;

constexpr Shape card[] = {{Kind::frame, 6, 43, 64, 85, line}, {Kind::box, 18, 54, 34, 63, 2},
                          {Kind::bar, 21, 73, 40, 73, line},  {Kind::waves, 58, 30, 9, 0, line},
                          {Kind::waves, 58, 30, 22, 0, line}, {Kind::waves, 58, 30, 35, 0, line}};
constexpr Shape card_and_clock[] = {
    {Kind::frame, -28, 43, 30, 85, line}, {Kind::box, -16, 54, 0, 63, 2},
    {Kind::bar, -13, 73, 6, 73, line},    {Kind::waves, 24, 30, 9, 0, line},
    {Kind::waves, 24, 30, 22, 0, line},   {Kind::waves, 24, 30, 35, 0, line},
    {Kind::ring, 97, 52, 29, 0, line},    {Kind::bar, 97, 36, 97, 52, line},
    {Kind::bar, 97, 52, 109, 60, line}};
constexpr Shape tick[] = {{Kind::ring, 50, 50, 42, 0, line},
                          {Kind::bar, 30, 51, 45, 66, bold},
                          {Kind::bar, 45, 66, 71, 35, bold}};
constexpr Shape door_out[] = {{Kind::bar, 58, 22, 58, 12, line}, {Kind::bar, 58, 12, 16, 12, line},
                              {Kind::bar, 16, 12, 16, 88, line}, {Kind::bar, 16, 88, 58, 88, line},
                              {Kind::bar, 58, 88, 58, 78, line}, {Kind::bar, 40, 50, 92, 50, bold},
                              {Kind::bar, 72, 30, 92, 50, bold}, {Kind::bar, 72, 70, 92, 50, bold}};
constexpr Shape note[] = {{Kind::frame, 18, 6, 82, 94, line},
                          {Kind::bar, 36, 28, 64, 28, line},
                          {Kind::bar, 34, 59, 46, 71, bold},
                          {Kind::bar, 46, 71, 67, 47, bold}};
constexpr Shape two_ticks[] = {{Kind::bar, 6, 52, 22, 68, bold},
                               {Kind::bar, 22, 68, 50, 34, bold},
                               {Kind::bar, 44, 52, 60, 68, bold},
                               {Kind::bar, 60, 68, 88, 34, bold}};
constexpr Shape desk[] = {{Kind::disc, 50, 20, 14, 0, 0},    {Kind::dome, 50, 64, 24, 0, line},
                          {Kind::box, 4, 60, 96, 71, 5},     {Kind::bar, 17, 66, 17, 92, line},
                          {Kind::bar, 17, 92, 83, 92, line}, {Kind::bar, 83, 92, 83, 66, line}};
constexpr Shape to_the_desk[] = {
    {Kind::bar, -26, 52, 28, 52, bold}, {Kind::bar, 5, 29, 28, 52, bold},
    {Kind::bar, 5, 75, 28, 52, bold},   {Kind::disc, 86, 20, 14, 0, 0},
    {Kind::dome, 86, 64, 24, 0, line},  {Kind::box, 42, 60, 130, 71, 5},
    {Kind::bar, 54, 66, 54, 92, line},  {Kind::bar, 54, 92, 118, 92, line},
    {Kind::bar, 118, 92, 118, 66, line}};
constexpr Shape clock_face[] = {{Kind::ring, 50, 50, 42, 0, bold},
                                {Kind::bar, 50, 26, 50, 50, bold},
                                {Kind::bar, 50, 50, 68, 61, bold}};
constexpr Shape pause[] = {{Kind::ring, 50, 50, 42, 0, line},
                           {Kind::bar, 40, 35, 40, 65, bold},
                           {Kind::bar, 60, 35, 60, 65, bold}};
// This one, and not that one too.
constexpr Shape two_cards[] = {{Kind::frame, 28, 10, 98, 58, line},
                               {Kind::box, -4, 31, 78, 93, 12, Ink::ground},
                               {Kind::box, 2, 37, 72, 87, 9},
                               {Kind::box, 14, 50, 31, 61, 2, Ink::ground},
                               {Kind::box, 14, 69, 48, 76, 3, Ink::ground}};
constexpr std::size_t most_shapes = 9;

struct Picture {
  std::span<const Shape> shapes;
  Pixel ground;  // of a panel that is not small, under a white figure
  // On a small panel, which has no colours: a black figure on white, for what makes a person stop.
  bool bright = false;
};

Picture picture_of(ScreenSlot slot) {
  switch (slot) {
    case ScreenSlot::idle:
      return {card, night};
    case ScreenSlot::idle_offline:
      return {card_and_clock, dusk};
    case ScreenSlot::arrived:
      return {tick, green};
    case ScreenSlot::left:
      return {door_out, green};
    case ScreenSlot::recorded:
      return {note, green};
    case ScreenSlot::repeat:
      return {two_ticks, green};
    case ScreenSlot::see_staff:
      return {desk, amber, true};
    case ScreenSlot::recorded_offline:
      return {clock_face, amber, true};
    case ScreenSlot::not_accepted:
      return {to_the_desk, blue, true};
    case ScreenSlot::out_of_service:
      return {pause, night};
    case ScreenSlot::one_card:
      return {two_cards, blue, true};
    case ScreenSlot::live:
      break;
  }
  return {{}, night};
}

// Where pictures go on a panel.
class Place {
 public:
  explicit Place(hal::Size size) {
    side_ = std::min(size.height * fine * 4 / 5, size.width * fine * 3 / 5);
    left_ = (size.width * fine - side_) / 2;
    top_ = (size.height * fine - side_) / 2;
  }
  // In eighths of a pixel.
  std::int32_t length(std::int32_t hundredths) const { return hundredths * side_ / 100; }
  Point point(std::int32_t x, std::int32_t y) const {
    return {left_ + length(x), top_ + length(y)};
  }

 private:
  std::int32_t side_, left_, top_;
};

// A shape on the panel, all in eighths of a pixel.
struct Placed {
  Placed() = default;
  Placed(const Shape& shape, const Place& place)
      : kind(shape.kind),
        ink(shape.ink),
        from(place.point(shape.x, shape.y)),
        to(place.point(shape.x2, shape.y2)),
        radius(place.length(shape.x2)),
        width(place.length(shape.width)) {
    if (kind == Kind::bar || kind == Kind::frame || kind == Kind::box) {
      const std::int32_t out = kind == Kind::box ? 0 : width;
      bounds = {std::min(from.x, to.x) - out, std::min(from.y, to.y) - out,
                std::max(from.x, to.x) + out, std::max(from.y, to.y) + out};
    } else {
      const std::int32_t out = radius + width;
      bounds = {from.x - out, from.y - out, from.x + out, from.y + out};
    }
  }

  bool operator()(Point p) const {
    const Point d{p.x - from.x, p.y - from.y};
    const auto on_ring = [&] {
      const std::int32_t far = square(d.x) + square(d.y);
      const std::int32_t half = width / 2;
      return far <= square(radius + half) &&
             far >= square(std::max<std::int32_t>(radius - half, 0));
    };
    switch (kind) {
      case Kind::disc:
        return square(d.x) + square(d.y) <= square(radius);
      case Kind::ring:
        return on_ring();
      case Kind::dome:
        return d.y <= 0 && on_ring();
      case Kind::waves:
        return d.x > 0 && d.x >= std::max(d.y, -d.y) && on_ring();
      case Kind::bar:
        return in_bar(p, from, to, width);
      case Kind::box:
        return in_round_box(p, {from.x, from.y, to.x, to.y}, width);
      case Kind::frame: {
        const std::int32_t half = width / 2;
        const FineBox outer{from.x - half, from.y - half, to.x + half, to.y + half};
        const FineBox inner{from.x + half, from.y + half, to.x - half, to.y - half};
        return in_round_box(p, outer, 3 * half) && !in_round_box(p, inner, half);
      }
    }
    return false;
  }

  Kind kind = Kind::disc;
  Ink ink = Ink::figure;
  Point from, to;
  std::int32_t radius = 0, width = 0;
  FineBox bounds{};
};

}  // namespace

void draw_pictogram(hal::Display& display, ScreenSlot slot, std::span<Pixel> row) {
  const hal::Size size = display.size();
  row = row.first(std::min<std::size_t>(size.width, row.size()));
  const Picture picture = picture_of(slot);
  const bool small = protocol::small_panel(size.width, size.height);
  const Pixel ground = !small ? picture.ground : picture.bright ? white : black;
  const Pixel figure = small && picture.bright ? black : white;

  std::array<Placed, most_shapes> placed;
  const auto shapes = std::span(placed).first(std::min(picture.shapes.size(), most_shapes));
  std::ranges::transform(picture.shapes.first(shapes.size()), shapes.begin(),
                         [place = Place(size)](const Shape& s) { return Placed(s, place); });
  const auto width = static_cast<std::int32_t>(row.size());
  for (std::uint16_t y = 0; y < size.height; ++y) {
    std::ranges::fill(row, ground);
    for (const Placed& shape : shapes) {
      if (y < shape.bounds.top / fine || y > shape.bounds.bottom / fine) continue;
      const std::int32_t from = std::max<std::int32_t>(shape.bounds.left / fine, 0);
      const std::int32_t to = std::min(shape.bounds.right / fine + 1, width);
      const Pixel colour = shape.ink == Ink::figure ? figure : ground;
      for (std::int32_t x = from; x < to; ++x) {
        Pixel& pixel = row[static_cast<std::size_t>(x)];
        pixel = blend(pixel, colour, coverage(shape, x, y));
      }
    }
    display.write_row(y, row);
  }
  display.frame_complete();
}

}  // namespace rollcall::firmware
