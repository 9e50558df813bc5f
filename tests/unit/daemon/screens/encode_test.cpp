#include "daemon/screens/encode.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "tests/unit/daemon/screens/decoded.hpp"

namespace rollcall::screens {
namespace {

TEST(Encode, FlatColoursSurviveExactly) {
  std::vector<std::uint32_t> pixels(100 * 100, 0xf6f5f1);
  std::fill_n(pixels.begin(), 3000, 0x0c5a35u);
  const Indexed image = quantise(pixels);
  EXPECT_EQ(image.palette[image.pixels.front()],
            ((0x0c >> 3) << 11) | ((0x5a >> 2) << 5) | (0x35 >> 3));
  EXPECT_EQ(image.palette[image.pixels.back()],
            ((0xf6 >> 3) << 11) | ((0xf5 >> 2) << 5) | (0xf1 >> 3));
}

TEST(Encode, ManyColoursAreBroughtToSixteenAndEveryIndexIsInThePalette) {
  std::mt19937 random(7);
  std::vector<std::uint32_t> pixels(64 * 64);
  for (auto& pixel : pixels) pixel = random() & 0xffffff;
  const Indexed image = quantise(pixels);
  ASSERT_EQ(image.pixels.size(), pixels.size());
  EXPECT_LT(*std::ranges::max_element(image.pixels), palette_size);
}

TEST(Encode, OddWidthsEndEachRowWithAnEmptyHalf) {
  Indexed image;
  image.palette[1] = 0xffff;
  image.pixels = {1, 0, 1, 0, 1, 0};
  const Screen screen{{3, 2}, compress(image, {3, 2}), {}};
  const auto decoded = test::decode(screen);
  ASSERT_TRUE(decoded.whole);
  EXPECT_EQ(decoded.pixels, (std::vector<std::uint32_t>{0xffffff, 0, 0xffffff, 0, 0xffffff, 0}));
}

TEST(Encode, TheStreamNeedsNoLargerWindowThanThePanelHas) {
  const auto first_byte = [](Size size) {
    const std::vector<std::uint32_t> pixels(std::size_t{size.width} * size.height, 0x123456);
    return compress(quantise(pixels), size).at(0);
  };
  // RFC 1950 section 2.2: the upper half of the first byte is log2 of the window, less 8.
  EXPECT_EQ(first_byte({800, 480}), (12 - 8) << 4 | 8);
  EXPECT_EQ(first_byte({128, 64}), (9 - 8) << 4 | 8);
}

TEST(Encode, SixteenGreysSurviveTheWayToAPanelThatHasNoOther) {
  std::vector<std::uint32_t> pixels;
  for (std::uint32_t grey = 0; grey < 256; ++grey) pixels.push_back(grey << 16 | grey << 8 | grey);
  const Indexed image = to_greys(pixels);
  // However a driver weighs red, green and blue, and whether it rounds or cuts off.
  const std::array<double, 3> weights[] = {
      {0.299, 0.587, 0.114}, {0.2126, 0.7152, 0.0722}, {1.0 / 3, 1.0 / 3, 1.0 / 3}, {0, 1, 0}};
  for (std::uint32_t n = 0; n < palette_size; ++n) {
    const std::uint16_t c = image.palette[n];
    for (const auto& [red, green, blue] : weights) {
      const double luma =
          red * (c >> 11) / 31 + green * (c >> 5 & 0x3f) / 63 + blue * (c & 0x1f) / 31;
      EXPECT_EQ(std::lround(luma * 15), n);
      EXPECT_EQ(std::min(static_cast<int>(luma * 16), 15), n);
    }
    EXPECT_EQ(image.pixels[n * 17], n);
  }
  EXPECT_EQ(image.pixels[0x80], 8);
}

}  // namespace
}  // namespace rollcall::screens
