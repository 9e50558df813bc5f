// Terminals with a panel: kept screens, and an assessment played with fingers.
#include <set>

#include "tests/unit/daemon/terminals/running_hub.hpp"

namespace rollcall::terminals {
namespace {

using test::monday_0850;
using test::TerminalOptions;
using test::TestTerminal;
using namespace std::chrono_literals;

struct PanelTest : test::RunningHub {
  void SetUp() override {
    start();
    ASSERT_TRUE(terminal.connect_tcp(port) && terminal.enter());
  }
  bool wait_for_kept_screens() {
    return terminal.run_until([this] { return terminal.screens().size() == kept; }, 20s);
  }
  // The id of the n-th live screen shown, from 1; 0 when it does not come.
  std::uint32_t shown(std::size_t n) {
    if (!terminal.wait_for<protocol::ScreenShow>(n)) return 0;
    return terminal.received<protocol::ScreenShow>()[n - 1].screen;
  }
  bool touch(std::uint32_t screen, std::uint16_t x, std::uint16_t y) {
    protocol::Touch touch{.screen = screen, .x = x, .y = y, .monotonic_ms = finger_ms += 1000};
    return terminal.send(touch);
  }
  bool tap(std::uint64_t number, std::uint8_t card) {
    return terminal.send(terminal.tap(number, card, monday_0850));
  }
  bool logged(const std::string& type) {
    return terminal.run_until([&] { return count("log WHERE type = '" + type + "'") == 1; });
  }

  // The id of the offer, when the person has let the answer to their tap stand.
  std::uint32_t offered() {
    const std::uint32_t moved = shown(1);
    return touch(moved, left, top) ? shown(2) : 0;
  }

