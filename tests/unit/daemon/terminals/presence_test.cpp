// Terminals that come and go are told to the case system, within bounds.
#include "daemon/terminals/presence.hpp"

#include "tests/unit/daemon/terminals/running_hub.hpp"

namespace rollcall::terminals {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using test::TestTerminal;

struct PresenceTest : test::RunningHub {
  bool enter(TestTerminal& terminal) { return terminal.connect_tcp(port) && terminal.enter(); }
  // Of the newest event of this type; null when there is none.
  nlohmann::json data(const std::string& type) {
    store::Database db(scratch.path(), store::Database::Mode::query_only);
    auto row = db.prepare("SELECT position FROM log WHERE type = ? ORDER BY position DESC");
    if (!row.bind(type).step()) return nullptr;
    return nlohmann::json::parse(events::to_cloudevent(db, "site-1", row.integer(0), 1))["data"];
  }
  bool told(const std::string& type, std::int64_t times = 1) {
    const auto until = std::chrono::steady_clock::now() + 5s;
    while (count("log WHERE type = '" + type + "'") < times) {
      if (std::chrono::steady_clock::now() > until) return false;
      std::this_thread::sleep_for(5ms);
    }
    return count("log WHERE type = '" + type + "'") == times;
  }
};

TEST_F(PresenceTest, ConnectionAndItsEndAreTold) {
  start();
  TestTerminal terminal({.panel_width = 800, .panel_height = 480, .boot = 7});
  auto state = terminal.state();
  state.next_number = 5;
  state.waiting = 3;
  ASSERT_TRUE(terminal.connect_tcp(port) && terminal.enter(state));
  ASSERT_TRUE(told("terminal.connected"));
  expect_contract("terminal.connected");
  const auto here = data("terminal.connected");
  EXPECT_EQ(here["room"], "Door");
  EXPECT_EQ(here["link"], "tcp");
  EXPECT_EQ(here["encrypted"], true);
  EXPECT_EQ(here["firmware"], "test-1.0");
  EXPECT_EQ(here["boot"], 7);
  EXPECT_EQ(here["next_number"], 5);
  EXPECT_EQ(here["waiting"], 3);
  EXPECT_EQ(here["panel"]["width"], 800);
  terminal.run_for(20ms);
  terminal.disconnect();
  ASSERT_TRUE(told("terminal.disconnected"));
  expect_contract("terminal.disconnected");
  const auto gone = data("terminal.disconnected");
  EXPECT_EQ(gone["cause"], "lost") << "without a goodbye";
  EXPECT_GE(gone["connected_ms"], 20);
  EXPECT_EQ(gone["unanswered"], 0);
}

TEST_F(PresenceTest, NumbersThatNoReaderTakesAreCut) {
  start();
  TestTerminal terminal;
  auto state = terminal.state();
  state.next_number = UINT64_MAX;
  ASSERT_TRUE(terminal.connect_unix(socket_path) && terminal.enter(state));
  ASSERT_TRUE(told("terminal.connected"));
  expect_contract("terminal.connected");
  EXPECT_EQ(data("terminal.connected")["link"], "unix");
}

TEST_F(PresenceTest, AnotherEpochIsNoOtherConnection) {
  start();
  TestTerminal terminal;
  ASSERT_TRUE(enter(terminal));
  auto other = terminal.state();
  other.epoch.fill(0x55);
  ASSERT_TRUE(terminal.send(other));
  ASSERT_TRUE(terminal.wait_for<protocol::Welcome>(2));
  EXPECT_TRUE(told("terminal.connected", 1));
}

TEST_F(PresenceTest, TheDaemonsOwnEndsHaveTheirCause) {
  start();
  TestTerminal revoked;
  TestTerminal other({.serial = "TC-2"});
  ASSERT_TRUE(enter(revoked) && enter(other));
  ASSERT_TRUE(
      asio::co_spawn(io, registry.revoke("TC-1", "It was stolen.", "desk-1", 0), asio::use_future)
          .get());
  EXPECT_TRUE(revoked.wait_closed());
  ASSERT_TRUE(told("terminal.disconnected", 1));
  EXPECT_EQ(data("terminal.disconnected")["cause"], "refused");
  auto stopped = std::async(std::launch::async, [this] { return stop(); });
  EXPECT_TRUE(other.wait_closed());
  stopped.wait();
  ASSERT_TRUE(told("terminal.disconnected", 2));
  EXPECT_EQ(data("terminal.disconnected")["cause"], "shutdown");
  EXPECT_EQ(data("terminal.disconnected")["terminal"], "TC-2");
}

TEST_F(PresenceTest, ADisplacedConnectionIsToldAndWhetherItIsTheSameDevice) {
  start();
  TestTerminal first({.boot = 3});
  TestTerminal second({.boot = 4});
  ASSERT_TRUE(enter(first) && enter(second));
  ASSERT_TRUE(told("security.terminal_displaced", 1));
  expect_contract("security.terminal_displaced");
  EXPECT_EQ(data("security.terminal_displaced")["old_boot"], 3);
  EXPECT_EQ(data("security.terminal_displaced")["new_boot"], 4);
  EXPECT_EQ(data("security.terminal_displaced")["same_device"], true);
  ASSERT_TRUE(told("terminal.disconnected", 1));
  EXPECT_EQ(data("terminal.disconnected")["cause"], "displaced");
  EXPECT_EQ(log_types(),
            (std::vector<std::string>{"terminal.connected", "terminal.disconnected",
                                      "terminal.connected", "security.terminal_displaced"}));
  TestTerminal clone({.boot = 4});
  clone.epoch.fill(0x77);
  ASSERT_TRUE(enter(clone));
  ASSERT_TRUE(told("security.terminal_displaced", 2));
  EXPECT_EQ(data("security.terminal_displaced")["same_device"], false);
}

TEST_F(PresenceTest, ATerminalThatFlapsCannotFillTheLog) {
  start();
  const auto told_at_most = static_cast<std::int64_t>(Presence::told_an_hour);
  for (std::size_t i = 0; i < Presence::told_an_hour + 3; ++i) {
    TestTerminal terminal;
    ASSERT_TRUE(enter(terminal));
  }
  ASSERT_TRUE(told("terminal.disconnected", told_at_most));
  TestTerminal other({.serial = "TC-2"});
  ASSERT_TRUE(enter(other)) << "another one is told all the same";
  ASSERT_TRUE(told("terminal.connected", told_at_most + 1));
  EXPECT_EQ(count("log WHERE type = 'terminal.disconnected'"), told_at_most) << "in pairs";
}

TEST(PresenceBudget, IsRenewedWithinAnHour) {
  Presence presence;
  const Presence::Clock::time_point start{};
  const auto tell = [&](std::chrono::minutes at) {
    return presence.may_tell(Presence::Kind::connection, "TC-1", start + at);
  };
  for (std::size_t i = 0; i < Presence::told_an_hour; ++i) EXPECT_TRUE(tell(0min));
  EXPECT_FALSE(tell(59min));
  EXPECT_EQ(presence.untold(), 1u);
  EXPECT_TRUE(tell(60min));
}

}  // namespace
}  // namespace rollcall::terminals
