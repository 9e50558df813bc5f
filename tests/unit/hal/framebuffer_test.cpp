#include "hal/sim/framebuffer.hpp"

#include <array>

#include <gtest/gtest.h>

namespace rollcall::hal::sim {
namespace {

TEST(Framebuffer, RowsLandWhereTheyBelongAndTheRestIsIgnored) {
  Framebuffer display({4, 2});
  const std::array<Pixel, 6> row{1, 2, 3, 4, 5, 6};
  display.write_row(1, row);
  display.write_row(2, row);
  EXPECT_EQ(display.at(0, 0), 0);
  EXPECT_EQ(display.at(0, 1), 1);
  EXPECT_EQ(display.at(3, 1), 4);
}

TEST(Framebuffer, PictureIsAPngOfItsSize) {
  Framebuffer display({300, 2});
  const std::string png = display.png();
  ASSERT_GT(png.size(), 24u);
  EXPECT_EQ(png.substr(1, 3), "PNG");
  // Width and height in the IHDR chunk (PNG specification 11.2.2), big-endian.
  EXPECT_EQ(static_cast<unsigned char>(png[18]) * 256 + static_cast<unsigned char>(png[19]), 300);
  EXPECT_EQ(png[23], 2);
}

}  // namespace
}  // namespace rollcall::hal::sim
