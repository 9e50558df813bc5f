#include "firmware/terminal/digits.hpp"

#include <algorithm>
#include <optional>
#include <span>

#include "firmware/terminal/shapes.hpp"

namespace rollcall::firmware {
namespace {

using namespace shapes;
using hal::Pixel;

constexpr Pixel area_fill = rgb(30, 41, 59);
constexpr Pixel check_colour = rgb(134, 239, 172);
constexpr Pixel cross_colour = rgb(253, 224, 130);

// Segments a to g, bit 0 to 6: top, right upper, right lower, bottom, left lower, left upper,
// middle.
constexpr std::array<std::uint8_t, 10> segments_of{0x3f, 0x06, 0x5b, 0x4f, 0x66,
                                                   0x6d, 0x7d, 0x07, 0x7f, 0x6f};

constexpr FineBox finer(const Box& box, std::int32_t inset) {
  return {box.x * fine + inset, box.y * fine + inset, (box.x + box.width) * fine - inset,
          (box.y + box.height) * fine - inset};
}

// One digit: round strokes along the segments that are lit, joined where they meet.
class Digit {
 public:
  Digit(const Box& place, std::int32_t stroke, unsigned digit)
      : stroke_(stroke * fine), lit_(segments_of[digit]), one_(digit == 1) {
    const FineBox box = finer(place, stroke_ / 2);
    left_ = box.left;
    right_ = box.right;
    top_ = box.top;
    bottom_ = box.bottom;
  }

  bool operator()(Point p) const {
    const std::int32_t middle = (top_ + bottom_) / 2;
    if (one_) return in_one(p);
    return (lit(0) && on(p, left_, top_, right_, top_)) ||
           (lit(1) && on(p, right_, top_, right_, middle)) ||
           (lit(2) && on(p, right_, middle, right_, bottom_)) ||
           (lit(3) && on(p, left_, bottom_, right_, bottom_)) ||
           (lit(4) && on(p, left_, middle, left_, bottom_)) ||
           (lit(5) && on(p, left_, top_, left_, middle)) ||
           (lit(6) && on(p, left_, middle, right_, middle));
  }

 private:
  bool lit(unsigned segment) const { return (lit_ >> segment & 1) != 0; }
  // A stroke along an axis, from a lower coordinate to a higher one.
  bool on(Point p, std::int32_t x, std::int32_t y, std::int32_t x2, std::int32_t y2) const {
    const std::int32_t dx = p.x - std::clamp(p.x, x, x2), dy = p.y - std::clamp(p.y, y, y2);
    return 4 * (square(dx) + square(dy)) <= square(stroke_);
  }
  // Two segments alone would stand at one side of their place and spoil the grouping: a 1 has a
  // flag, a foot, and its stroke in the middle.
  bool in_one(Point p) const {
    const std::int32_t centre = (left_ + right_) / 2, quarter = (right_ - left_) / 4;
    return on(p, centre, top_, centre, bottom_) ||
           on(p, centre - quarter, bottom_, centre + quarter, bottom_) ||
           in_bar(p, {centre, top_}, {centre - quarter, top_ + quarter}, stroke_);
  }

  std::int32_t stroke_;
  std::int32_t left_, right_, top_, bottom_;  // of the middle of the strokes
  std::uint8_t lit_;
  bool one_;
};

struct Stroke {
  Point from, to;  // hundredths of the height of the area, from its middle
};
constexpr Stroke check_mark[] = {{{-27, 3}, {-8, 22}}, {{-8, 22}, {28, -22}}};
constexpr Stroke cross_mark[] = {{{-21, -21}, {21, 21}}, {{-21, 21}, {21, -21}}};

// An area to touch: border, fill, mark.
class Area {
 public:
  Area(const Box& box, std::span<const Stroke> mark, Pixel colour)
      : box_(box), mark_(mark), colour_(colour) {}

