// How two ends prove their key to each other: docs/protocol.md, "Handshake". What is lost,
// repeated, replayed or late is in link_handshake_loss_test.cpp.
#include <gtest/gtest.h>

#include "tests/unit/protocol/link_ends.hpp"

namespace rollcall::protocol::testing {
namespace {

using namespace std::chrono_literals;

TEST_F(LinkHandshake, HostIsUpOnlyWhenTheTerminalHasProvenItsKey) {
  greet();
  const Buffer first = message_1();
  ASSERT_EQ(frames_of(first).at(0).header.type, FrameType::handshake);
  EXPECT_EQ(frames_of(first)[0].header.channel, 1);
  EXPECT_EQ(frames_of(first)[0].header.counter_low, 0);
  EXPECT_EQ(frames_of(first)[0].payload.size(), 48u);
  give(b, first);
  const Buffer second = message_2();
  ASSERT_EQ(frames_of(second).at(0).header.type, FrameType::handshake);
  EXPECT_EQ(frames_of(second)[0].header.channel, 2);
  EXPECT_EQ(frames_of(second)[0].payload.size(), 48u);
  EXPECT_EQ(b.link.state(), LinkState::handshake);
  EXPECT_FALSE(send(b, "too early"));
  give(a, second);
  EXPECT_EQ(a.ups, 0);
  a.work(now);
  EXPECT_EQ(a.ups, 1);
  EXPECT_EQ(b.ups, 0);
  const Buffer proof = take(a);
  EXPECT_EQ(frames_of(proof).at(0).header.type, FrameType::ack) << "no message waits";
  give(b, proof);
  EXPECT_EQ(b.ups, 1);
  EXPECT_TRUE(send(b, "now"));
}

TEST_F(LinkHandshake, MessageOfTheTerminalIsAProofAsGoodAsAnAck) {
  a.when_up = [&] { send(a, "state"); };
  connect();
  EXPECT_EQ(b.received.size(), 1u);
  EXPECT_EQ(a.sent, 1);
  EXPECT_EQ(b.ups, 1);
}

TEST_F(LinkHandshake, TerminalWithAnotherKeyGetsNoAnswer) {
  a.keys = {};
  a.keys.add(key_of(7));
  start();
  settle();
  EXPECT_EQ(b.downs, std::vector{CloseReason::handshake});
  EXPECT_EQ(b.link.counters().bad_handshake, 1u);
  EXPECT_EQ(a.ups + b.ups, 0);
  EXPECT_EQ(a.link.state(), LinkState::handshake);
  EXPECT_TRUE(take(b).empty());
}

TEST_F(LinkHandshake, HostWithoutTheKeyCannotAnswer) {
  greet();
  const Buffer first = message_1();
  End imposter(Role::host, hello_of(""));
  imposter.keys = {};
  imposter.keys.add(key_of(9));
  imposter.link.start(now);
  imposter.works = false;
  Buffer made_up(48, 0x31);
  give(a, wire_of({FrameType::handshake, 0, 2, 0}, made_up));
  a.work(now);
  EXPECT_EQ(a.downs, std::vector{CloseReason::handshake});
  EXPECT_EQ(a.link.counters().bad_handshake, 1u);
  EXPECT_EQ(a.ups, 0);
}

TEST_F(LinkHandshake, HostFindsTheOneOfTwoKeysThatTheTerminalHas) {
  for (const std::size_t which : {0u, 1u}) {
    End terminal(Role::terminal, hello_of("T-1"));
    End host(Role::host, hello_of(""));
    host.keys = {};
    host.keys.add(key_of(1));
    host.keys.add(key_of(2));
    terminal.keys = {};
    terminal.keys.add(key_of(which == 0 ? 1 : 2));
    terminal.link.start(now);
    host.link.start(now);
    exchange(terminal, host, now);
    EXPECT_EQ(terminal.ups, 1);
    EXPECT_EQ(host.ups, 1);
    EXPECT_EQ(host.proven_key, which);
  }
}

TEST_F(LinkHandshake, TwoKeysAreAllThatALinkTakes) {
  LinkKeys keys;
  for (std::uint8_t i = 1; i < 5; ++i) keys.add(key_of(i));
  EXPECT_EQ(keys.count, 2);
  EXPECT_EQ(keys.keys[1], key_of(2));
}

TEST_F(LinkHandshake, RefusedPeerHearsNothingButHello) {
  b.admission = Admission::refused;
  start();
  const Buffer greeting = take(a);
  give(b, greeting);
  Buffer said = take(b);
  give(a, said);
  give(b, take(a));
  EXPECT_EQ(b.downs, std::vector{CloseReason::refused});
  for (int i = 0; i < 5; ++i) {
    const Buffer more = take(b);
    said.insert(said.end(), more.begin(), more.end());
    pass(500ms);
    give(b, take(a));
  }
  for (const SeenFrame& frame : frames_of(said)) EXPECT_EQ(frame.header.type, FrameType::hello);
  EXPECT_EQ(b.ups, 0);
}

TEST_F(LinkHandshake, EndWithoutAnyKeyForItsPeerCloses) {
  for (End* keyless : {&a, &b}) {
    keyless->keys = {};
    start();
    settle();
    EXPECT_EQ(keyless->downs.back(), CloseReason::refused);
    EXPECT_EQ(a.ups + b.ups, 0);
    a.link.transport_lost();
    b.link.transport_lost();
    keyless->keys.add(key_of(common_key));
  }
}

TEST_F(LinkHandshake, LinkThatEnrolsGoesUpWithoutAHandshake) {
  connect_in_clear();
  send(a, "enrol");
  const Buffer wire = take(a);
  EXPECT_EQ(text(frames_of(wire).at(0).payload), "enrol");
  give(b, wire);
  EXPECT_EQ(b.received.size(), 1u);
  EXPECT_FALSE(a.link.take_handshake().has_value());
}

TEST_F(LinkHandshake, BothEndsKnowTheSameGreetings) {
  connect();
  EXPECT_EQ(a.link.own_hello_digest(), b.link.peer_hello_digest());
  EXPECT_EQ(b.link.own_hello_digest(), a.link.peer_hello_digest());
  EXPECT_EQ(a.link.own_hello_digest(), crypto::sha256(encoded(hello_of("T-1"))));
  EXPECT_EQ(b.link.own_hello_digest(), crypto::sha256(encoded(hello_of(""))));
}

// Whoever changes any bit of a greeting on its way breaks the handshake: no downgrade.
TEST_F(LinkHandshake, AnyChangedBitOfAHelloBreaksIt) {
  const auto try_with = [&](bool from_terminal, std::size_t bit) {
    End terminal(Role::terminal, hello_of("T-1"));
    End host(Role::host, hello_of("", 512));
    const auto tamper = [&](const Buffer& wire) {
      Buffer out;
      for (SeenFrame& frame : frames_of(wire)) {
        if (frame.header.type == FrameType::hello) {
          frame.payload.at(bit / 8) ^= static_cast<std::uint8_t>(1u << (bit % 8));
        }
        const Buffer again = wire_of(frame.header, frame.payload);
        out.insert(out.end(), again.begin(), again.end());
      }
      return out;
    };
    terminal.link.start(now);
    host.link.start(now);
    for (int i = 0; i < 10; ++i) {
      Buffer wire = terminal.take(now);
      host.link.on_bytes(from_terminal ? tamper(wire) : wire, now);
      wire = host.take(now);
      terminal.link.on_bytes(from_terminal ? wire : tamper(wire), now);
    }
    return terminal.ups + host.ups;
  };
  for (std::size_t bit = 0; bit < 8 * encoded(hello_of("T-1")).size(); ++bit) {
    ASSERT_EQ(try_with(true, bit), 0) << bit;
  }
  for (std::size_t bit = 0; bit < 8 * encoded(hello_of("", 512)).size(); ++bit) {
    ASSERT_EQ(try_with(false, bit), 0) << bit;
  }
}

}  // namespace
}  // namespace rollcall::protocol::testing
