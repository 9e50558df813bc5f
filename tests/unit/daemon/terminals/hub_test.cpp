#include <algorithm>

#include "protocol/sealed_reading.hpp"
#include "tests/unit/daemon/terminals/running_hub.hpp"

namespace rollcall::terminals {
namespace {

using protocol::Outcome;
using test::monday_0850;
using test::TestTerminal;

using HubTest = test::RunningHub;

TEST_F(HubTest, WelcomesATerminalAndAnswersItsTapAfterTheCommit) {
  start();
  TestTerminal terminal;
  ASSERT_TRUE(terminal.connect_tcp(port));
  ASSERT_TRUE(terminal.enter());
  const auto welcome = terminal.received<protocol::Welcome>().at(0);
  EXPECT_EQ(welcome.wall_ms, monday_0850);
  EXPECT_EQ(welcome.trust, protocol::ClockTrust::synced);
  EXPECT_EQ(welcome.site_key, keys.public_key);
  EXPECT_EQ(welcome.highest_number, 0u);

  ASSERT_TRUE(terminal.send(terminal.tap(1, 1, monday_0850)));
  ASSERT_TRUE(terminal.wait_for<protocol::Answer>());
  const auto answer = terminal.received<protocol::Answer>().at(0);
  EXPECT_EQ(answer.number, 1u);
  EXPECT_EQ(answer.epoch, terminal.epoch);
  EXPECT_EQ(answer.outcome, Outcome::arrived);
  EXPECT_EQ(count("tap"), 1);
}

}  // namespace
}  // namespace rollcall::terminals
