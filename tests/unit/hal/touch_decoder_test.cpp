#include "hal/chips/touch_decoder.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace rollcall::hal {
namespace {

using std::chrono::milliseconds;

class TouchDecoderTest : public testing::Test {
 protected:
  // One report. What is not given was not told.
  void report(std::optional<bool> touching, std::optional<std::uint32_t> x,
              std::optional<std::uint32_t> y, std::uint16_t button = 0x110) {
    std::vector<InputEvent> events;
    if (x) events.push_back({3, 0, *x});
    if (y) events.push_back({3, 1, *y});
    if (touching) events.push_back({1, button, *touching ? 1u : 0u});
    events.push_back({0, 0, 0});
    for (const InputEvent& event : events) {
      if (const auto press = decoder_.take(event, now_)) presses_.push_back(*press);
    }
  }
  void expect_presses(const std::vector<std::pair<int, int>>& expected) {
    std::vector<std::pair<int, int>> found;
    for (const TouchPoint& press : presses_) found.emplace_back(press.x, press.y);
    EXPECT_EQ(found, expected);
  }

  TouchDecoder decoder_{{800, 480}, {0, 0x7fff}, {0, 0x7fff}};
  milliseconds now_{1000};
  std::vector<TouchPoint> presses_;
};

TEST_F(TouchDecoderTest, CornersOfThePanelAreCornersOfTheDisplay) {
  report(true, 0, 0);
  report(false, {}, {});
  now_ += milliseconds(100);
  report(true, 0x7fff, 0x7fff);
  expect_presses({{0, 0}, {799, 479}});
}

TEST_F(TouchDecoderTest, RangesNeedNotBeginAtNothing) {
  decoder_ = TouchDecoder({800, 480}, {100, 899}, {3800, 200 + 3800});
  report(true, 500, 3900);
  report(false, {}, {});
  now_ += milliseconds(100);
  report(true, 5000, 0);  // beyond both ranges
  expect_presses({{400, 238}, {799, 0}});
}

TEST_F(TouchDecoderTest, PressCountsOnceAtItsEnd) {
  for (const InputEvent& event : {InputEvent{1, 0x14a, 1}, InputEvent{3, 0, 0x4000}}) {
    EXPECT_FALSE(decoder_.take(event, now_));
  }
  const auto press = decoder_.take({0, 0, 0}, now_);
  ASSERT_TRUE(press);
  EXPECT_EQ(press->at, now_);
  EXPECT_FALSE(decoder_.take({0, 0, 0}, now_));
}

TEST_F(TouchDecoderTest, DraggedFingerIsOnePressWhereItCameDown) {
  report(true, 0x2000, 0x2000);
  for (std::uint32_t x = 0x2000; x < 0x7000; x += 0x100) report({}, x, 0x3000);
  report(false, 0x7000, 0x3000);
  expect_presses({{200, 120}});
}

TEST_F(TouchDecoderTest, MovingWithoutTouchingIsNothing) {
  report({}, 0x1000, 0x1000);
  report(false, 0x2000, 0x2000);
  expect_presses({});
}

TEST_F(TouchDecoderTest, BouncingFingerIsOnePress) {
  report(true, 0x1000, 0x1000);
  for (int i = 0; i < 5; ++i) {
    now_ += milliseconds(10);
    report(false, {}, {});
    now_ += milliseconds(10);
    report(true, 0x1010, 0x1000);
  }
  expect_presses({{100, 60}});
  report(false, {}, {});
  now_ += TouchDecoder::bounce;
  report(true, 0x1000, 0x1000);
  expect_presses({{100, 60}, {100, 60}});
}

TEST_F(TouchDecoderTest, PlaceOfBeforeHoldsForAxesThatAreNotToldAgain) {
  report(true, 0x4000, 0x4000);
  report(false, {}, {});
  now_ += milliseconds(50);
  report(true, 0x1000, {});
  expect_presses({{400, 240}, {100, 240}});
}

TEST_F(TouchDecoderTest, OtherButtonsAndEventsAreNoFinger) {
  report(true, 1, 1, 0x111);  // the right one
  EXPECT_FALSE(decoder_.take({2, 0, 5}, now_));
  EXPECT_FALSE(decoder_.take({0, 0, 0}, now_));
  expect_presses({});
}

}  // namespace
}  // namespace rollcall::hal
