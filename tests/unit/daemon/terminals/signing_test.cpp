// Half-days that are signed at a terminal, with the card that began it.
#include "tests/unit/daemon/halfdays/signed_morning.hpp"
#include "tests/unit/daemon/terminals/running_hub.hpp"

namespace rollcall::terminals {
namespace {

using halfdays::test::monday_0850;
using halfdays::test::monday_1231;
using protocol::Outcome;
using test::TestTerminal;
using namespace std::chrono_literals;

struct Signing : test::RunningHub {
  void SetUp() override {
    writer.run_now([](store::Database& db) { halfdays::test::plan_morning(db); });
    start();
    ASSERT_TRUE(terminal.connect_tcp(port) && terminal.enter());
    EXPECT_EQ(tap(1, 1, monday_0850), Outcome::arrived);
    EXPECT_TRUE(shows_another());
    EXPECT_EQ(tap(2, 2, monday_0850), Outcome::arrived);
    EXPECT_TRUE(shows_another()) << "nothing is confirmed yet";
    writer.run_now([this](store::Database& db) {
      host.wall_ms = monday_1231;
      halfdays::test::confirm_morning(db, config, holidays, host);
    });
  }
  // Until it is answered.
  Outcome tap(std::uint64_t number, std::uint8_t card, std::int64_t wall_ms) {
    EXPECT_TRUE(terminal.send(terminal.tap(number, card, wall_ms)));
    EXPECT_TRUE(terminal.wait_for<protocol::Answer>(number));
    return terminal.received<protocol::Answer>().back().outcome;
  }
  // Until a live screen is up, and has been for long enough to be read.
  bool shows_another() {
    const std::size_t before = shown_;
    const bool shown = terminal.run_until([&] {
      const auto all = terminal.received<protocol::ScreenShow>();
      shown_ = static_cast<std::size_t>(
          std::ranges::count_if(all, [](const auto& show) { return show.screen != 0; }));
      return shown_ > before;
    });
    terminal.run_for(150ms);
    return shown;
  }
  bool signed_by(const std::string& person) {
    return terminal.run_until(
        [&] { return count("signature WHERE form = 'tap' AND person = '" + person + "'") == 1; });
  }

  TestTerminal terminal{{.panel_width = 800, .panel_height = 480}};
  std::size_t shown_ = 0;
};

TEST_F(Signing, TheSameCardAgainIsTheSignature) {
  ASSERT_EQ(tap(3, 2, monday_1231), Outcome::left);
  ASSERT_TRUE(shows_another());
  EXPECT_EQ(tap(4, 2, monday_1231 + 3000), Outcome::recorded);
  EXPECT_TRUE(signed_by("p-2"));
  EXPECT_TRUE(shows_another()) << "that it is signed";
  EXPECT_EQ(count("movement"), 3);
  expect_contract("halfday.signed");
}

TEST_F(Signing, SomebodyElsesCardSignsNothingAndThePanelIsTheirs) {
  ASSERT_EQ(tap(3, 2, monday_1231), Outcome::left);
  ASSERT_TRUE(shows_another());
  EXPECT_EQ(tap(4, 1, monday_1231 + 3000), Outcome::left);
  ASSERT_TRUE(shows_another()) << "what they have to sign";
  EXPECT_EQ(count("signature"), 0);
  EXPECT_EQ(tap(5, 1, monday_1231 + 6000), Outcome::recorded);
  EXPECT_TRUE(signed_by("p-1"));
  EXPECT_EQ(count("signature"), 1);
}

TEST_F(Signing, LongAfterTheDoubleTapWindowItIsStillNoMovement) {
  ASSERT_EQ(tap(3, 2, monday_1231), Outcome::left);
  ASSERT_TRUE(shows_another());
  EXPECT_EQ(tap(4, 2, monday_1231 + 80'000), Outcome::recorded);
  EXPECT_TRUE(signed_by("p-2"));
  EXPECT_EQ(count("movement"), 3);
}

TEST_F(Signing, NobodySignsOnASmallPanel) {
  TestTerminal small({.serial = "TC-2", .panel_width = 128, .panel_height = 64});
  ASSERT_TRUE(small.connect_tcp(port) && small.enter());
  ASSERT_TRUE(small.send(small.tap(1, 2, monday_1231)));
  ASSERT_TRUE(small.wait_for<protocol::Answer>(1));
  ASSERT_TRUE(small.send(small.tap(2, 2, monday_1231 + 5000)));
  ASSERT_TRUE(small.wait_for<protocol::Answer>(2));
  EXPECT_EQ(small.received<protocol::Answer>().back().outcome, Outcome::repeat);
  EXPECT_EQ(count("signature"), 0);
}

}  // namespace
}  // namespace rollcall::terminals
