// What the panel shows: pictograms, kept screens, live screens, touches.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "tests/unit/firmware/bench.hpp"

namespace rollcall::firmware {
namespace {

using protocol::ScreenSlot;

constexpr hal::Size size{64, 48};

// A screen of one colour, except for its first pixel.
std::vector<std::uint8_t> packed(hal::Pixel colour, int window = window_bits) {
  std::vector<std::uint8_t> raw(32, 0);
  raw[2] = static_cast<std::uint8_t>(colour >> 8);
  raw[3] = static_cast<std::uint8_t>(colour);
  raw.resize(32 + 32 * 48, 0x11);
  raw[32] = 0x01;
  std::vector<std::uint8_t> out(compressBound(raw.size()) + 64);
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY);
  stream.next_in = raw.data();
  stream.avail_in = static_cast<uInt>(raw.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

class Panel : public testing::Test {
 protected:
  Panel() : bench({16384, 6, 16}, true) {}
  hal::Pixel middle() const { return bench.display->at(32, 24); }
  Bench bench;
};

TEST_F(Panel, PictogramsStandInUntilAHostSendsScreens) {
  EXPECT_EQ(bench.terminal->shown_slot(), ScreenSlot::out_of_service);
  EXPECT_EQ(bench.display->frames(), 1u);
  bench.plug_in();
  EXPECT_EQ(bench.terminal->shown_slot(), ScreenSlot::idle);
  EXPECT_EQ(bench.host->states[0].panel_width, 64);
  EXPECT_EQ(bench.host->states[0].panel_height, 48);
  bench.unplug();
  EXPECT_EQ(bench.terminal->shown_slot(), ScreenSlot::idle_offline);
}

TEST_F(Panel, EveryPictogramDiffersFromEveryOther) {
  std::vector<std::string> pictures;
  for (std::uint8_t slot = 1; slot < protocol::screen_slot_count; ++slot) {
    hal::sim::Framebuffer display({160, 96});
    draw_pictogram(display, static_cast<ScreenSlot>(slot));
    pictures.push_back(display.png());
  }
  std::sort(pictures.begin(), pictures.end());
  EXPECT_EQ(std::adjacent_find(pictures.begin(), pictures.end()), pictures.end());
}

TEST_F(Panel, KeptScreenIsShownAndSurvivesAPowerCut) {
  bench.plug_in();
  bench.host->send_screen(1, ScreenSlot::idle_offline, size, packed(0x1234));
  bench.run(Millis(100));
  EXPECT_EQ(bench.screens->stored(), 1u);
  bench.unplug();
  EXPECT_EQ(middle(), 0x1234);
  EXPECT_EQ(bench.display->at(0, 0), 0);
  bench.cut_power();
  EXPECT_TRUE(bench.screens->keeps(ScreenSlot::idle_offline));
  bench.run(Millis(10));
  EXPECT_EQ(middle(), 0x1234);
}

TEST_F(Panel, ScreenThatDidNotChangeIsNotWrittenAgain) {
  bench.plug_in();
  const auto screen = packed(0x1234);
  bench.host->send_screen(1, ScreenSlot::arrived, size, screen);
  bench.run(Millis(100));
  const auto writes = bench.screen_flash.operations();
  bench.host->send_screen(2, ScreenSlot::arrived, size, screen);
  bench.run(Millis(100));
  EXPECT_EQ(bench.screen_flash.operations(), writes);
  bench.host->send_screen(3, ScreenSlot::arrived, size, packed(0x4321));
  bench.run(Millis(100));
  EXPECT_EQ(bench.screens->stored(), 2u);
  bench.tap(1);
  bench.run(Millis(50));
  EXPECT_EQ(middle(), 0x4321);
  EXPECT_EQ(bench.screen_flash.rule_breaks(), 0u);
}

TEST_F(Panel, PowerCutWhileAScreenIsReplacedLeavesTheOldOneOrTheNewOne) {
  bench.plug_in();
  bench.host->send_screen(1, ScreenSlot::arrived, size, packed(0x1111));
  bench.run(Millis(100));
  for (std::uint64_t at = 0; at < 30; ++at) {
    for (const auto how : {hal::sim::Cut::before, hal::sim::Cut::after, hal::sim::Cut::torn}) {
      hal::sim::FakeFlash flash = bench.screen_flash;
      flash.cut_at(at, how, at);
      hal::sim::Framebuffer display(size);
      {
        Screens screens(display, &flash);
        screens.recover();
        const auto data = packed(0x2222);
        screens.begin({5, ScreenSlot::arrived, size.width, size.height,
                       static_cast<std::uint32_t>(data.size())});
        protocol::ScreenData chunk;
        chunk.screen = 5;
        chunk.data.assign(data);
        screens.data(chunk);
      }
      flash.restart();
      Screens screens(display, &flash);
      screens.recover();
      screens.show(ScreenSlot::arrived);
      const hal::Pixel seen = display.at(32, 24);
      EXPECT_TRUE(seen == 0x1111 || seen == 0x2222) << "cut at " << at;
    }
  }
}

TEST_F(Panel, DamagedScreenFallsBackToItsPictogram) {
  bench.plug_in();
  auto screen = packed(0x1234);
  screen[screen.size() / 2] ^= 0xff;
  bench.host->send_screen(1, ScreenSlot::idle, size, screen);
  bench.run(Millis(100));
  bench.tap(1);
  bench.run(Millis(1500));
  EXPECT_EQ(bench.terminal->shown_slot(), ScreenSlot::idle);
  EXPECT_GE(bench.screens->unreadable(), 1u);
}

TEST_F(Panel, ScreenWithALargerWindowThanTheTerminalHasIsNotDrawn) {
  bench.plug_in();
  bench.host->send_screen(1, ScreenSlot::live, size, packed(0x1234, 15));
  bench.host->say(protocol::ScreenShow{1});
  bench.run(Millis(100));
  EXPECT_EQ(bench.screens->unreadable(), 1u);
}

TEST_F(Panel, LiveScreenComesAfterTheAnswerWasSeenAndGoesWithTheHost) {
  bench.plug_in();
  bench.tap(1);
  bench.run(Millis(50));
  bench.host->send_screen(7, ScreenSlot::live, size, packed(0x0ff0));
  bench.host->say(protocol::ScreenShow{7});
  bench.run(Millis(500));
  EXPECT_EQ(bench.terminal->shown_slot(), ScreenSlot::arrived);
  bench.run(Millis(800));
  EXPECT_EQ(bench.terminal->shown_slot(), ScreenSlot::live);
  EXPECT_EQ(middle(), 0x0ff0);
  bench.unplug();
  EXPECT_EQ(bench.terminal->shown_slot(), ScreenSlot::idle_offline);
  EXPECT_EQ(bench.screens->stored(), 0u) << "a live screen never rests on the terminal";
}

TEST_F(Panel, LiveScreenStaysUntilTheNextOneIsThere) {
  bench.plug_in();
  bench.host->send_screen(7, ScreenSlot::live, size, packed(0x0ff0));
  bench.host->say(protocol::ScreenShow{7});
  bench.run(Millis(50));
  bench.host->say(protocol::ScreenBegin{8, ScreenSlot::live, size.width, size.height, 5000});
  bench.run(Millis(50));
  EXPECT_EQ(bench.terminal->shown_live(), 7u);
  bench.host->send_screen(8, ScreenSlot::live, size, packed(0x00ff));
  bench.host->say(protocol::ScreenShow{8});
  bench.run(Millis(50));
  EXPECT_EQ(bench.terminal->shown_live(), 8u);
  EXPECT_EQ(middle(), 0x00ff);
}

TEST_F(Panel, TouchNamesTheScreenItWasMeantFor) {
  bench.plug_in();
  bench.touch.press({5, 6});
  bench.run(Millis(20));
  bench.host->send_screen(7, ScreenSlot::live, size, packed(0x0ff0));
  bench.host->say(protocol::ScreenShow{7});
  bench.run(Millis(50));
  bench.touch.press({10, 20});
  bench.run(Millis(20));
  ASSERT_EQ(bench.host->touches.size(), 2u);
  EXPECT_EQ(bench.host->touches[0].screen, 0u);
  EXPECT_EQ(bench.host->touches[1].screen, 7u);
  EXPECT_EQ(bench.host->touches[1].x, 10);
  EXPECT_EQ(bench.host->touches[1].y, 20);
}

TEST_F(Panel, TouchWithoutAHostIsDropped) {
  bench.touch.press({5, 6});
  bench.run(Millis(20));
  EXPECT_EQ(bench.terminal->counters().touches_dropped, 1u);
}

TEST_F(Panel, NextTapTakesTheLiveScreenAway) {
  bench.plug_in();
  bench.host->send_screen(7, ScreenSlot::live, size, packed(0x0ff0));
  bench.host->say(protocol::ScreenShow{7});
  bench.run(Millis(50));
  bench.tap(2);
  bench.run(Millis(50));
  EXPECT_EQ(bench.terminal->shown_slot(), ScreenSlot::arrived);
  bench.run(Millis(1500));
  EXPECT_EQ(bench.terminal->shown_slot(), ScreenSlot::idle);
}

TEST_F(Panel, TransferThatBreaksTheRulesIsDropped) {
  bench.plug_in();
  const auto screen = packed(0x1234);
  protocol::ScreenData stray;
  stray.screen = 99;
  bench.host->say(stray);
  bench.host->say(protocol::ScreenBegin{1, ScreenSlot::idle, 64, 48, 100'000'000});
  bench.host->say(protocol::ScreenBegin{1, static_cast<ScreenSlot>(77), 64, 48, 10});
  bench.host->say(protocol::ScreenBegin{1, ScreenSlot::live, 64, 48,
                                        static_cast<std::uint32_t>(max_live_screen + 1)});
  bench.run(Millis(100));
  EXPECT_EQ(bench.screens->rejected(), 4u);
  bench.host->send_screen(2, ScreenSlot::idle, size, screen);
  bench.run(Millis(100));
  EXPECT_EQ(bench.screens->stored(), 1u);
}

}  // namespace
}  // namespace rollcall::firmware