  void draw_row(std::int32_t y, std::span<Pixel> row) const {
    if (y < box_.y || y >= box_.y + box_.height) return;
    const std::int32_t border = std::max<std::int32_t>(box_.height / 32, 1) * fine;
    const std::int32_t radius = box_.height * fine / 6;
    const FineBox outer = finer(box_, 0), inner = finer(box_, border);
    const auto in_outer = [&](Point p) { return in_round_box(p, outer, radius); };
    const auto in_inner = [&](Point p) { return in_round_box(p, inner, radius - border); };
    const auto in_mark = [&](Point p) { return covers(p); };
    const std::int32_t middle = box_.x + box_.width / 2;
    for (std::int32_t x = box_.x; x < box_.x + box_.width; ++x) {
      Pixel& pixel = row[static_cast<std::size_t>(x)];
      pixel = blend(pixel, grey, coverage(in_outer, x, y));
      pixel = blend(pixel, area_fill, coverage(in_inner, x, y));
      if (x > middle - box_.height / 2 && x < middle + box_.height / 2) {
        pixel = blend(pixel, colour_, coverage(in_mark, x, y));
      }
    }
  }

 private:
  bool covers(Point p) const {
    const std::int32_t unit = box_.height * fine;
    p.x -= box_.x * fine + box_.width * fine / 2;
    p.y -= box_.y * fine + unit / 2;
    const auto scaled = [unit](Point q) { return Point{q.x * unit / 100, q.y * unit / 100}; };
    return std::any_of(mark_.begin(), mark_.end(), [&](const Stroke& s) {
      return in_bar(p, scaled(s.from), scaled(s.to), std::max(unit * 11 / 100, 2 * fine));
    });
  }

  Box box_;
  std::span<const Stroke> mark_;
  Pixel colour_;
};

}  // namespace

NumberLayout number_layout(hal::Size size) {
  const std::int32_t width = size.width;
  const std::int32_t height = size.height;
  const std::int32_t margin = std::max<std::int32_t>(std::min(width, height) / 24, 2);

  NumberLayout layout;
  const std::int32_t area_width = (width - 3 * margin) / 2;
  const std::int32_t area_height =
      std::min(height * 3 / 10, std::max<std::int32_t>(area_width * 6 / 10, 48));
  const std::int32_t area_top = height - margin - area_height;
  layout.different = {margin, area_top, area_width, area_height};
  layout.same = {width - margin - area_width, area_top, area_width, area_height};

  // In hundredths of a digit's width: height, space between digits, space between groups.
  constexpr std::int32_t tall = 180, space = 30, group_space = 95;
  constexpr std::int32_t all = 600 + 4 * space + group_space;
  const std::int32_t room = area_top - 2 * margin;
  const std::int32_t digit = std::min((width - 2 * margin) * 100 / all, room * 100 / tall);
  const std::int32_t digit_height = digit * tall / 100;
  layout.stroke = std::max<std::int32_t>(digit * 22 / 100, 2);
  std::int32_t x = (width - digit * all / 100) / 2;
  const std::int32_t y = margin + (room - digit_height) / 2;
  for (std::size_t i = 0; i < layout.digits.size(); ++i) {
    layout.digits[i] = {x, y, digit, digit_height};
    x += digit + digit * (i == 2 ? group_space : space) / 100;
  }
  return layout;
}

void draw_number(hal::Display& display, std::uint32_t number, std::span<Pixel> row) {
  const hal::Size size = display.size();
  const NumberLayout layout = number_layout(size);
  std::array<std::optional<Digit>, 6> digits;
  for (std::size_t i = layout.digits.size(); i-- > 0; number /= 10) {
    digits[i].emplace(layout.digits[i], layout.stroke, number % 10);
  }
  const Area different(layout.different, cross_mark, cross_colour);
  const Area same(layout.same, check_mark, check_colour);

  if (row.size() < size.width) return;
  row = row.first(size.width);
  for (std::uint16_t y = 0; y < size.height; ++y) {
    std::ranges::fill(row, night);
    for (std::size_t i = 0; i < digits.size(); ++i) {
      const Box& box = layout.digits[i];
      if (y < box.y || y >= box.y + box.height) continue;
      for (std::int32_t x = box.x; x < box.x + box.width; ++x) {
        Pixel& pixel = row[static_cast<std::size_t>(x)];
        pixel = blend(pixel, white, coverage(*digits[i], x, y));
      }
    }
    different.draw_row(y, row);
    same.draw_row(y, row);
    display.write_row(y, row);
  }
  display.frame_complete();
}

Comparison number_touched(hal::Size size, hal::TouchPoint point) {
  const NumberLayout layout = number_layout(size);
  if (layout.same.contains(point.x, point.y)) return Comparison::same;
  if (layout.different.contains(point.x, point.y)) return Comparison::different;
  return Comparison::none;
}

}  // namespace rollcall::firmware
