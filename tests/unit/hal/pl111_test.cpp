#include "hal/chips/pl111.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace rollcall::hal {
namespace {

constexpr PanelTiming timing{{800, 480}, 48, 40, 40, 3, 29, 13};

class Pl111Test : public testing::Test {
 protected:
  volatile Pl111Registers registers_{};
  std::vector<Pixel> frame_ = std::vector<Pixel>(800 * 480, 0x1234);
  Pl111 lcd_{registers_, frame_, timing};
};

// Fields as in DDI 0293 3.3.1 to 3.3.7.
TEST_F(Pl111Test, RegistersOfAnEightHundredByFourEightyPanel) {
  lcd_.start(0x18000000);
  EXPECT_EQ(registers_.timing[0] >> 2 & 0x3f, 800u / 16 - 1);
  EXPECT_EQ(registers_.timing[0] >> 8 & 0xff, 47u);
  EXPECT_EQ(registers_.timing[0] >> 16 & 0xff, 39u);
  EXPECT_EQ(registers_.timing[0] >> 24, 39u);
  EXPECT_EQ(registers_.timing[1] & 0x3ff, 479u);
  EXPECT_EQ(registers_.timing[1] >> 10 & 0x3f, 2u);
  EXPECT_EQ(registers_.timing[1] >> 16 & 0xff, 13u);
  EXPECT_EQ(registers_.timing[1] >> 24, 29u);
  EXPECT_EQ(registers_.timing[2] >> 16 & 0x3ff, 799u);
  EXPECT_EQ(registers_.upper_base, 0x18000000u);
  EXPECT_EQ(registers_.control, 0x92du);  // on, 5:6:5, TFT, red high, supply
  EXPECT_EQ(offsetof(Pl111Registers, upper_base), 0x10u);
  EXPECT_EQ(offsetof(Pl111Registers, control), 0x18u);
}

TEST_F(Pl111Test, SleepsWithoutForgetting) {
  lcd_.start(0x18000000);
  lcd_.write_row(0, std::vector<Pixel>(800, 0x4321));
  lcd_.sleep(true);
  EXPECT_EQ(registers_.control, 0u);
  lcd_.sleep(false);
  EXPECT_EQ(registers_.control, 0x92du);
  EXPECT_EQ(frame_[799], 0x4321);
}

TEST_F(Pl111Test, StartsBlack) {
  lcd_.start(0);
  EXPECT_EQ(frame_, std::vector<Pixel>(800 * 480, 0));
}

TEST_F(Pl111Test, RowsGoToTheirPlaceAndNoFurther) {
  lcd_.start(0);
  const std::vector<Pixel> row(1000, 0xffff);
  lcd_.write_row(1, std::span(row).first(3));
  lcd_.write_row(478, row);
  lcd_.write_row(480, row);
  EXPECT_EQ(frame_[800 + 2], 0xffff);
  EXPECT_EQ(frame_[800 + 3], 0);
  EXPECT_EQ(frame_[478 * 800 + 799], 0xffff);
  EXPECT_EQ(frame_[479 * 800], 0);
}

}  // namespace
}  // namespace rollcall::hal
