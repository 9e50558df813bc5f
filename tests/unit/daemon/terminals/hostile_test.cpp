// What a broken or hostile terminal may do, and that it harms nobody else.
#include <cstdlib>
#include <iostream>
#include <random>

#include <sys/socket.h>

#include "daemon/terminals/session.hpp"
#include "tests/unit/daemon/terminals/running_hub.hpp"

namespace rollcall::terminals {
namespace {

using test::monday_0850;
using test::TestTerminal;
using namespace std::chrono_literals;

struct HostileTerminal : test::RunningHub {
  void SetUp() override {
    start();
    ASSERT_TRUE(good.connect_tcp(port) && good.enter());
  }
  // The other terminal's session goes on, whatever happened.
  void expect_unharmed() {
    ++good_taps;
    ASSERT_TRUE(
        good.send(good.tap(good_taps, static_cast<std::uint8_t>(100 + good_taps), monday_0850)));
    ASSERT_TRUE(good.wait_for<protocol::Answer>(good_taps));
    EXPECT_TRUE(status(1).connected);
  }
  static std::uint32_t seed() {
    const char* given = std::getenv("ROLLCALL_SEED");
    const auto seed =
        given != nullptr ? static_cast<std::uint32_t>(std::stoul(given)) : std::random_device{}();
    std::cout << "ROLLCALL_SEED=" << seed << "\n";
    return seed;
  }

