#include "hal/chips/ssd0323.hpp"

#include <array>
#include <vector>

#include <gtest/gtest.h>

namespace rollcall::hal {
namespace {

// The controller as far as its driver uses it: what it was told, and what the panel shows.
class Panel final : public SpiDevice, public OutputPin {
 public:
  void set(bool high) override {
    EXPECT_FALSE(selected_) << "the data line changes within a transfer";
    data_ = high;
  }
  void select(bool selected) override { selected_ = selected; }
  std::uint8_t exchange(std::uint8_t out) override {
    if (!selected_) return 0xff;
    if (data_) {
      write(out);
    } else {
      command(out);
    }
    return 0xff;
  }

  bool at_rest() const { return !selected_ && !data_ && pending_.empty(); }
  std::uint8_t level(int x, int y) const {
    const std::uint8_t pair = memory[static_cast<std::size_t>(y)][static_cast<std::size_t>(x / 2)];
    return x % 2 == 0 ? pair >> 4 : pair & 0x0f;
  }

  bool on = false;
  std::vector<std::uint8_t> commands;  // their first bytes
  std::array<std::array<std::uint8_t, 64>, 80> memory{};

 private:
  static std::size_t parameters(std::uint8_t code) {
    switch (code) {
      case 0x15:
      case 0x75:
        return 2;
      case 0xb8:
        return 8;
      case 0x84:
      case 0x85:
      case 0x86:
      case 0xa4:
      case 0xae:
      case 0xaf:
        return 0;
      default:
        return 1;
    }
  }
  void command(std::uint8_t byte) {
    pending_.push_back(byte);
    if (pending_.size() <= parameters(pending_[0])) return;
    commands.push_back(pending_[0]);
    if (pending_[0] == 0x15) column_ = first_column_ = pending_[1], last_column_ = pending_[2];
    if (pending_[0] == 0x75) row_ = first_row_ = pending_[1], last_row_ = pending_[2];
    if (pending_[0] == 0xae) on = false;
    if (pending_[0] == 0xaf) on = true;
    pending_.clear();
  }
  void write(std::uint8_t byte) {
    memory.at(row_).at(column_) = byte;
    if (column_++ != last_column_) return;
    column_ = first_column_;
    row_ = row_ == last_row_ ? first_row_ : row_ + 1;
  }

  std::vector<std::uint8_t> pending_;
  std::size_t column_ = 0, first_column_ = 0, last_column_ = 63;
  std::size_t row_ = 0, first_row_ = 0, last_row_ = 79;
  bool selected_ = false;
  bool data_ = true;
};

struct Ssd0323Test : testing::Test {
  Ssd0323Test() { display.start(); }
  Panel panel;
  Ssd0323 display{panel, panel};
};

constexpr Pixel white = 0xffff, black = 0;

TEST_F(Ssd0323Test, StaysDarkUntilAFirstFrameIsComplete) {
  EXPECT_FALSE(panel.on);
  display.write_row(0, std::vector<Pixel>(128, white));
  EXPECT_FALSE(panel.on);
  display.frame_complete();
  EXPECT_TRUE(panel.on);
  const std::size_t before = panel.commands.size();
  display.frame_complete();
  EXPECT_EQ(panel.commands.size(), before);
}

TEST_F(Ssd0323Test, SleepsAndTakesRowsAllTheWhile) {
  display.sleep(true);
  display.frame_complete();
  EXPECT_FALSE(panel.on);
  display.sleep(false);
  EXPECT_TRUE(panel.on);
  display.sleep(true);
  EXPECT_FALSE(panel.on);
  display.write_row(3, std::vector<Pixel>(128, white));
  display.frame_complete();
  EXPECT_FALSE(panel.on);
  EXPECT_EQ(panel.level(0, 3), 15);
}

TEST_F(Ssd0323Test, ARowGoesToItsPlaceAndNowhereElse) {
  std::vector<Pixel> row(128, black);
  row[0] = row[127] = white;
  display.write_row(41, row);
  for (int y = 0; y < 64; ++y) {
    for (int x = 0; x < 128; ++x) {
      EXPECT_EQ(panel.level(x, y), y == 41 && (x == 0 || x == 127) ? 15 : 0) << x << "," << y;
    }
  }
}

TEST_F(Ssd0323Test, WhatLiesOutsideIsIgnored) {
  display.write_row(64, std::vector<Pixel>(128, white));
  display.write_row(2, {});
  for (const auto& row : panel.memory) {
    for (const std::uint8_t pair : row) EXPECT_EQ(pair, 0);
  }
  display.write_row(5, std::vector<Pixel>(500, white));
  EXPECT_EQ(panel.level(127, 5), 15);
  EXPECT_EQ(panel.level(0, 6), 0);
  display.write_row(5, std::vector<Pixel>(3, black));
  EXPECT_EQ(panel.level(2, 5), 0);
  EXPECT_EQ(panel.level(4, 5), 15);
}

TEST_F(Ssd0323Test, LeavesTheBusAsOtherChipsNeedIt) {
  EXPECT_TRUE(panel.at_rest());
  display.write_row(0, std::vector<Pixel>(128, white));
  display.frame_complete();
  EXPECT_TRUE(panel.at_rest());
}

TEST(Grey, IsAsBrightAsTheColour) {
  EXPECT_EQ(grey(0xf800), 4);  // red: 0.299 of 15 levels
  EXPECT_EQ(grey(0x07e0), 9);  // green: 0.587
  EXPECT_EQ(grey(0x001f), 2);  // blue: 0.114
  EXPECT_EQ(grey(0x8410), 8);  // half of each
  for (int level = 0; level < 31; ++level) {
    const auto of = [](int v) { return static_cast<Pixel>(v << 11 | v << 6 | v); };
    EXPECT_LE(grey(of(level)), grey(of(level + 1)));
  }
}

}  // namespace
}  // namespace rollcall::hal
