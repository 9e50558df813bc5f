// An end that has lost its session tells its peer, and the peer begins a new one: docs/protocol.md,
// "UNKNOWN SESSION".
#include <gtest/gtest.h>

#include "tests/unit/protocol/link_ends.hpp"

namespace rollcall::protocol::testing {
namespace {

using namespace std::chrono_literals;

struct UnknownSession : LinkTest {
  static std::size_t said(const Buffer& wire) {
    std::size_t count = 0;
    for (const SeenFrame& frame : frames_of(wire)) {
      if (frame.header.type != FrameType::unknown_session) continue;
      ++count;
      EXPECT_TRUE(frame.payload.empty());
      EXPECT_EQ(frame.header.flags + frame.header.channel + frame.header.counter_low, 0);
    }
    return count;
  }
  const Buffer unknown = wire_of({FrameType::unknown_session, 0, 0, 0}, {});
};

TEST_F(UnknownSession, RestartedHostMakesItsTerminalGreetAgainAtOnce) {
  connect();
  b.link.transport_lost();  // its state is gone, the line is not
  b.link.start(now);
  take(b);  // its greeting is lost
  send(a, "tap");
  give(b, take(a));
  const Buffer wire = take(b);
  EXPECT_EQ(said(wire), 1u);
  give(a, wire);
  EXPECT_EQ(a.downs, std::vector{CloseReason::restarted});
  a.link.start(now);
  settle();
  EXPECT_EQ(a.ups, 2);
  EXPECT_EQ(b.ups, 2);
}

TEST_F(UnknownSession, ItIsSaidForEveryFrameOfASession) {
  for (const FrameType type : {FrameType::data, FrameType::ack, FrameType::ping, FrameType::bye,
                               FrameType::bulk, FrameType::bulk_ack}) {
    End fresh(Role::host, hello_of(""));
    fresh.link.start(now);
    fresh.take(now);
    fresh.link.on_bytes(wire_of({type, 0, 0, 0}, Buffer(16)), now);
    EXPECT_EQ(said(fresh.take(now)), 1u) << static_cast<int>(type);
  }
}

TEST_F(UnknownSession, ItIsSaidAtMostOnceASecond) {
  b.link.start(now);
  take(b);
  std::size_t count = 0;
  for (int i = 0; i < 100; ++i) {
    give(b, wire_of({FrameType::ping, 0, 0, 0}, Buffer(16)));
    count += said(take(b));
    pass(100ms);
  }
  EXPECT_EQ(count, 10u);
}

TEST_F(UnknownSession, ItIsNotSaidToHandshakesGreetingsOrNoise) {
  b.link.start(now);
  take(b);
  give(b, wire_of({FrameType::handshake, 0, 1, 0}, Buffer(48)));
  give(b, unknown);
  give(b, unhex("0102030400"));
  EXPECT_EQ(said(take(b)), 0u);
  EXPECT_EQ(b.link.state(), LinkState::greeting);
}

TEST_F(UnknownSession, ItIsSaidInGreetingOnly) {
  connect();
  give(b, wire_of({FrameType::ping, 0, 0, 0}, {}));
  EXPECT_EQ(said(take(b)), 0u);
  b.link.close(now);
  give(b, wire_of({FrameType::ping, 0, 0, 0}, {}));
  EXPECT_EQ(said(take(b)), 0u);
}

TEST_F(UnknownSession, ItIsHeardAtMostOnceASecond) {
  connect();
  give(a, unknown);
  EXPECT_EQ(a.downs, std::vector{CloseReason::restarted});
  b.link.transport_lost();
  connect();
  for (int i = 0; i < 9; ++i) {
    give(a, unknown);
    EXPECT_EQ(a.link.state(), LinkState::up);
    pass(100ms);
    settle();
  }
  pass(100ms);
  give(a, unknown);
  EXPECT_EQ(a.downs.size(), 2u);
}

TEST_F(UnknownSession, ItEndsNothingButASession) {
  a.link.start(now);
  give(a, unknown);
  EXPECT_EQ(a.link.state(), LinkState::greeting);
  a.works = b.works = false;
  b.link.start(now);
  settle();
  ASSERT_EQ(a.link.state(), LinkState::handshake);
  give(a, unknown);
  EXPECT_EQ(a.link.state(), LinkState::handshake);
  EXPECT_EQ(a.link.counters().unexpected, 2u);
}

TEST_F(UnknownSession, ItMeansNothingOnAnUntaggedLink) {
  connect_in_clear();
  give(a, unknown);
  EXPECT_EQ(a.link.state(), LinkState::up);
  EXPECT_EQ(a.link.counters().unexpected, 1u);
}

// It carries no proof: whoever says it gains a new handshake and nothing else.
TEST_F(UnknownSession, WhoSaysItLearnsAndChangesNothing) {
  connect();
  send(a, "tap");
  take(a);
  give(a, unknown);
  EXPECT_TRUE(take(a).empty());
  EXPECT_EQ(a.sent, 0);
  EXPECT_TRUE(a.received.empty());
}

}  // namespace
}  // namespace rollcall::protocol::testing