  TestTerminal good{{.serial = "TC-2"}};
  std::uint64_t good_taps = 0;
};

TEST_F(HostileTerminal, ASerialThatIsNotConfiguredIsClosedAndCounted) {
  TestTerminal stranger({.serial = "ZZ-9"});
  ASSERT_TRUE(stranger.connect_tcp(port));
  EXPECT_TRUE(stranger.wait_closed());
  EXPECT_EQ(counters().not_configured, 1u);
  expect_unharmed();
}

TEST_F(HostileTerminal, RandomBytesAreCountedAndClosed) {
  std::mt19937 random(seed());
  for (int round = 0; round < 5; ++round) {
    TestTerminal noise;
    ASSERT_TRUE(noise.connect_tcp(port));
    if (round % 2 == 1) {
      ASSERT_TRUE(noise.enter());
    }
    for (int i = 0; i < 200 && !noise.closed(); ++i) {
      std::vector<std::uint8_t> bytes(random() % 600);
      for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random() % 4 == 0 ? 0 : random());
      noise.send_raw(bytes);
      noise.run_for(0ms);
    }
    EXPECT_TRUE(noise.wait_closed());
  }
  EXPECT_GE(counters().bad_frames, 5u * Session::max_bad_frames);
  EXPECT_GE(counters().closed_for_faults, 5u);
  expect_unharmed();
}

TEST_F(HostileTerminal, AFrameWithoutEndIsSkippedInBoundedMemory) {
  TestTerminal endless;
  ASSERT_TRUE(endless.connect_tcp(port) && endless.enter());
  const std::vector<std::uint8_t> block(64 * 1024, 0x55);
  for (int i = 0; i < 32; ++i) endless.send_raw(block);
  endless.send_raw({0});
  EXPECT_TRUE(endless.run_until([&] { return counters().bad_frames >= 1; }));
  ASSERT_TRUE(endless.send(endless.tap(1, 1, monday_0850))) << "one bad frame alone closes nothing";
  EXPECT_TRUE(endless.wait_for<protocol::Answer>());
  expect_unharmed();
}

TEST_F(HostileTerminal, WrongCborIsCountedAndIgnoredUntilItIsTooMuch) {
  std::mt19937 random(seed());
  TestTerminal terminal;
  ASSERT_TRUE(terminal.connect_tcp(port) && terminal.enter());
  int sent = 0;
  while (terminal.send_bytes([&] {
    std::vector<std::uint8_t> bytes(1 + random() % 60);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
    bytes[0] |= 0xe0;  // never a short array: none of these is a message
    return bytes;
  }())) {
    ASSERT_LT(++sent, 200);
  }
  EXPECT_GE(sent, 30);
  EXPECT_TRUE(terminal.wait_closed());
  EXPECT_EQ(counters().closed_for_faults, 1u);
  expect_unharmed();
}

TEST_F(HostileTerminal, MessagesBeforeTerminalStateAreNotTaken) {
  TestTerminal early;
  ASSERT_TRUE(early.connect_tcp(port) && early.greet());
  ASSERT_TRUE(early.send(early.tap(1, 1, monday_0850)));
  ASSERT_TRUE(early.send(protocol::Touch{}));
  EXPECT_TRUE(early.run_until([&] { return counters().misplaced == 2; }));
  EXPECT_EQ(count("tap"), 0);
  ASSERT_TRUE(early.send(early.state()));
  EXPECT_TRUE(early.wait_for<protocol::Welcome>());
  expect_unharmed();
}

TEST_F(HostileTerminal, MessagesOfTheHostAreMisplacedFromATerminal) {
  TestTerminal terminal;
  ASSERT_TRUE(terminal.connect_tcp(port) && terminal.enter());
  ASSERT_TRUE(terminal.send(protocol::Welcome{}));
  ASSERT_TRUE(terminal.send(protocol::Answer{}));
  EXPECT_TRUE(terminal.run_until([&] { return counters().misplaced == 2; }));
  EXPECT_FALSE(terminal.closed());
  expect_unharmed();
}

TEST_F(HostileTerminal, ATapWithoutANumberIsNotTaken) {
  TestTerminal terminal;
  ASSERT_TRUE(terminal.connect_tcp(port) && terminal.enter());
  ASSERT_TRUE(terminal.send(terminal.tap(0, 1, monday_0850)));
  ASSERT_TRUE(terminal.send(terminal.tap(std::uint64_t{1} << 60, 1, monday_0850)));
  EXPECT_TRUE(terminal.run_until([&] { return counters().bad_messages == 2; }));
  EXPECT_EQ(count("tap"), 0);
  expect_unharmed();
}

TEST_F(HostileTerminal, TheNewerConnectionOfASerialReplacesTheOlderOnlyOnceItHasGreeted) {
  TestTerminal older;
  ASSERT_TRUE(older.connect_tcp(port) && older.enter());
  TestTerminal newer;
  ASSERT_TRUE(newer.connect_tcp(port));  // connected, not greeted
  ASSERT_TRUE(older.send(older.tap(1, 1, monday_0850)));
  ASSERT_TRUE(older.wait_for<protocol::Answer>());
  EXPECT_EQ(counters().displaced, 0u);

  ASSERT_TRUE(newer.enter());
  EXPECT_TRUE(older.wait_closed());
  EXPECT_EQ(counters().displaced, 1u);
  EXPECT_TRUE(status(0).connected);
  ASSERT_TRUE(newer.send(newer.tap(2, 2, monday_0850)));
  EXPECT_TRUE(newer.wait_for<protocol::Answer>());
  expect_unharmed();
}

TEST_F(HostileTerminal, AFloodOfTapsIsTakenAtThePaceOfTheDiskAndAllAreAnswered) {
  TestTerminal flood;
  ASSERT_TRUE(flood.connect_tcp(port) && flood.enter());
  constexpr std::uint64_t taps = 300;
  for (std::uint64_t number = 1; number <= taps; ++number) {
    ASSERT_TRUE(
        flood.send(flood.tap(number, static_cast<std::uint8_t>(number % 250), monday_0850)));
  }
  EXPECT_TRUE(flood.wait_for<protocol::Answer>(taps));
  EXPECT_EQ(count("tap WHERE serial = 'TC-1'"), static_cast<std::int64_t>(taps));
  expect_unharmed();
}

TEST_F(HostileTerminal, ATerminalThatReadsNothingHoldsNobodyUp) {
  TestTerminal stuck({.panel_width = 800, .panel_height = 480});
  ASSERT_TRUE(stuck.connect_tcp(port) && stuck.enter());
  stuck.acknowledge = false;
  stuck.run_for(200ms);
  for (int i = 0; i < 5; ++i) expect_unharmed();
}

TEST_F(HostileTerminal, PanelsOfImpossibleSizesGetNoScreens) {
  for (const auto& [width, height] : {std::pair{65535, 65535}, {1, 1}, {800, 1}}) {
    TestTerminal odd({.panel_width = static_cast<std::uint16_t>(width),
                      .panel_height = static_cast<std::uint16_t>(height)});
    ASSERT_TRUE(odd.connect_tcp(port) && odd.enter());
    odd.run_for(50ms);
    EXPECT_TRUE(odd.received<protocol::Screen>().empty());
  }
  expect_unharmed();
}

TEST_F(HostileTerminal, ConnectionsAreBounded) {
  std::vector<std::unique_ptr<TestTerminal>> crowd;
  for (std::size_t i = 0; i < Hub::spare_connections + 10; ++i) {
    crowd.push_back(std::make_unique<TestTerminal>());
    ASSERT_TRUE(crowd.back()->connect_tcp(port));
  }
  EXPECT_TRUE(good.run_until([&] { return counters().over_limit >= 1; }));
  expect_unharmed();
  crowd.clear();
  TestTerminal next;
  EXPECT_TRUE(good.run_until([&] { return next.connect_tcp(port) && next.enter(); }));
}

TEST_F(HostileTerminal, AStoredTapThatNeverCommitsEndsInTheStaffInboxAndTheOthersGoOn) {
  writer.run_now([](store::Database& db) {
    db.exec(
        "CREATE TRIGGER poison BEFORE INSERT ON tap WHEN NEW.number = 2 BEGIN SELECT RAISE(ABORT, "
        "'poison'); END");
  });
  TestTerminal terminal;
  ASSERT_TRUE(terminal.connect_tcp(port) && terminal.enter());
  for (std::uint64_t number = 1; number <= 4; ++number) {
    const auto tap = terminal.tap(number, static_cast<std::uint8_t>(150 + number), monday_0850);
    ASSERT_TRUE(terminal.send(test::sealed(tap, keys.public_key)));
  }
  EXPECT_TRUE(terminal.run_until([&] { return count("tap WHERE serial = 'TC-1'") == 3; }, 2s));
  EXPECT_TRUE(terminal.run_until(
      [&] { return count("inbox WHERE kind = 'sealed-unreadable'") == 1; }, 15s));
  EXPECT_TRUE(
      terminal.run_until([&] { return status(0).taps_queued == 4 && counters().unreadable == 1; }));
  expect_unharmed();
}

TEST_F(HostileTerminal, ALiveTapThatDoesNotCommitIsAnsweredAsNotRecorded) {
  writer.run_now([](store::Database& db) {
    db.exec(
        "CREATE TRIGGER poison BEFORE INSERT ON tap WHEN NEW.number = 2 BEGIN SELECT RAISE(ABORT, "
        "'poison'); END");
  });
  TestTerminal terminal;
  ASSERT_TRUE(terminal.connect_tcp(port) && terminal.enter());
  for (std::uint64_t number = 1; number <= 3; ++number) {
    ASSERT_TRUE(
        terminal.send(terminal.tap(number, static_cast<std::uint8_t>(150 + number), monday_0850)));
    ASSERT_TRUE(terminal.wait_for<protocol::Answer>(number));
  }
  const auto answers = terminal.received<protocol::Answer>();
  EXPECT_EQ(answers[0].outcome, protocol::Outcome::see_staff);
  EXPECT_EQ(answers[1].outcome, protocol::Outcome::not_recorded);
  EXPECT_EQ(answers[2].outcome, protocol::Outcome::see_staff);
}

struct HalfOpenTerminal : HostileTerminal {
  HalfOpenTerminal() { greeting_limit = 1s; }
};

TEST_F(HalfOpenTerminal, WhoConnectsAndSaysNothingIsClosed) {
  TestTerminal silent;
  ASSERT_TRUE(silent.connect_tcp(port));
  EXPECT_TRUE(good.run_until([&] { return counters().never_greeted == 1; }));
  expect_unharmed();
}

TEST_F(HalfOpenTerminal, WhoGreetsAndNeverSaysItsStateIsClosed) {
  TestTerminal vague;
  ASSERT_TRUE(vague.connect_tcp(port) && vague.greet());
  EXPECT_TRUE(vague.wait_closed());
  EXPECT_EQ(counters().never_greeted, 1u);
  expect_unharmed();
}

TEST_F(HostileTerminal, ARestartInTheMiddleOfAFrameIsANewSession) {
  TestTerminal terminal;
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(terminal.connect_tcp(port) && terminal.enter());
    terminal.send_raw({0x05, 0x11, 0x22});
    terminal.disconnect();
  }
  expect_unharmed();
}

}  // namespace
}  // namespace rollcall::terminals
