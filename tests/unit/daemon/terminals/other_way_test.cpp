// After an answer that came to a movement: by finger or key the person says that it was the other
// way.
#include "tests/unit/daemon/terminals/running_hub.hpp"

namespace rollcall::terminals {
namespace {

using protocol::Outcome;
using test::monday_0850;
using test::TerminalOptions;
using test::TestTerminal;
using namespace std::chrono_literals;

constexpr std::uint8_t middle_key = 2;
constexpr std::uint16_t middle = 400;
constexpr std::uint16_t button = 400;  // as far down as the button is
constexpr std::uint16_t above = 100;

struct OtherWayTest : test::RunningHub {
  explicit OtherWayTest(TerminalOptions place = {.panel_width = 800, .panel_height = 480})
      : terminal(std::move(place)) {
    other_way = 20s;  // who does not say so here says nothing
  }
  void SetUp() override {
    start();
    ASSERT_TRUE(terminal.connect_tcp(port) && terminal.enter());
  }
  // A card is tapped; what the person is told.
  std::optional<Outcome> tap(std::uint64_t number, std::uint8_t card) {
    newest_ = terminal.tap(number, card, monday_0850);
    if (!terminal.send(newest_)) return std::nullopt;
    if (!terminal.wait_for<protocol::Answer>(++taps_)) return std::nullopt;
    return terminal.received<protocol::Answer>().back().outcome;
  }
  // The id of the n-th live screen shown, from 1; 0 when it does not come.
  std::uint32_t shown(std::size_t n) {
    if (!terminal.wait_for<protocol::ScreenShow>(n)) return 0;
    return terminal.received<protocol::ScreenShow>()[n - 1].screen;
  }
  bool touch(std::uint32_t screen, std::uint16_t y) {
    return terminal.send(protocol::Touch{screen, middle, y, newest_.monotonic_ms + 2000});
  }
  bool press(std::uint8_t key, std::int64_t after_tap_ms = 2000) {
    const auto at = static_cast<std::int64_t>(newest_.monotonic_ms) + after_tap_ms;
    return terminal.send(protocol::Key{key, static_cast<std::uint64_t>(at)});
  }
  // What it is told to answer without a tap.
  std::vector<Outcome> answered_anew() {
    std::vector<Outcome> all;
    for (const auto& feedback : terminal.received<protocol::Feedback>())
      all.push_back(feedback.outcome);
    return all;
  }
  std::string stated() {
    store::Database db(scratch.path(), store::Database::Mode::query_only);
    std::string all;
    auto row = db.prepare("SELECT number || ifnull(stated, '-') FROM tap ORDER BY number");
    while (row.step()) all += (all.empty() ? "" : " ") + row.text(0);
    return all;
  }

  TestTerminal terminal;

