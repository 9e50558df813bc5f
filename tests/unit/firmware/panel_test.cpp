// What the panel shows: pictograms, kept screens, live screens, touches.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "tests/unit/firmware/bench.hpp"

namespace rollcall::firmware {
namespace {

using protocol::ScreenSlot;

constexpr hal::Size size{64, 48};
constexpr int window_bits = protocol::screen_limits(size.width, size.height).window_bits;

// A screen of one colour, except for its first pixel.
std::vector<std::uint8_t> packed(hal::Pixel colour, int window = window_bits, hal::Size of = size) {
  std::vector<std::uint8_t> raw(32, 0);
  raw[2] = static_cast<std::uint8_t>(colour >> 8);
  raw[3] = static_cast<std::uint8_t>(colour);
  raw.resize(32u + of.width / 2u * of.height, 0x11);
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
  Panel() : bench({.panel = size}) {}
  hal::Pixel middle() const { return bench.display->at(32, 24); }
  Bench bench;
};

TEST_F(Panel, PictogramsStandInUntilAHostSendsScreens) {
  bench.turn();
  EXPECT_EQ(bench.terminal->shown_slot(), ScreenSlot::idle_offline);
  EXPECT_EQ(bench.display->frames(), 1u);
  bench.plug_in();
  EXPECT_EQ(bench.terminal->shown_slot(), ScreenSlot::idle);
  EXPECT_EQ(bench.host->states[0].panel_width, 64);
  EXPECT_EQ(bench.host->states[0].panel_height, 48);
  bench.unplug();
  EXPECT_EQ(bench.terminal->shown_slot(), ScreenSlot::idle_offline);
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

TEST_F(Panel, ScreenThatDidNotChangeIsNeitherSentNorWrittenAgain) {
  bench.plug_in();
  const auto screen = packed(0x1234);
  bench.host->send_screen(1, ScreenSlot::arrived, size, screen);
  bench.run(Millis(100));
  const auto writes = bench.screen_flash.operations();
  const auto bytes = bench.host->bytes_sent;
  bench.host->send_screen(2, ScreenSlot::arrived, size, screen);
  bench.run(Millis(100));
  EXPECT_EQ(bench.screen_flash.operations(), writes);
  EXPECT_EQ(bench.host->bytes_sent, bytes);
  EXPECT_EQ(bench.host->sent.back(), protocol::BulkResult::complete);
  bench.host->send_screen(3, ScreenSlot::arrived, size, packed(0x4321));
  bench.run(Millis(100));
  EXPECT_EQ(bench.screens->stored(), 2u);
  bench.tap(1);
  bench.run(Millis(50));
  EXPECT_EQ(middle(), 0x4321);
  EXPECT_EQ(bench.screen_flash.rule_breaks(), 0u);
}

// Of such a size that a slow line carries it for a while.
std::vector<std::uint8_t> large_screen(std::uint8_t seed) {
  std::vector<std::uint8_t> data(9000);
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::uint8_t>(i * 7 + seed);
  return data;
}

class SlowPanel : public testing::Test {
 protected:
  SlowPanel() : bench({.panel = size, .max_frame = protocol::max_body_serial}) {}
  Bench bench;
};

TEST_F(SlowPanel, ScreenThatWasCutInMidTransferGoesOnThere) {
  bench.plug_in();
  const auto screen = large_screen(1);
  bench.host->send_screen(1, ScreenSlot::arrived, size, screen);
  bench.run(Millis(500));
  const auto before = bench.host->bytes_sent;
  EXPECT_GT(before, 2000u);
  bench.unplug();
  bench.plug_in();
  bench.host->send_screen(2, ScreenSlot::live, size, packed(0x1234));  // meanwhile
  bench.host->send_screen(3, ScreenSlot::arrived, size, screen);
  bench.run(Millis(1500));
  EXPECT_EQ(bench.screens->stored(), 1u);
  EXPECT_LT(bench.host->bytes_sent, screen.size() + 2500);
  EXPECT_EQ(bench.screen_flash.rule_breaks(), 0u);
  const auto bytes = bench.host->bytes_sent;
  bench.cut_power();
  bench.plug_in();
  bench.host->send_screen(4, ScreenSlot::arrived, size, screen);
  bench.run(Millis(500));
  EXPECT_EQ(bench.host->bytes_sent, bytes) << "kept, and known again";
}

TEST_F(SlowPanel, AnotherScreenThanTheOneThatWasCutBeginsAnew) {
  bench.plug_in();
  bench.host->send_screen(1, ScreenSlot::arrived, size, large_screen(1));
  bench.run(Millis(500));
  bench.unplug();
  bench.plug_in();
  bench.host->send_screen(2, ScreenSlot::arrived, size, large_screen(2));
  bench.run(Millis(2000));
  EXPECT_EQ(bench.screens->stored(), 1u);
  EXPECT_EQ(bench.host->sent.back(), protocol::BulkResult::complete);
  EXPECT_EQ(bench.screen_flash.rule_breaks(), 0u);
}

TEST_F(SlowPanel, TapPassesAScreenThatIsUnderWay) {
  bench.plug_in();
  bench.host->send_screen(1, ScreenSlot::arrived, size, large_screen(1));
  bench.run(Millis(200));
  bench.tap(1);
  bench.run(Millis(60));
  EXPECT_EQ(bench.shown.back(), Shown::arrived);
  EXPECT_TRUE(bench.host->sending());
}

TEST_F(Panel, KeptScreenThatLostItsBitsIsSentAnew) {
  bench.plug_in();
  const auto screen = packed(0x1234);
  bench.host->send_screen(1, ScreenSlot::idle, size, screen);
  bench.run(Millis(100));
  bench.screen_flash.flip_bit(64 + 10, 3);  // in the content, which follows the header
  bench.host->send_screen(2, ScreenSlot::idle, size, screen);
  bench.run(Millis(100));
  EXPECT_EQ(bench.host->sent.back(), protocol::BulkResult::digest);
  bench.host->send_screen(3, ScreenSlot::idle, size, screen);
  bench.run(Millis(100));
  EXPECT_EQ(bench.host->sent.back(), protocol::BulkResult::complete);
  EXPECT_EQ(bench.screens->stored(), 2u);
}

// Where the first area of a slot that holds a screen begins.
std::uint64_t area_of(hal::sim::FakeFlash& flash, ScreenSlot slot) {
  const hal::Geometry geometry = flash.geometry();
  for (std::uint64_t at = 0; at < geometry.units * geometry.unit_bytes; at += geometry.unit_bytes) {
    std::uint8_t start[9];
    EXPECT_TRUE(flash.read(at, start));
    if (start[0] == 'R' && start[8] == static_cast<std::uint8_t>(slot)) return at;
  }
  ADD_FAILURE() << "not in storage";
  return 0;
}

TEST_F(Panel, NoFlippedBitIsEverShown) {
  constexpr std::size_t header = 57, page = 64;
  bench.plug_in();
  const auto screen = packed(0x1234);
  bench.host->send_screen(1, ScreenSlot::arrived, size, screen);
  bench.run(Millis(100));
  hal::sim::FakeFlash& flash = bench.screen_flash;
  const std::uint64_t area = area_of(flash, ScreenSlot::arrived);
  hal::sim::Framebuffer display(size);
  draw_pictogram(display, ScreenSlot::arrived, bench.room->memory().pixels);
  const std::string pictogram = display.png();
  for (std::size_t at = 0; at < page + screen.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      flash.flip_bit(area + at, bit);
      Screens screens(display, &flash, bench.room->memory());
      screens.recover();
      const bool unharmed = screens.show(ScreenSlot::arrived);
      flash.flip_bit(area + at, bit);
      const bool in_content = at >= page, in_header = at < header;
      EXPECT_EQ(unharmed, !in_content) << at << "." << bit;
      EXPECT_EQ(screens.damaged(), in_content ? 1u : 0u);
      EXPECT_EQ(screens.unreadable(), 0u);
      EXPECT_EQ(screens.keeps(ScreenSlot::arrived), !in_content && !in_header);
      if (in_content || in_header) {
        EXPECT_EQ(display.png(), pictogram);
      } else {
        EXPECT_EQ(display.at(32, 24), 0x1234);
      }
    }
  }
}

TEST_F(Panel, ADamagedScreenIsAskedForAtOnceAndGoesToTheOtherArea) {
  bench.plug_in();
  const auto screen = packed(0x1234);
  bench.host->send_screen(1, ScreenSlot::arrived, size, screen);
  bench.run(Millis(100));
  bench.screen_flash.flip_bit(area_of(bench.screen_flash, ScreenSlot::arrived) + 64, 0);
  EXPECT_EQ(bench.host->states.size(), 1u);
  bench.tap(1);
  bench.run(Millis(50));
  EXPECT_NE(middle(), 0x1234);
  EXPECT_EQ(bench.host->states.size(), 2u) << "asks for the kept screens";
  EXPECT_EQ(bench.host->states[1].epoch, bench.host->states[0].epoch);
  bench.host->send_screen(2, ScreenSlot::arrived, size, screen);
  bench.run(Millis(100));
  EXPECT_EQ(bench.screens->stored(), 2u);
  bench.tap(2);
  bench.run(Millis(50));
  EXPECT_EQ(middle(), 0x1234);
  EXPECT_EQ(bench.host->states.size(), 2u);
  EXPECT_EQ(bench.screens->damaged(), 1u);
  bench.host->say(protocol::StatsRequest{});
  bench.run(Millis(50));
  EXPECT_EQ(bench.host->stats.at(0).storage_errors, 1u);
  // The area that lost its bits still says that it is whole, and is the older one.
  bench.cut_power();
  EXPECT_TRUE(bench.screens->show(ScreenSlot::arrived));
  EXPECT_EQ(middle(), 0x1234);
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
        Screens screens(display, &flash, bench.room->memory());
        screens.recover();
        const auto data = packed(0x2222);
        const auto bytes = static_cast<std::uint32_t>(data.size());
        screens.announce({5, ScreenSlot::arrived, size.width, size.height});
        if (screens.begin({1, protocol::BulkKind::screen, 5, bytes, crypto::sha256(data)}) &&
            screens.write(0, data)) {
          screens.end(protocol::BulkResult::complete);
        }
      }
      flash.restart();
      Screens screens(display, &flash, bench.room->memory());
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
  bench.host->say(protocol::ScreenShow{8});
  bench.run(Millis(50));
  EXPECT_EQ(bench.terminal->shown_live(), 7u);
  bench.host->send_screen(8, ScreenSlot::live, size, packed(0x00ff));
  bench.host->say(protocol::ScreenShow{8});
  bench.run(Millis(50));
  EXPECT_EQ(bench.terminal->shown_live(), 8u);
  EXPECT_EQ(middle(), 0x00ff);
}

TEST(LargePanel, WhatSomebodyWasAskedGoesWithTheNextCard) {
  constexpr hal::Size large{320, 240};
  Bench bench({.panel = large});
  bench.plug_in();
  const int window = protocol::screen_limits(large.width, large.height).window_bits;
  bench.host->send_screen(7, ScreenSlot::live, large, packed(0x0ff0, window, large));
  bench.host->say(protocol::ScreenShow{7});
  bench.run(Millis(50));
  ASSERT_EQ(bench.terminal->shown_live(), 7u);
  bench.host->answers = false;
  bench.tap(1);
  bench.run(Millis(50));
  ASSERT_TRUE(bench.terminal->awaiting_answer());
  EXPECT_EQ(bench.terminal->shown_live(), 0u);
}

TEST_F(Panel, TheTimeOnASmallPanelStaysUntilTheTapIsAnswered) {
  bench.plug_in();
  bench.host->send_screen(7, ScreenSlot::live, size, packed(0x0ff0));
  bench.host->say(protocol::ScreenShow{7});
  bench.run(Millis(50));
  bench.host->answers = false;
  bench.tap(1);
  bench.run(Millis(50));
  ASSERT_TRUE(bench.terminal->awaiting_answer());
  EXPECT_EQ(bench.terminal->shown_live(), 7u);
  bench.host->answer(bench.host->taps.back(), protocol::Outcome::arrived);
  bench.run(Millis(50));
  EXPECT_EQ(bench.terminal->shown_slot(), ScreenSlot::arrived);
  bench.run(Millis(1300));
  EXPECT_EQ(bench.terminal->shown_slot(), ScreenSlot::idle);
}

TEST_F(Panel, TheTimeOnASmallPanelDoesNotKeepItAwake) {
  bench.plug_in();
  for (std::uint32_t minute = 0; minute < 6; ++minute) {
    bench.host->send_screen(10 + minute, ScreenSlot::live, size, packed(0x0ff0));
    bench.host->say(protocol::ScreenShow{10 + minute});
    for (int half_seconds = 0; half_seconds < 120; ++half_seconds) {
      bench.clock.advance(Millis(500));
      for (int i = 0; i < 6; ++i) bench.turn();
    }
    EXPECT_EQ(bench.terminal->shown_live(), 10 + minute);
  }
  EXPECT_TRUE(bench.display->asleep());
  bench.tap(1);
  bench.run(Millis(50));
  EXPECT_FALSE(bench.display->asleep());
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

TEST_F(Panel, TransferThatBreaksTheRulesIsRefused) {
  bench.plug_in();
  const auto screen = packed(0x1234);
  bench.host->send_screen(0, ScreenSlot::idle, size, screen);
  bench.host->send_screen(1, static_cast<ScreenSlot>(77), size, screen);
  bench.host->send_screen(1, ScreenSlot::idle, size, std::vector<std::uint8_t>(600'000));
  bench.host->send_screen(1, ScreenSlot::live, size,
                          std::vector<std::uint8_t>(bench.room->memory().live.size() + 1));
  bench.run(Millis(200));
  EXPECT_EQ(bench.screens->rejected(), 4u);
  EXPECT_THAT(bench.host->sent, testing::Each(protocol::BulkResult::refused));
  bench.host->send_screen(2, ScreenSlot::idle, size, screen);
  bench.run(Millis(100));
  EXPECT_EQ(bench.screens->stored(), 1u);
}

}  // namespace
}  // namespace rollcall::firmware
