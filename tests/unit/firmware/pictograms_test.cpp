// What a terminal shows that no host has given screens, on a small panel and a large one.
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <vector>

#include <gtest/gtest.h>

#include "firmware/terminal/screens.hpp"
#include "hal/sim/framebuffer.hpp"

namespace rollcall::firmware {
namespace {

using protocol::ScreenSlot;

// 0 to 1, as WCAG 2.1 has it.
double computed_luminance(hal::Pixel p) {
  const auto linear = [](double c) {
    return c <= 0.03928 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * linear((p >> 11) / 31.0) + 0.7152 * linear((p >> 5 & 0x3f) / 63.0) +
         0.0722 * linear((p & 0x1f) / 31.0);
}

double luminance(hal::Pixel p) {
  static const std::vector<double> all = [] {
    std::vector<double> of_each;
    for (unsigned c = 0; c <= 0xffff; ++c) {
      of_each.push_back(computed_luminance(static_cast<hal::Pixel>(c)));
    }
    return of_each;
  }();
  return all[p];
}

class Pictograms : public testing::TestWithParam<hal::Size> {
 protected:
  hal::Size size = GetParam();

  hal::sim::Framebuffer drawn(std::size_t slot) const {
    hal::sim::Framebuffer display(size);
    std::vector<hal::Pixel> row(size.width);
    draw_pictogram(display, static_cast<ScreenSlot>(slot), row);
    return display;
  }
  // Each pixel: whether it belongs to the figure, whatever the colours are.
  std::vector<bool> figure(std::size_t slot) const {
    const auto display = drawn(slot);
    std::vector<bool> figure;
    for (std::uint16_t y = 0; y < size.height; ++y) {
      for (std::uint16_t x = 0; x < size.width; ++x) {
        const double from_ground =
            std::abs(luminance(display.at(x, y)) - luminance(display.at(0, 0)));
        figure.push_back(from_ground > 0.3);
      }
    }
    return figure;
  }
};

TEST_P(Pictograms, DifferFromOneAnotherWithoutColour) {
  const int side = std::min(size.height * 4 / 5, size.width * 3 / 5);  // of a picture
  std::vector<std::vector<bool>> figures;
  for (std::size_t slot = 1; slot < protocol::screen_slot_count; ++slot) {
    figures.push_back(figure(slot));
  }
  for (std::size_t a = 0; a < figures.size(); ++a) {
    for (std::size_t b = a + 1; b < figures.size(); ++b) {
      int different = 0;
      for (std::size_t i = 0; i < figures[a].size(); ++i) {
        different += figures[a][i] != figures[b][i] ? 1 : 0;
      }
      EXPECT_GT(different, side * side / 16) << a + 1 << " and " << b + 1;
    }
  }
}

TEST_P(Pictograms, AreLargeClearAndNotCutOff) {
  for (std::size_t slot = 1; slot < protocol::screen_slot_count; ++slot) {
    const auto display = drawn(slot);
    EXPECT_EQ(display.frames(), 1u);
    const auto seen = figure(slot);
    int top = size.height, bottom = 0;
    double lightest = 0, darkest = 1;
    for (std::uint16_t y = 0; y < size.height; ++y) {
      for (std::uint16_t x = 0; x < size.width; ++x) {
        const hal::Pixel pixel = display.at(x, y);
        lightest = std::max(lightest, luminance(pixel));
        darkest = std::min(darkest, luminance(pixel));
        const bool edge = x < 2 || y < 2 || x >= size.width - 2 || y >= size.height - 2;
        if (edge) {
          ASSERT_EQ(pixel, display.at(0, 0)) << slot << " at " << x << "," << y;
        }
        if (!seen[std::size_t{y} * size.width + x]) continue;
        top = std::min<int>(top, y);
        bottom = std::max<int>(bottom, y);
      }
    }
    EXPECT_GE(bottom - top, std::min(size.width, size.height) * 20 / 100) << slot;
    EXPECT_GE((lightest + 0.05) / (darkest + 0.05), 4.5) << slot;  // WCAG 2.1, 1.4.11 asks for 3
  }
}

TEST_P(Pictograms, AShortRowIsNotWrittenBeyond) {
  hal::sim::Framebuffer display(size);
  std::vector<hal::Pixel> row(size.width);
  draw_pictogram(display, ScreenSlot::arrived, std::span(row).first(size.width / 2));
  EXPECT_EQ(row.back(), 0);
  EXPECT_EQ(display.at(static_cast<std::uint16_t>(size.width - 1), 0), 0);
}

// With ROLLCALL_PICTURES=FOLDER the pictures are left there, to be looked at.
TEST_P(Pictograms, CanBeLookedAt) {
  for (std::size_t slot = 1; slot < protocol::screen_slot_count; ++slot) {
    const std::string png = drawn(slot).png();
    EXPECT_FALSE(png.empty());
    const char* folder = std::getenv("ROLLCALL_PICTURES");
    if (folder == nullptr) continue;
    std::ofstream(std::string(folder) + "/pictogram-" + std::to_string(size.width) + "-" +
                      std::to_string(slot) + ".png",
                  std::ios::binary)
        << png;
  }
}

INSTANTIATE_TEST_SUITE_P(Panels, Pictograms,
                         testing::Values(hal::Size{128, 64}, hal::Size{800, 480},
                                         hal::Size{320, 240}, hal::Size{480, 800}),
                         [](const auto& param) { return std::to_string(param.param.width); });

}  // namespace
}  // namespace rollcall::firmware