 private:
  protocol::Tap newest_;
  std::size_t taps_ = 0;
};

TEST_F(OtherWayTest, AFingerSaysItAndTheTerminalAnswersAnewAfterTheCommit) {
  ASSERT_EQ(tap(1, 2), Outcome::arrived);
  const std::uint32_t moved = shown(1);
  ASSERT_NE(moved, 0u);
  EXPECT_LT(terminal.screens().at(moved).size(), 24u * 1024u);
  const screens::Moved expected{"en", true, "08:50"};
  EXPECT_EQ(terminal.screens().at(moved), screens::draw_live(expected, {800, 480}).bytes);
  ASSERT_TRUE(touch(moved, button));
  ASSERT_TRUE(terminal.wait_for<protocol::Feedback>());
  EXPECT_EQ(stated(), "1out") << "durable before it is shown";
  EXPECT_EQ(answered_anew(), std::vector<Outcome>{Outcome::left});
  EXPECT_EQ(shown(2), 0u) << "back to idle";
  expect_contract("attendance.corrected");
  ASSERT_TRUE(touch(moved, button)) << "once more, without patience";
  terminal.run_for(100ms);
  EXPECT_EQ(count("log WHERE type = 'attendance.corrected'"), 1);
}

TEST_F(OtherWayTest, WhoGoesOnLetsItStandAndSomebodyElseMaySaySoLater) {
  ASSERT_EQ(tap(1, 2), Outcome::arrived);
  const std::uint32_t moved = shown(1);
  ASSERT_TRUE(touch(moved, above));
  EXPECT_EQ(shown(2), 0u) << "back to idle";
  ASSERT_TRUE(touch(moved, button));
  terminal.run_for(100ms);
  EXPECT_EQ(stated(), "1-");
}

TEST_F(OtherWayTest, WhoTurnedTheirTapRoundIsNotAskedAnything) {
  ASSERT_EQ(tap(1, 1), Outcome::arrived) << "of somebody who is due for an assessment";
  ASSERT_TRUE(touch(shown(1), button));
  EXPECT_EQ(shown(2), 0u);
  terminal.run_for(400ms);
  EXPECT_EQ(count("log WHERE type = 'assessment.offered'"), 0);
}

TEST_F(OtherWayTest, ThePlaceIsTheNextPersonsAtOnce) {
  ASSERT_EQ(tap(1, 1), Outcome::arrived);
  const std::uint32_t first = shown(1);
  ASSERT_NE(first, 0u);
  ASSERT_EQ(tap(2, 2), Outcome::arrived);
  const std::uint32_t second = shown(2);
  ASSERT_NE(second, 0u);
  ASSERT_TRUE(touch(first, button)) << "a finger that was on its way";
  terminal.run_for(100ms);
  EXPECT_EQ(stated(), "1- 2-");
  ASSERT_TRUE(touch(second, button));
  ASSERT_TRUE(terminal.wait_for<protocol::Feedback>());
  EXPECT_EQ(stated(), "1- 2out");
}

TEST_F(OtherWayTest, WhatIsNoMovementIsOnlyAnswered) {
  ASSERT_EQ(tap(1, 9), Outcome::see_staff);
  terminal.run_for(300ms);
  EXPECT_TRUE(terminal.received<protocol::ScreenShow>().empty());
}

TEST_F(OtherWayTest, WhatCannotBeKeptEndsAtTheDesk) {
  writer.run_now([](store::Database& db) {
    db.exec("CREATE TRIGGER full BEFORE UPDATE ON tap BEGIN SELECT RAISE(ABORT, 'full'); END");
  });
  ASSERT_EQ(tap(1, 2), Outcome::arrived);
  ASSERT_TRUE(touch(shown(1), button));
  ASSERT_TRUE(terminal.wait_for<protocol::Feedback>());
  EXPECT_EQ(answered_anew(), std::vector<Outcome>{Outcome::see_staff});
  EXPECT_EQ(count("log WHERE type = 'attendance.corrected'"), 0);
}

struct OtherWayByKey : OtherWayTest {
  OtherWayByKey() : OtherWayTest({.panel_width = 128, .panel_height = 64}) {}
  void SetUp() override {
    OtherWayTest::SetUp();
    const auto has_all = [this] {
      return terminal.screens().size() == protocol::screen_slot_count;
    };
    ASSERT_TRUE(terminal.run_until(has_all, 20s)) << "those it keeps, and the time at rest";
  }
};

TEST_F(OtherWayByKey, TheMiddleKeySaysItAndNoScreenIsSent) {
  ASSERT_EQ(tap(1, 2), Outcome::arrived);
  for (const std::uint8_t key : std::array<std::uint8_t, 4>{0, 1, 3, 4}) ASSERT_TRUE(press(key));
  terminal.run_for(100ms);
  EXPECT_EQ(stated(), "1-");
  ASSERT_TRUE(press(middle_key));
  ASSERT_TRUE(terminal.wait_for<protocol::Feedback>());
  EXPECT_EQ(answered_anew(), std::vector<Outcome>{Outcome::left});
  EXPECT_EQ(stated(), "1out");
  ASSERT_TRUE(press(middle_key));
  terminal.run_for(100ms);
  EXPECT_EQ(stated(), "1out");
  EXPECT_EQ(answered_anew().size(), 1u);
  EXPECT_EQ(terminal.received<protocol::ScreenShow>().size(), 1u) << "the terminal has its own";
}

TEST_F(OtherWayByKey, AKeyIsOfWhoeverTappedBeforeIt) {
  ASSERT_EQ(tap(1, 2), Outcome::arrived);
  ASSERT_EQ(tap(2, 1), Outcome::arrived);
  ASSERT_TRUE(press(middle_key, -1)) << "down before the second tap, and late on the way";
  terminal.run_for(100ms);
  EXPECT_EQ(stated(), "1- 2-");
  ASSERT_EQ(tap(3, 9), Outcome::see_staff);
  ASSERT_TRUE(press(middle_key));
  terminal.run_for(100ms);
  EXPECT_EQ(stated(), "1- 2- 3-") << "nobody's movement was the newest tap";
}

TEST_F(OtherWayByKey, AKeyWithoutATapIsNothing) {
  ASSERT_TRUE(press(middle_key));
  ASSERT_TRUE(press(7));
  EXPECT_TRUE(terminal.run_until([&] { return counters().bad_messages == 1; }));
  EXPECT_EQ(count("log WHERE type = 'attendance.corrected'"), 0);
}

struct OtherWayTooLate : OtherWayByKey {
  OtherWayTooLate() { other_way = 100ms; }
};

TEST_F(OtherWayTooLate, AfterItsTimeTheKeyDoesNothing) {
  ASSERT_EQ(tap(1, 2), Outcome::arrived);
  terminal.run_for(300ms);
  ASSERT_TRUE(press(middle_key));
  terminal.run_for(100ms);
  EXPECT_EQ(stated(), "1-");
  EXPECT_TRUE(answered_anew().empty());
}

}  // namespace
}  // namespace rollcall::terminals
