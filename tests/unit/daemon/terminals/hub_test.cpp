#include <algorithm>
#include <limits>

#include <boost/asio/local/stream_protocol.hpp>

#include "daemon/events/event.hpp"
#include "tests/unit/daemon/contract.hpp"
#include "tests/unit/daemon/terminals/running_hub.hpp"

namespace rollcall::terminals {
namespace {

namespace asio = boost::asio;
using protocol::Outcome;
using test::monday_0850;
using test::sealed;
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

// Helpers ----------------------------------------------------------------------------------------

std::uint64_t highest_acknowledged(const TestTerminal& terminal) {
  std::uint64_t highest = 0;
  for (const auto& ack : terminal.received<protocol::TapAck>())
    highest = std::max(highest, ack.last);
  return highest;
}

// Live taps --------------------------------------------------------------------------------------

TEST_F(HubTest, ServesTheUnixSocketToo) {
  start();
  TestTerminal terminal;
  ASSERT_TRUE(terminal.connect_unix(socket_path));
  ASSERT_TRUE(terminal.enter());
  EXPECT_EQ(status().peer, "unix");
}

TEST_F(HubTest, ACardNobodyKnowsIsRecordedAndSentToTheDesk) {
  start();
  TestTerminal terminal;
  ASSERT_TRUE(terminal.connect_tcp(port) && terminal.enter());
  ASSERT_TRUE(terminal.send(terminal.tap(1, 77, monday_0850)));
  ASSERT_TRUE(terminal.wait_for<protocol::Answer>());
  EXPECT_EQ(terminal.received<protocol::Answer>()[0].outcome, Outcome::see_staff);
  EXPECT_EQ(count("tap"), 1);
}

TEST_F(HubTest, AResentTapGetsItsStoredAnswer) {
  start();
  TestTerminal terminal;
  ASSERT_TRUE(terminal.connect_tcp(port) && terminal.enter());
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(terminal.send(terminal.tap(1, 1, monday_0850)));
  ASSERT_TRUE(terminal.wait_for<protocol::Answer>(2));
  for (const auto& answer : terminal.received<protocol::Answer>())
    EXPECT_EQ(answer.outcome, Outcome::arrived);
  EXPECT_EQ(count("tap"), 1);
}

TEST_F(HubTest, AnotherTapUnderTheSameIdentityOpensANewEpoch) {
  start();
  TestTerminal terminal;
  ASSERT_TRUE(terminal.connect_tcp(port) && terminal.enter());
  ASSERT_TRUE(terminal.send(terminal.tap(1, 1, monday_0850)));
  ASSERT_TRUE(terminal.send(terminal.tap(1, 2, monday_0850)));
  ASSERT_TRUE(terminal.wait_for<protocol::OpenEpoch>());
  EXPECT_EQ(terminal.received<protocol::OpenEpoch>()[0].epoch, terminal.epoch);
  EXPECT_EQ(terminal.received<protocol::Answer>().size(), 2u);
  EXPECT_EQ(count("tap_conflict"), 1);
}

TEST_F(HubTest, AReadingOfAnUnknownKindStaysWithTheTerminal) {
  start();
  TestTerminal terminal;
  ASSERT_TRUE(terminal.connect_tcp(port) && terminal.enter());
  auto tap = terminal.tap(1, 1, monday_0850);
  tap.kind = static_cast<protocol::ReadingKind>(9);
  ASSERT_TRUE(terminal.send(tap));
  ASSERT_TRUE(terminal.wait_for<protocol::Answer>());
  EXPECT_EQ(terminal.received<protocol::Answer>()[0].outcome, Outcome::not_recorded);
  EXPECT_EQ(counters().bad_messages, 1u);
}

// Numbers and epochs -----------------------------------------------------------------------------

TEST_F(HubTest, TellsTheHighestNumberOfTheEpoch) {
  start();
  {
    TestTerminal before;
    ASSERT_TRUE(before.connect_tcp(port) && before.enter());
    ASSERT_TRUE(before.send(before.tap(41, 1, monday_0850)));
    ASSERT_TRUE(before.wait_for<protocol::Answer>());
  }
  TestTerminal after;
  ASSERT_TRUE(after.connect_tcp(port) && after.enter());
  EXPECT_EQ(after.received<protocol::Welcome>()[0].highest_number, 41u);
  TestTerminal other({.serial = "TC-2"});
  ASSERT_TRUE(other.connect_tcp(port) && other.enter());
  EXPECT_EQ(other.received<protocol::Welcome>()[0].highest_number, 0u)
      << "numbers are counted per terminal";
}

TEST_F(HubTest, AsksForTheTapsOfAnEpochThatARestoreMarked) {
  writer.run_now([](store::Database& db) {
    const store::Blob epoch(16, 0xe1);
    db.prepare(
          "INSERT INTO terminal_epoch (serial, epoch, highest_number, resend_pending) VALUES "
          "('TC-1', ?, 5, 1)")
        .bind(epoch)
        .run();
  });
  start();
  TestTerminal terminal;
  ASSERT_TRUE(terminal.connect_tcp(port) && terminal.enter());
  ASSERT_TRUE(terminal.wait_for<protocol::ResendTaps>());
  EXPECT_EQ(terminal.received<protocol::ResendTaps>()[0].epoch, terminal.epoch);
  EXPECT_EQ(terminal.received<protocol::ResendTaps>()[0].from, 1u);
  EXPECT_EQ(count("terminal_epoch WHERE resend_pending = 1"), 1)
      << "until the terminal has sent them";
}

TEST_F(HubTest, AsksAConnectedTerminalOnceARestoreIsThrough) {
  start();
  TestTerminal terminal;
  ASSERT_TRUE(terminal.connect_tcp(port) && terminal.enter());
  writer.run_now([](store::Database& db) {
    const store::Blob epoch(16, 0xe1);
    db.prepare(
          "INSERT INTO terminal_epoch (serial, epoch, highest_number, resend_pending) VALUES "
          "('TC-1', ?, 5, 1)")
        .bind(epoch)
        .run();
  });
  ask([](Hub& h) {
    h.ask_for_missing();
    return true;
  });
  ASSERT_TRUE(terminal.wait_for<protocol::ResendTaps>());
  EXPECT_EQ(terminal.received<protocol::ResendTaps>()[0].epoch, terminal.epoch);
}

TEST_F(HubTest, AsksForTapsThatTheTerminalBelievesToBeHere) {
  start();
  TestTerminal terminal;
  auto state = terminal.state();
  state.next_number = 9;
  state.waiting = 2;
  ASSERT_TRUE(terminal.connect_tcp(port) && terminal.enter(state));
  EXPECT_TRUE(terminal.wait_for<protocol::ResendTaps>());
}

TEST_F(HubTest, AsksForNothingWhenAllTapsStillWaitInTheQueue) {
  start();
  TestTerminal terminal;
  auto state = terminal.state();
  state.next_number = 9;
  state.waiting = 8;
  ASSERT_TRUE(terminal.connect_tcp(port) && terminal.enter(state));
  terminal.run_for(std::chrono::milliseconds{100});
  EXPECT_TRUE(terminal.received<protocol::ResendTaps>().empty());
}

// The queue --------------------------------------------------------------------------------------

TEST_F(HubTest, StoredTapsAreOpenedRecordedInTheirOrderAndAcknowledged) {
  start();
  TestTerminal terminal;
  auto state = terminal.state();
  state.next_number = 21;
  state.waiting = 20;
  ASSERT_TRUE(terminal.connect_tcp(port) && terminal.enter(state));
  for (std::uint64_t number = 1; number <= 20; ++number) {
    const auto card = static_cast<std::uint8_t>(100 + number);
    ASSERT_TRUE(terminal.send(sealed(terminal.tap(number, card, monday_0850), keys.public_key)));
  }
  ASSERT_TRUE(terminal.run_until([&] { return highest_acknowledged(terminal) == 20; }));
  EXPECT_EQ(count("tap"), 20);
  EXPECT_TRUE(terminal.received<protocol::Answer>().empty()) << "nobody stands there any more";
  store::Database db(scratch.path(), store::Database::Mode::query_only);
  auto row = db.prepare("SELECT number FROM tap ORDER BY position");
  for (std::int64_t number = 1; row.step(); ++number) EXPECT_EQ(row.integer(0), number);
  EXPECT_EQ(status().waiting, 0u);
  EXPECT_EQ(status().taps_queued, 20u);
}

TEST_F(HubTest, ATapThatTheSiteKeyDoesNotOpenGoesToTheStaffInboxAndBlocksNobody) {
  start();
  TestTerminal terminal;
  ASSERT_TRUE(terminal.connect_tcp(port) && terminal.enter());
  crypto::Key other_site{};
  other_site.fill(4);
  const auto foreign = sealed(terminal.tap(1, 1, monday_0850), *crypto::x25519_public(other_site));
  ASSERT_TRUE(terminal.send(foreign));
  ASSERT_TRUE(terminal.send(sealed(terminal.tap(2, 2, monday_0850), keys.public_key)));
  ASSERT_TRUE(terminal.run_until([&] { return highest_acknowledged(terminal) == 2; }));
  const std::size_t acks = terminal.received<protocol::TapAck>().size();
  ASSERT_TRUE(terminal.send(foreign)) << "a resend";
  ASSERT_TRUE(terminal.wait_for<protocol::TapAck>(acks + 1));
  EXPECT_EQ(count("tap"), 1);
  EXPECT_EQ(count("inbox WHERE kind = 'sealed-unreadable' AND closed_ms IS NULL"), 1);
  EXPECT_EQ(count("log WHERE type = 'security.queue_unreadable'"), 1);
  expect_contract("security.queue_unreadable");
  const auto bytes = events::hex(foreign.sealed.view());
  EXPECT_EQ(count("inbox WHERE detail LIKE '%" + bytes + "%'"), 1) << "its bytes are kept";
  EXPECT_EQ(counters().unreadable, 2u);
}

TEST_F(HubTest, AStoredTapOfAnUnknownKindIsKeptForStaff) {
  start();
  TestTerminal terminal;
  ASSERT_TRUE(terminal.connect_tcp(port) && terminal.enter());
  auto tap = terminal.tap(1, 1, monday_0850);
  tap.kind = static_cast<protocol::ReadingKind>(9);
  ASSERT_TRUE(terminal.send(sealed(tap, keys.public_key)));
  ASSERT_TRUE(terminal.wait_for<protocol::TapAck>());
  EXPECT_EQ(count("inbox WHERE kind = 'sealed-unreadable'"), 1);
  EXPECT_EQ(count("tap"), 0);
}

TEST_F(HubTest, AStoredTapOfAnImpossibleTimeIsToldWithoutIt) {
  start();
  TestTerminal terminal;
  ASSERT_TRUE(terminal.connect_tcp(port) && terminal.enter());
  auto tap = terminal.tap(1, 1, std::numeric_limits<std::int64_t>::max());
  tap.monotonic_ms = std::numeric_limits<std::uint64_t>::max();
  ASSERT_TRUE(terminal.send(sealed(tap, keys.public_key)));
  ASSERT_TRUE(terminal.wait_for<protocol::TapAck>());
  EXPECT_EQ(count("inbox WHERE kind = 'sealed-unreadable'"), 1);
  EXPECT_EQ(count("tap"), 0);
  expect_contract("security.queue_unreadable");
}

TEST_F(HubTest, LiveTapsAreAnsweredWhileTheQueueDrains) {
  start();
  TestTerminal terminal;
  ASSERT_TRUE(terminal.connect_tcp(port) && terminal.enter());
  for (std::uint64_t number = 1; number <= 8; ++number) {
    ASSERT_TRUE(terminal.send(sealed(terminal.tap(number, 100, monday_0850), keys.public_key)));
  }
  ASSERT_TRUE(terminal.send(terminal.tap(9, 1, monday_0850)));
  EXPECT_TRUE(terminal.wait_for<protocol::Answer>());
  EXPECT_TRUE(terminal.run_until([&] { return highest_acknowledged(terminal) == 8; }));
}

// Who is there -----------------------------------------------------------------------------------

TEST_F(HubTest, KnowsWhoIsThere) {
  start();
  EXPECT_FALSE(status(0).connected);
  EXPECT_EQ(status(0).last_seen_ms, 0);
  {
    TestTerminal terminal({.panel_width = 800, .panel_height = 480, .boot = 7});
    ASSERT_TRUE(terminal.connect_tcp(port) && terminal.enter());
    ASSERT_TRUE(terminal.send(terminal.tap(1, 1, monday_0850)));
    ASSERT_TRUE(terminal.wait_for<protocol::Answer>());
    const TerminalStatus there = status(0);
    EXPECT_TRUE(there.connected);
    EXPECT_TRUE(there.panel);
    EXPECT_EQ(there.serial, "TC-1");
    EXPECT_EQ(there.room, "Door");
    EXPECT_EQ(there.firmware, "test-1.0");
    EXPECT_EQ(there.boot, 7u);
    EXPECT_EQ(there.capacity, 20000u);
    EXPECT_EQ(there.taps_live, 1u);
    EXPECT_GT(there.link.frames_in, 2u);
    EXPECT_FALSE(status(1).connected);
  }
  TestTerminal witness({.serial = "TC-2"});
  ASSERT_TRUE(witness.connect_tcp(port) && witness.enter());
  ASSERT_TRUE(witness.run_until([&] { return !status(0).connected; }));
  EXPECT_EQ(status(0).taps_live, 1u) << "figures outlive the connection";
  EXPECT_EQ(status(0).firmware, "test-1.0");
  EXPECT_GT(status(0).last_seen_ms, 0);
}

TEST_F(HubTest, LastSeenSurvivesARestartOfTheDaemon) {
  writer.run_now([](store::Database& db) {
    db.exec("INSERT INTO terminal (serial, last_seen_ms) VALUES ('TC-2', 123)");
  });
  start();
  TestTerminal witness;
  ASSERT_TRUE(witness.connect_tcp(port));
  EXPECT_TRUE(witness.run_until([&] { return status(1).last_seen_ms == 123; }));
}

TEST_F(HubTest, ARevokedTerminalIsSentAwayAtOnceAndForGood) {
  start();
  TestTerminal terminal;
  ASSERT_TRUE(terminal.connect_tcp(port) && terminal.enter());
  const auto revoked =
      asio::co_spawn(io, registry.revoke("TC-1", "It was stolen.", "desk-1", 0), asio::use_future)
          .get();
  ASSERT_TRUE(revoked) << revoked.error().text;
  EXPECT_TRUE(terminal.wait_closed());
  TestTerminal again;
  ASSERT_TRUE(again.connect_tcp(port));
  EXPECT_FALSE(again.enter());
  EXPECT_EQ(counters().not_configured, 1u);
}

TEST_F(HubTest, AMovedTerminalIsToldItsNewPlaceAtOnce) {
  start();
  TestTerminal terminal;
  ASSERT_TRUE(terminal.connect_tcp(port) && terminal.enter());
  ASSERT_TRUE(terminal.wait_for<protocol::Configure>());
  const auto before = terminal.received<protocol::Configure>()[0];
  EXPECT_EQ(before.mode, protocol::TerminalMode::training);
  EXPECT_TRUE(std::ranges::equal(before.languages.view(), std::string("en,fr")));
  const registry::Move move{.room = "Playroom", .mode = protocol::TerminalMode::childcare};
  ASSERT_TRUE(asio::co_spawn(io, registry.move("TC-1", move, "desk-1"), asio::use_future).get());
  ASSERT_TRUE(terminal.wait_for<protocol::Configure>(2));
  const auto after = terminal.received<protocol::Configure>()[1];
  EXPECT_EQ(after.mode, protocol::TerminalMode::childcare);
  EXPECT_TRUE(std::ranges::equal(after.room.view(), std::string("Playroom")));
  EXPECT_FALSE(terminal.closed());
  EXPECT_EQ(status().room, "Playroom");
}

TEST_F(HubTest, AnswersTheQuestionForTheTime) {
  start();
  TestTerminal terminal;
  ASSERT_TRUE(terminal.connect_tcp(port) && terminal.enter());
  ASSERT_TRUE(terminal.send(protocol::TimeRequest{4711}));
  ASSERT_TRUE(terminal.wait_for<protocol::TimeReply>());
  const auto reply = terminal.received<protocol::TimeReply>()[0];
  EXPECT_EQ(reply.t1_ms, 4711u);
  EXPECT_EQ(reply.t2_ms, monday_0850);
  EXPECT_EQ(reply.t3_ms, monday_0850);
  EXPECT_EQ(reply.trust, protocol::ClockTrust::synced);
}

TEST_F(HubTest, TamperingIsRecorded) {
  start();
  TestTerminal terminal;
  ASSERT_TRUE(terminal.connect_tcp(port) && terminal.enter());
  ASSERT_TRUE(terminal.send(protocol::Tamper{protocol::TamperSensor::reader, false, 99}));
  ASSERT_TRUE(
      terminal.run_until([&] { return count("log WHERE type = 'terminal.tampered'") == 1; }));
  expect_contract("terminal.tampered");
}

// A queue in one transfer -----------------------------------------------------------------------

TEST_F(HubTest, StoredTapsMayComeInOneTransfer) {
  start();
  TestTerminal terminal;
  auto state = terminal.state();
  state.next_number = 33;
  state.waiting = 32;
  ASSERT_TRUE(terminal.connect_tcp(port) && terminal.enter(state));
  std::vector<protocol::QueuedTap> taps;
  for (std::uint64_t number = 1; number <= 32; ++number) {
    const auto card = static_cast<std::uint8_t>(100 + number);
    taps.push_back(sealed(terminal.tap(number, card, monday_0850), keys.public_key));
  }
  ASSERT_TRUE(terminal.send_queue(taps));
  ASSERT_TRUE(terminal.run_until([&] { return highest_acknowledged(terminal) == 32; }));
  EXPECT_EQ(count("tap"), 32);
  ASSERT_TRUE(terminal.send_queue(taps)) << "a resend changes nothing";
  ASSERT_TRUE(terminal.run_until([&] { return terminal.received<protocol::TapAck>().size() > 1; }));
  EXPECT_EQ(count("tap"), 32);
}

TEST_F(HubTest, ATransferOfMoreThanTheHostTakesIsRefused) {
  start();
  TestTerminal terminal;
  ASSERT_TRUE(terminal.connect_tcp(port) && terminal.enter());
  const auto tap = sealed(terminal.tap(1, 1, monday_0850), keys.public_key);
  EXPECT_FALSE(terminal.send_queue(std::vector(60, tap)));
  EXPECT_EQ(count("tap"), 0);
  ASSERT_TRUE(terminal.send(terminal.tap(2, 1, monday_0850)));
  EXPECT_TRUE(terminal.wait_for<protocol::Answer>()) << "the link goes on";
}

TEST_F(HubTest, StopAnswersWhatIsBeingCommittedAndSaysGoodbyeWithinASecond) {
  start();
  TestTerminal first;
  TestTerminal second({.serial = "TC-2"});
  TestTerminal silent;
  ASSERT_TRUE(first.connect_tcp(port) && first.enter());
  ASSERT_TRUE(second.connect_tcp(port) && second.enter());
  ASSERT_TRUE(silent.connect_tcp(port)) << "connected, says nothing";
  ASSERT_TRUE(first.send(first.tap(1, 1, monday_0850)));
  auto stopped = std::async(std::launch::async, [this] { return stop(); });
  EXPECT_TRUE(first.wait_closed());
  EXPECT_TRUE(second.wait_closed());
  EXPECT_LT(stopped.get(), std::chrono::milliseconds{1000});
  ASSERT_EQ(first.received<protocol::Answer>().size(), 1u);
  EXPECT_FALSE(std::filesystem::exists(socket_path));
}

// Starting ---------------------------------------------------------------------------------------

TEST_F(HubTest, ABusyPortIsNamed) {
  start();
  asio::io_context other_io;
  config::Config busy = config;
  busy.links.listen = {"tcp:127.0.0.1:" + std::to_string(port)};
  Hub other(other_io, services(busy));
  const auto started = other.start();
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().find(std::to_string(port) + " is in use"), std::string::npos)
      << started.error();
}

TEST_F(HubTest, ASocketFileLeftByACrashIsReplacedButALiveOneIsNot) {
  start();
  asio::io_context other_io;
  config::Config same = config;
  same.links.listen = {"unix:" + socket_path};
  Hub other(other_io, services(same));
  EXPECT_FALSE(other.start());
  stop();

  asio::local::stream_protocol::acceptor dead(other_io,
                                              asio::local::stream_protocol::endpoint(socket_path));
  dead.close();
  ASSERT_TRUE(std::filesystem::exists(socket_path));
  EXPECT_TRUE(other.start());
}

}  // namespace
}  // namespace rollcall::terminals
