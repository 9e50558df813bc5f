#include "daemon/screens/encode.hpp"

#include <algorithm>
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

TEST(Encode, TheStreamNeedsAWindowOfFourKibibytesOnly) {
  const std::vector<std::uint32_t> pixels(800 * 480, 0x123456);
  const auto packed = compress(quantise(pixels), {800, 480});
  // RFC 1950 section 2.2: the upper half of the first byte is log2 of the window, less 8.
  EXPECT_EQ(packed.at(0) >> 4, window_bits - 8);
  EXPECT_EQ(packed.at(0) & 0x0f, 8);
}

}  // namespace
}  // namespace rollcall::screens