  static constexpr std::size_t kept = protocol::screen_slot_count - 1;
  static constexpr std::uint16_t left = 200;    // column of "yes"
  static constexpr std::uint16_t right = 600;   // column of "later"
  static constexpr std::uint16_t bottom = 410;  // lowest row
  static constexpr std::uint16_t top = 100;     // nothing but the answer
  TestTerminal terminal{{.panel_width = 800, .panel_height = 480}};
  std::uint64_t finger_ms = 100'000;
};

TEST_F(PanelTest, GetsTheScreensThatATerminalKeeps) {
  ASSERT_TRUE(wait_for_kept_screens());
  std::set<protocol::ScreenSlot> slots;
  for (const auto& screen : terminal.received<protocol::Screen>()) {
    slots.insert(screen.slot);
    EXPECT_EQ(screen.width, 800);
    EXPECT_EQ(screen.height, 480);
    EXPECT_LT(terminal.screens().at(screen.screen).size(), 24u * 1024u);
  }
  EXPECT_EQ(slots.size(), kept);
  EXPECT_FALSE(slots.contains(protocol::ScreenSlot::live));
}

TEST_F(PanelTest, ASmallPanelGetsItsOwnScreensAndTheTimeAtRest) {
  TestTerminal small({.serial = "TC-2", .panel_width = 128, .panel_height = 64});
  ASSERT_TRUE(small.connect_tcp(port) && small.enter());
  ASSERT_TRUE(small.run_until([&] { return small.screens().size() == kept + 1; }, 20s));
  ASSERT_TRUE(small.wait_for<protocol::ScreenShow>());
  const std::uint32_t shown = small.received<protocol::ScreenShow>()[0].screen;
  std::size_t live = 0;
  for (const auto& screen : small.received<protocol::Screen>()) {
    EXPECT_EQ(screen.width, 128);
    EXPECT_EQ(screen.height, 64);
    EXPECT_LT(small.screens().at(screen.screen).size(), 2048u);
    if (screen.slot != protocol::ScreenSlot::live) continue;
    ++live;
    EXPECT_EQ(screen.screen, shown);
  }
  EXPECT_EQ(live, 1u);
  const screens::AtRest at_rest{"en", "08:50"};  // monday_0850, in Brussels
  EXPECT_EQ(small.screens().at(shown), screens::draw_live(at_rest, {128, 64}).bytes);
}

TEST_F(PanelTest, ATimeThatNobodyVouchesForIsNotShown) {
  boost::asio::post(
      io, boost::asio::use_future([this] { host.trust = protocol::ClockTrust::unproven; }))
      .get();
  TestTerminal small({.serial = "TC-2", .panel_width = 128, .panel_height = 64});
  ASSERT_TRUE(small.connect_tcp(port) && small.enter());
  ASSERT_TRUE(small.run_until([&] { return small.screens().size() == kept; }, 20s));
  for (const auto& screen : small.received<protocol::Screen>()) {
    EXPECT_NE(screen.slot, protocol::ScreenSlot::live);
  }
}

TEST_F(PanelTest, NobodyIsAskedAnythingOnASmallPanelOrWithoutTouch) {
  const TestTerminal::Millis longer_than_settling{800};
  const TerminalOptions places[] = {
      {.serial = "TC-2", .panel_width = 128, .panel_height = 64},
      {.serial = "TC-2", .panel_width = 800, .panel_height = 480, .touch = false}};
  std::uint8_t card = 1;
  for (const TerminalOptions& place : places) {
    TestTerminal other(place);
    ASSERT_TRUE(other.connect_tcp(port) && other.enter());
    ASSERT_TRUE(other.send(other.tap(card, card, monday_0850)));
    ++card;
    ASSERT_TRUE(other.wait_for<protocol::Answer>());
    EXPECT_EQ(other.received<protocol::Answer>()[0].outcome, protocol::Outcome::arrived);
    other.run_for(longer_than_settling);
    const std::size_t at_rest = place.panel_width == 128 ? 1 : 0;
    EXPECT_EQ(other.received<protocol::ScreenShow>().size(), at_rest);
  }
  EXPECT_EQ(count("log WHERE type = 'assessment.offered'"), 0);
}

TEST_F(PanelTest, KeptScreensAreNotSentAgainAtOnce) {
  ASSERT_TRUE(wait_for_kept_screens());
  ASSERT_TRUE(terminal.send(terminal.state()));
  terminal.run_for(200ms);
  EXPECT_EQ(terminal.received<protocol::Screen>().size(), kept);
}

struct PanelAskingAgain : PanelTest {
  PanelAskingAgain() { screens_again = 1ms; }
};

TEST_F(PanelAskingAgain, GetsTheKeptScreensOnceMore) {
  ASSERT_TRUE(wait_for_kept_screens());
  ASSERT_TRUE(terminal.send(terminal.state()));
  EXPECT_TRUE(terminal.wait_for<protocol::Screen>(2 * kept));
  terminal.run_for(100ms);
  EXPECT_EQ(terminal.received<protocol::Screen>().size(), 2 * kept);
  EXPECT_EQ(terminal.received<protocol::Welcome>().size(), 1u);
}

TEST_F(PanelTest, ATerminalThatTakesNoScreensIsServedAllTheSame) {
  TestTerminal plain({.serial = "TC-2", .panel_width = 800, .panel_height = 480});
  plain.take_screens = false;
  ASSERT_TRUE(plain.connect_tcp(port) && plain.enter());
  ASSERT_TRUE(plain.run_until([&] { return plain.received<protocol::Screen>().size() == kept; }));
  ASSERT_TRUE(plain.send(plain.tap(1, 2, monday_0850)));
  EXPECT_TRUE(plain.wait_for<protocol::Answer>());
}

TEST_F(PanelTest, AnAssessmentIsOfferedAnsweredAndRecorded) {
  ASSERT_TRUE(wait_for_kept_screens());
  ASSERT_TRUE(tap(1, 1));
  const std::uint32_t offer = offered();
  ASSERT_NE(offer, 0u);
  ASSERT_TRUE(touch(offer, left, bottom));
  const std::uint32_t first = shown(3);
  ASSERT_NE(first, 0u);
  ASSERT_TRUE(touch(offer, left, bottom)) << "an old screen: ignored";
  ASSERT_TRUE(touch(first, 400, 220));
  const std::uint32_t second = shown(4);
  ASSERT_NE(second, 0u);
  ASSERT_TRUE(touch(second, left, 250));
  ASSERT_NE(shown(5), 0u) << "thank you";
  EXPECT_EQ(shown(6), 0u) << "back to idle";
  EXPECT_EQ(terminal.received<protocol::ScreenShow>().back().screen, 0u);
  EXPECT_EQ(log_types(),
            (std::vector<std::string>{"terminal.connected", "tap.recorded", "attendance.arrived",
                                      "assessment.offered", "assessment.completed"}));
  EXPECT_EQ(count("assignment WHERE state = 'completed'"), 1);
}

TEST_F(PanelTest, LaterIsAlwaysPossible) {
  ASSERT_TRUE(tap(1, 1));
  ASSERT_TRUE(touch(offered(), right, bottom));
  EXPECT_TRUE(logged("assessment.declined"));
  EXPECT_EQ(count("assignment WHERE state = 'due'"), 1);
}

TEST_F(PanelTest, ATapByTheNextPersonEndsItAndIsServed) {
  ASSERT_TRUE(tap(1, 1));
  ASSERT_TRUE(touch(offered(), left, bottom));
  ASSERT_NE(shown(3), 0u);
  ASSERT_TRUE(terminal.send(terminal.tap(2, 9, monday_0850)));
  ASSERT_TRUE(terminal.wait_for<protocol::Answer>(2));
  EXPECT_TRUE(logged("assessment.abandoned"));
  terminal.run_for(100ms);
  EXPECT_EQ(terminal.received<protocol::ScreenShow>().size(), 3u)
      << "nothing is put over the new person's answer";
}

TEST_F(PanelTest, NobodyIsAskedWhileOthersAreInLine) {
  ASSERT_TRUE(tap(1, 2));
  ASSERT_TRUE(terminal.wait_for<protocol::Answer>(1));
  auto close_behind = terminal.tap(2, 1, monday_0850 + 2000);
  close_behind.monotonic_ms = terminal.tap(1, 2, monday_0850).monotonic_ms + 2000;
  ASSERT_TRUE(terminal.send(close_behind));
  ASSERT_TRUE(terminal.wait_for<protocol::Answer>(2));
  terminal.run_for(500ms);
  EXPECT_EQ(counters().flows, 0u);
}

TEST_F(PanelTest, ATapThatWasGivenUpOpensNothing) {
  ASSERT_TRUE(terminal.send(protocol::GaveUp{terminal.epoch, 1}));
  ASSERT_TRUE(tap(1, 1));
  ASSERT_TRUE(terminal.wait_for<protocol::Answer>(1));
  terminal.run_for(500ms);
  EXPECT_TRUE(terminal.received<protocol::ScreenShow>().empty());
}

TEST_F(PanelTest, WhoIsNotDueIsNotAsked) {
  ASSERT_TRUE(tap(1, 2));
  ASSERT_NE(shown(1), 0u) << "the answer with its time";
  EXPECT_EQ(shown(2), 0u) << "back to idle";
  terminal.run_for(100ms);
  EXPECT_EQ(terminal.received<protocol::ScreenShow>().size(), 2u);
  EXPECT_EQ(counters().flows, 0u);
}

TEST_F(PanelTest, AnAttemptThatTheTerminalLeavesIsRecordedAsSuch) {
  ASSERT_TRUE(tap(1, 1));
  ASSERT_TRUE(touch(offered(), left, bottom));
  ASSERT_NE(shown(3), 0u);
  terminal.disconnect();
  TestTerminal witness({.serial = "TC-2"});
  ASSERT_TRUE(witness.connect_tcp(port));
  EXPECT_TRUE(
      witness.run_until([&] { return count("log WHERE type = 'assessment.abandoned'") == 1; }));
}

TEST_F(PanelTest, ShutdownEndsAnAttemptAndRecordsIt) {
  ASSERT_TRUE(tap(1, 1));
  ASSERT_TRUE(touch(offered(), left, bottom));
  ASSERT_NE(shown(3), 0u);
  auto stopped = std::async(std::launch::async, [this] { return stop(); });
  EXPECT_TRUE(terminal.wait_closed());
  EXPECT_LT(stopped.get(), 1000ms);
  EXPECT_EQ(count("log WHERE type = 'assessment.abandoned'"), 1);
}

}  // namespace
}  // namespace rollcall::terminals
