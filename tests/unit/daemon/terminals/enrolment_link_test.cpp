// Keys over a real link: who is let in, who is not, and how a terminal gets its key.
#include "daemon/registry/key_seal.hpp"
#include "tests/unit/daemon/terminals/running_hub.hpp"

namespace rollcall::terminals {
namespace {

namespace asio = boost::asio;
using test::key_of;
using test::monday_0850;
using test::TestTerminal;
using namespace std::chrono_literals;
using State = protocol::TerminalEnrolment::State;

struct LinkKeys : test::RunningHub {
  void SetUp() override { start(); }

  bool open_window(const std::string& serial) {
    return ask([&](Hub& h) {
             return h.open_window(
                 {serial, {"Hall", protocol::TerminalMode::training, {}}, "desk-1"});
           })
        .has_value();
  }
  Window window() {
    return ask([](Hub& h) { return *h.window(); });
  }
  std::expected<bool, std::string> type(const std::string& number) {
    return asio::co_spawn(io, hub->submit_number(number), asio::use_future).get();
  }
  static std::string digits(std::uint32_t number) {
    std::string text = std::to_string(number);
    return std::string(6 - text.size(), '0') + text;
  }
  // Runs the terminal's side until its attempt is in `state`.
  static bool reach(TestTerminal& terminal, State state) {
    return terminal.run_until([&] {
      terminal.pump_enrolment();
      return terminal.enrolment().state() == state;
    });
  }
  // A new terminal, up to the number that both ends have.
  bool up_to_the_number(TestTerminal& terminal) {
    return terminal.connect_tcp(port) && terminal.greet() && reach(terminal, State::comparing) &&
           terminal.run_until([&] { return window().state == WindowState::number_ready; });
  }
};

TEST_F(LinkKeys, AnotherKeyIsNotLetInAndTold) {
  crypto::Key wrong = key_of("TC-1");
  wrong[0] ^= 1;
  TestTerminal terminal({.key = wrong});
  ASSERT_TRUE(terminal.connect_tcp(port));
  EXPECT_TRUE(terminal.wait_closed());
  EXPECT_EQ(terminal.messages(), 0u);
  EXPECT_EQ(counters().bad_handshakes, 1u);
  TestTerminal witness({.serial = "TC-2"});
  ASSERT_TRUE(witness.connect_tcp(port) && witness.enter());
  ASSERT_TRUE(
      witness.run_until([&] { return count("log WHERE type = 'security.link_refused'") == 1; }));
  expect_contract("security.link_refused");
}

TEST_F(LinkKeys, ManyWrongKeysAreOneEvent) {
  for (int i = 0; i < 5; ++i) {
    TestTerminal terminal({.key = crypto::Key{}});
    ASSERT_TRUE(terminal.connect_tcp(port));
    EXPECT_TRUE(terminal.wait_closed());
  }
  EXPECT_EQ(counters().alarms, 5u);
  stop();
  writer.run_now([](store::Database&) {});  // after what the hub wrote last
  EXPECT_EQ(count("log WHERE type = 'security.link_refused'"), 2)
      << "the first at once, the others counted together at the end";
}

TEST_F(LinkKeys, ASecondConnectionWithoutTheKeyDoesNotDisplaceTheFirst) {
  TestTerminal terminal;
  ASSERT_TRUE(terminal.connect_tcp(port) && terminal.enter());
  TestTerminal clone({.key = crypto::Key{}});
  ASSERT_TRUE(clone.connect_tcp(port));
  EXPECT_TRUE(clone.wait_closed());
  ASSERT_TRUE(terminal.send(terminal.tap(1, 1, monday_0850)));
  EXPECT_TRUE(terminal.wait_for<protocol::Answer>());
  EXPECT_EQ(counters().displaced, 0u);
}

TEST_F(LinkKeys, AnUnknownSerialIsRecordedOnce) {
  for (int i = 0; i < 3; ++i) {
    TestTerminal stranger({.serial = "ZZ-9"});
    ASSERT_TRUE(stranger.connect_tcp(port));
    EXPECT_TRUE(stranger.wait_closed());
  }
  TestTerminal witness;
  ASSERT_TRUE(witness.connect_tcp(port) && witness.enter());
  ASSERT_TRUE(witness.run_until(
      [&] { return count("log WHERE type = 'security.unknown_terminal'") == 1; }));
  expect_contract("security.unknown_terminal");
}

TEST_F(LinkKeys, ATerminalIsEnrolledWhenTwoPeopleAgree) {
  ASSERT_TRUE(open_window("NEW-1"));
  crypto::Key granted{};
  {
    TestTerminal fresh({.serial = "NEW-1", .enrolling = true});
    ASSERT_TRUE(up_to_the_number(fresh));
    EXPECT_EQ(window().number, "") << "nobody has read it off the terminal yet";
    const std::string shown = digits(fresh.enrolment().number());
    const auto agreed = type(shown);
    ASSERT_TRUE(agreed && *agreed);
    EXPECT_EQ(window().number, shown);
    fresh.enrolment().agree(true);
    ASSERT_TRUE(reach(fresh, State::granted));
    granted = fresh.enrolment().grant().key;
    EXPECT_EQ(fresh.enrolment().grant().site_key, keys.public_key);
    fresh.enrolment().kept();
    fresh.pump_enrolment();
    EXPECT_TRUE(fresh.wait_closed());
  }
  EXPECT_EQ(window().state, WindowState::done) << "it has shown that it holds the key";
  TestTerminal enrolled({.serial = "NEW-1", .key = granted});
  ASSERT_TRUE(enrolled.connect_tcp(port) && enrolled.enter());
  EXPECT_EQ(count("log WHERE type = 'terminal.enrolled'"), 1);
  expect_contract("terminal.enrolled");
  ASSERT_TRUE(enrolled.send(enrolled.tap(1, 1, monday_0850)));
  EXPECT_TRUE(enrolled.wait_for<protocol::Answer>());

  TestTerminal again({.serial = "NEW-1", .enrolling = true});
  ASSERT_TRUE(again.connect_tcp(port) && again.greet());
  ASSERT_TRUE(reach(again, State::ended)) << "a window is used once";
  EXPECT_EQ(again.enrolment().why(), protocol::EnrolEndReason::not_expected);
}

TEST_F(LinkKeys, AWrongNumberEndsTheAttemptForGood) {
  ASSERT_TRUE(open_window("NEW-1"));
  TestTerminal fresh({.serial = "NEW-1", .enrolling = true});
  ASSERT_TRUE(up_to_the_number(fresh));
  const std::uint32_t number = fresh.enrolment().number();
  const auto typed = type(digits((number + 1) % protocol::enrolment_numbers));
  ASSERT_TRUE(typed);
  EXPECT_FALSE(*typed);
  EXPECT_EQ(window().state, WindowState::number_wrong);
  ASSERT_TRUE(reach(fresh, State::ended));
  EXPECT_EQ(fresh.enrolment().why(), protocol::EnrolEndReason::different);
  EXPECT_FALSE(type(digits(number))) << "the right one comes too late";
  EXPECT_EQ(count("registry WHERE serial = 'NEW-1' AND pending_key IS NOT NULL"), 0);
}

TEST_F(LinkKeys, AttemptsThatNobodyExpectsAreTurnedAway) {
  TestTerminal fresh({.serial = "NEW-1", .enrolling = true});
  ASSERT_TRUE(fresh.connect_tcp(port) && fresh.greet());
  ASSERT_TRUE(reach(fresh, State::ended));
  EXPECT_EQ(fresh.enrolment().why(), protocol::EnrolEndReason::not_expected);
  EXPECT_TRUE(fresh.wait_closed());
}

TEST_F(LinkKeys, TapsAreNotTakenOnALinkThatEnrols) {
  ASSERT_TRUE(open_window("NEW-1"));
  TestTerminal fresh({.serial = "NEW-1", .enrolling = true});
  ASSERT_TRUE(fresh.connect_tcp(port) && fresh.greet());
  ASSERT_TRUE(fresh.send(fresh.tap(1, 1, monday_0850)));
  ASSERT_TRUE(fresh.run_until([&] { return window().state == WindowState::failed; }));
  EXPECT_EQ(count("tap"), 0);
}

TEST_F(LinkKeys, ATerminalOutsideItsWindowIsSaidToBe) {
  TestTerminal terminal;
  ASSERT_TRUE(terminal.connect_tcp(port) && terminal.enter());
  ASSERT_TRUE(open_window("TC-1"));
  EXPECT_EQ(window().state, WindowState::terminal_not_in_window);
}

TEST_F(LinkKeys, ANewKeyReplacesTheOldOneOnceItIsProven) {
  TestTerminal terminal;
  ASSERT_TRUE(terminal.connect_tcp(port) && terminal.enter());
  const auto key = asio::co_spawn(io, registry.rotate("TC-1", registry::random_key(), "desk-1"),
                                  asio::use_future)
                       .get();
  ASSERT_TRUE(key);
  auto handed = asio::co_spawn(io, hub->hand_over_key("TC-1", *key), asio::use_future);
  ASSERT_TRUE(terminal.wait_for<protocol::RotateKey>());
  EXPECT_EQ(terminal.received<protocol::RotateKey>()[0].key, *key);
  ASSERT_TRUE(terminal.send(protocol::Reply{static_cast<std::uint16_t>(protocol::Op::rotate_key),
                                            protocol::ReplyStatus::done}));
  EXPECT_TRUE(handed.get());

  TestTerminal with_new({.key = *key});
  ASSERT_TRUE(with_new.connect_tcp(port) && with_new.enter());
  TestTerminal with_old;
  ASSERT_TRUE(with_old.connect_tcp(port));
  EXPECT_TRUE(with_old.wait_closed());
  EXPECT_EQ(counters().bad_handshakes, 1u);
}

// Both ends have their session keys, and the first frame under them is yet to come.
TEST_F(LinkKeys, AHandshakeThatWasUnderWayWhenItsTerminalWasRevokedOpensNothing) {
  TestTerminal terminal;
  ASSERT_TRUE(terminal.connect_tcp(port));
  terminal.hold_back_when_up = true;
  ASSERT_TRUE(terminal.greet());
  ASSERT_TRUE(
      asio::co_spawn(io, registry.revoke("TC-1", "It was stolen.", "desk-1", 0), asio::use_future)
          .get());
  terminal.hold_back_when_up = false;
  EXPECT_TRUE(terminal.wait_closed());
  EXPECT_FALSE(status(0).connected);
  EXPECT_EQ(counters().bad_handshakes, 1u);
}

TEST_F(LinkKeys, ATerminalThatWasGivenANewKeyIsNotEnrolledBeforeItHasUsedIt) {
  ASSERT_TRUE(asio::co_spawn(io, registry.rotate("TC-1", registry::random_key(), "desk-1"),
                             asio::use_future)
                  .get());
  EXPECT_FALSE(open_window("TC-1"));
}

TEST_F(LinkKeys, UntilTheNewKeyIsProvenTheOldOneOpensToo) {
  ASSERT_TRUE(asio::co_spawn(io, registry.rotate("TC-1", registry::random_key(), "desk-1"),
                             asio::use_future)
                  .get());
  TestTerminal with_old;
  EXPECT_TRUE(with_old.connect_tcp(port) && with_old.enter());
}

}  // namespace
}  // namespace rollcall::terminals
