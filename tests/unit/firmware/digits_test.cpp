// The number that a person compares at enrolment: every pixel of it, on every panel.
#include "firmware/terminal/digits.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <vector>

#include <gtest/gtest.h>

#include "hal/sim/framebuffer.hpp"

namespace rollcall::firmware {
namespace {

using hal::sim::Framebuffer;

constexpr hal::Size panels[] = {{128, 64},  {320, 240},  {480, 272},  {640, 480}, {800, 480},
                                {480, 800}, {1024, 600}, {1280, 800}, {800, 1280}};

std::string name_of(hal::Size size) {
  return std::to_string(size.width) + "x" + std::to_string(size.height);
}

struct Colour {
  double r, g, b;  // 0 to 1
};
Colour colour_of(hal::Pixel p) {
  return {(p >> 11) / 31.0, (p >> 5 & 0x3f) / 63.0, (p & 0x1f) / 31.0};
}
// WCAG 2.1, relative luminance and contrast ratio.
double luminance(hal::Pixel p) {
  const auto linear = [](double c) {
    return c <= 0.03928 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
  };
  const Colour c = colour_of(p);
  return 0.2126 * linear(c.r) + 0.7152 * linear(c.g) + 0.0722 * linear(c.b);
}
double contrast(hal::Pixel a, hal::Pixel b) {
  const double la = luminance(a), lb = luminance(b);
  return (std::max(la, lb) + 0.05) / (std::min(la, lb) + 0.05);
}

Framebuffer drawn(hal::Size size, std::uint32_t number) {
  Framebuffer display(size);
  std::vector<hal::Pixel> row(size.width);
  draw_number(display, number, row);
  return display;
}
hal::Pixel background(const Framebuffer& display) {
  return display.at(0, 0);
}
hal::Pixel at(const Framebuffer& display, std::int32_t x, std::int32_t y) {
  return display.at(static_cast<std::uint16_t>(x), static_cast<std::uint16_t>(y));
}

class Number : public testing::TestWithParam<hal::Size> {
 protected:
  hal::Size size = GetParam();
  NumberLayout layout = number_layout(size);
};

// Segments by the letters that data sheets give them: a top, then clockwise, g in the middle.
constexpr const char* seven_segments[10] = {"abcdef", "bc",     "abged", "abgcd",   "fgbc",
                                            "afgcd",  "afgedc", "abc",   "abcdefg", "abcdfg"};

TEST_P(Number, EveryDigitShowsItsSegmentsAndNoOther) {
  for (unsigned digit = 0; digit < 10; ++digit) {
    const Framebuffer display = drawn(size, digit * 111'111);
    for (const Box& box : layout.digits) {
      const std::int32_t half = layout.stroke / 2;
      const std::int32_t left = box.x + half, right = box.x + box.width - 1 - half;
      const std::int32_t top = box.y + half, bottom = box.y + box.height - 1 - half;
      const std::int32_t centre = box.x + box.width / 2, middle = box.y + box.height / 2;
      const std::int32_t upper = (top + middle) / 2, lower = (middle + bottom) / 2;
      if (digit == 1) {  // it stands in the middle
        EXPECT_GE(contrast(at(display, centre, upper), background(display)), 7.0);
        EXPECT_GE(contrast(at(display, centre, lower), background(display)), 7.0);
        EXPECT_EQ(at(display, left, upper), background(display));
        EXPECT_EQ(at(display, right, lower), background(display));
        continue;
      }
      const std::pair<char, hal::Pixel> seen[] = {
          {'a', at(display, centre, top)},   {'b', at(display, right, upper)},
          {'c', at(display, right, lower)},  {'d', at(display, centre, bottom)},
          {'e', at(display, left, lower)},   {'f', at(display, left, upper)},
          {'g', at(display, centre, middle)}};
      for (const auto& [letter, pixel] : seen) {
        const bool lit = std::string(seven_segments[digit]).find(letter) != std::string::npos;
        if (lit) {
          EXPECT_GE(contrast(pixel, background(display)), 7.0) << digit << letter;
        } else {
          EXPECT_EQ(pixel, background(display)) << digit << letter;
        }
      }
      // The two holes of an 8 stay open.
      EXPECT_EQ(at(display, centre, upper), background(display));
      EXPECT_EQ(at(display, centre, lower), background(display));
    }
  }
}

TEST_P(Number, NothingIsCutOffOrTouchesAnythingElse) {
  const Framebuffer display = drawn(size, 888'888);
  std::vector<Box> boxes(layout.digits.begin(), layout.digits.end());
  boxes.push_back(layout.different);
  boxes.push_back(layout.same);
  for (std::int32_t y = 0; y < size.height; ++y) {
    for (std::int32_t x = 0; x < size.width; ++x) {
      const auto in =
          std::ranges::count_if(boxes, [&](const Box& box) { return box.contains(x, y); });
      ASSERT_LE(in, 1);
      if (in == 0) {
        ASSERT_EQ(at(display, x, y), background(display)) << x << "," << y;
      }
    }
  }
  for (const Box& box : boxes) {
    EXPECT_GE(box.x, 2);
    EXPECT_GE(box.y, 2);
    EXPECT_LE(box.x + box.width, size.width - 2);
    EXPECT_LE(box.y + box.height, size.height - 2);
  }
  EXPECT_EQ(display.frames(), 1u);
}

TEST_P(Number, IsBigAndInTwoGroups) {
  EXPECT_GE(layout.digits[0].height, std::min(size.width, size.height) * 18 / 100);
  const auto space = [&](std::size_t i) {
    return layout.digits[i + 1].x - (layout.digits[i].x + layout.digits[i].width);
  };
  for (const std::size_t i : {0u, 1u, 3u, 4u}) {
    EXPECT_GE(space(2), 2 * space(i));
    EXPECT_GE(space(i), layout.stroke);
  }
  // In the middle, to a pixel or two of rounding.
  const Box& last = layout.digits[5];
  EXPECT_NEAR(layout.digits[0].x, size.width - (last.x + last.width), 4);
}

TEST_P(Number, LeadingZerosAreShownAndNoDigitLooksLikeAnother) {
  const auto picture = [&](std::uint32_t number) {
    const Framebuffer display = drawn(size, number);
    std::vector<std::vector<hal::Pixel>> digits;
    for (const Box& box : layout.digits) {
      digits.emplace_back();
      for (std::int32_t y = box.y; y < box.y + box.height; ++y) {
        for (std::int32_t x = box.x; x < box.x + box.width; ++x) {
          digits.back().push_back(at(display, x, y));
        }
      }
    }
    return digits;
  };
  const auto zeros = picture(0);
  const auto counted = picture(123'456), others = picture(789'456);
  EXPECT_EQ(picture(1'000'000), zeros);
  EXPECT_EQ(picture(1'123'456), counted);
  EXPECT_EQ(picture(9)[4], zeros[4]);
  EXPECT_NE(picture(9)[5], zeros[5]);
  for (std::size_t i = 0; i < counted.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE(counted[i], counted[j]);
    for (std::size_t j = 0; j < 3; ++j) {
      EXPECT_NE(counted[i], others[j]);
      if (i < j) {
        EXPECT_NE(others[i], others[j]);
      }
    }
    EXPECT_NE(counted[i], zeros[i]);
  }
}

TEST_P(Number, ItsColoursAreCalmAndClear) {
  const Framebuffer display = drawn(size, 804'735);
  for (std::int32_t y = 0; y < size.height; ++y) {
    for (std::int32_t x = 0; x < size.width; ++x) {
      const Colour c = colour_of(at(display, x, y));
      ASSERT_FALSE(c.r > 0.4 && c.g < c.r * 0.6) << "red at " << x << "," << y;
    }
  }
  for (const Box& box : {layout.same, layout.different}) {
    // The edge of an area against what lies around it (WCAG 2.1, 1.4.11), and its mark against it.
    const hal::Pixel edge = at(display, box.x + box.width / 2, box.y);
    const hal::Pixel fill = at(display, box.x + box.width / 5, box.y + box.height / 2);
    EXPECT_GE(contrast(edge, background(display)), 3.0);
    double mark = 0;
    for (std::int32_t y = box.y + box.height / 4; y < box.y + box.height * 3 / 4; ++y) {
      for (std::int32_t x = box.x + box.width / 4; x < box.x + box.width * 3 / 4; ++x) {
        mark = std::max(mark, contrast(at(display, x, y), fill));
      }
    }
    EXPECT_GE(mark, 7.0);
  }
}

TEST_P(Number, AFingerSaysSameOrDifferentOrNothing) {
  const auto touched = [&](std::int32_t x, std::int32_t y) {
    return number_touched(size, {static_cast<std::uint16_t>(x), static_cast<std::uint16_t>(y)});
  };
  const auto corners = [&](const Box& box, Comparison expected) {
    const std::int32_t right = box.x + box.width - 1, bottom = box.y + box.height - 1;
    EXPECT_EQ(touched(box.x, box.y), expected);
    EXPECT_EQ(touched(right, bottom), expected);
    EXPECT_EQ(touched((box.x + right) / 2, (box.y + bottom) / 2), expected);
    EXPECT_EQ(touched(box.x - 1, box.y), Comparison::none);
    EXPECT_EQ(touched(right + 1, bottom), Comparison::none);
    EXPECT_EQ(touched(box.x, box.y - 1), Comparison::none);
    EXPECT_EQ(touched(right, bottom + 1), Comparison::none);
  };
  corners(layout.same, Comparison::same);
  corners(layout.different, Comparison::different);
  for (const Box& box : layout.digits) {
    EXPECT_EQ(touched(box.x + box.width / 2, box.y + box.height / 2), Comparison::none);
  }
  EXPECT_EQ(touched(0, 0), Comparison::none);
  EXPECT_EQ(touched(65535, 65535), Comparison::none);
  if (size.width >= 320 && size.height >= 240) {
    for (const Box& box : {layout.same, layout.different}) {
      EXPECT_GE(box.width, 48);
      EXPECT_GE(box.height, 48);
    }
    EXPECT_GE(layout.same.x - (layout.different.x + layout.different.width), 8);
  }
}

// With ROLLCALL_PICTURES=FOLDER the pictures are left there, to be looked at.
TEST_P(Number, CanBeLookedAt) {
  const std::string png = drawn(size, 408'153).png();
  EXPECT_FALSE(png.empty());
  if (const char* folder = std::getenv("ROLLCALL_PICTURES")) {
    std::ofstream(std::string(folder) + "/number-" + name_of(size) + ".png", std::ios::binary)
        << png;
    std::ofstream(std::string(folder) + "/number2-" + name_of(size) + ".png", std::ios::binary)
        << drawn(size, 672'911).png();
  }
}

INSTANTIATE_TEST_SUITE_P(Panels, Number, testing::ValuesIn(panels),
                         [](const auto& param) { return name_of(param.param); });

}  // namespace
}  // namespace rollcall::firmware
