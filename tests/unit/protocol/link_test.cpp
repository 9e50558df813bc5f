// The rules of docs/protocol.md, "Link", one by one. link_fault_test.cpp tries them in any order.
#include "protocol/link.hpp"

#include <gtest/gtest.h>

#include "link_ends.hpp"

namespace rollcall::protocol::testing {
namespace {

using namespace std::chrono_literals;

struct LinkTest : ::testing::Test {
  ClearSession session;
  End a{session, hello_of("T-1")};
  End b{session, hello_of("")};
  Millis now{1000};

  // Everything both ends want to say, until both are silent.
  void settle() {
    for (int i = 0; i < 100; ++i) {
      const Buffer from_a = a.take();
      b.link.on_bytes(from_a, now);
      const Buffer from_b = b.take();
      a.link.on_bytes(from_b, now);
      if (from_a.empty() && from_b.empty()) return;
    }
    FAIL() << "the ends never fall silent";
  }
  void connect() {
    a.link.start(now);
    b.link.start(now);
    settle();
    ASSERT_EQ(a.link.state(), LinkState::up);
    ASSERT_EQ(b.link.state(), LinkState::up);
  }
  void pass(Millis time) {
    now += time;
    a.link.poll(now);
    b.link.poll(now);
  }
  bool send(End& from, std::string_view text) { return from.link.send(0, as_bytes(text), now); }
  static std::string text(const Buffer& bytes) { return {bytes.begin(), bytes.end()}; }
};

TEST_F(LinkTest, BothEndsComeUpAndSeeEachOther) {
  connect();
  EXPECT_EQ(a.ups, 1);
  EXPECT_EQ(b.ups, 1);
  EXPECT_EQ(b.peer_serial, "T-1");
  EXPECT_EQ(a.link.version(), 1);
  EXPECT_EQ(b.link.peer().max_frame, max_body_tcp);
  EXPECT_EQ(a.link.counters().unexpected + b.link.counters().unexpected, 0u);
}

TEST_F(LinkTest, HelloBeginsWithADelimiterThatEndsNoise) {
  a.link.start(now);
  b.link.start(now);
  b.take();
  b.link.on_bytes(unhex("41424344"), now);
  b.link.on_bytes(a.take(), now);
  EXPECT_EQ(b.link.state(), LinkState::up);
}

TEST_F(LinkTest, LostHelloIsRepeated) {
  a.link.start(now);
  b.link.start(now);
  a.take();
  b.take();
  pass(499ms);
  EXPECT_TRUE(a.take().empty());
  pass(1ms);
  settle();
  EXPECT_EQ(a.link.state(), LinkState::up);
  EXPECT_EQ(b.link.state(), LinkState::up);
}

TEST_F(LinkTest, EndThatMissedTheReplyIsAnsweredAgain) {
  a.link.start(now);
  b.link.start(now);
  b.take();
  b.link.on_bytes(a.take(), now);
  ASSERT_EQ(b.link.state(), LinkState::up);
  b.take();  // b's reply is lost
  send(b, "early");
  b.take();
  for (int i = 0; i < 3; ++i) {
    pass(500ms);
    settle();
  }
  EXPECT_EQ(a.link.state(), LinkState::up);
  ASSERT_EQ(a.received.size(), 1u);
  EXPECT_EQ(a.downs.size() + b.downs.size(), 0u);
}

TEST_F(LinkTest, RepeatedHellosInFlightDoNotRestartTheLink) {
  a.link.start(now);
  Buffer repeated = a.take();
  for (int i = 0; i < 4; ++i) {
    pass(500ms);
    const Buffer more = a.take();
    repeated.insert(repeated.end(), more.begin(), more.end());
  }
  b.link.start(now);  // the host was slow: all five arrive together
  b.take();
  while (!repeated.empty()) {
    const std::size_t some = std::min<std::size_t>(10, repeated.size());
    b.link.on_bytes(Bytes(repeated).first(some), now);
    repeated.erase(repeated.begin(), repeated.begin() + static_cast<std::ptrdiff_t>(some));
    const Buffer reply = b.take();
    a.link.on_bytes(reply, now);
    send(a, "tap");
    send(b, "welcome");
  }
  settle();
  EXPECT_EQ(a.downs.size() + b.downs.size(), 0u);
  EXPECT_EQ(a.received.size(), 1u);
  EXPECT_EQ(b.received.size(), 1u);
}

TEST_F(LinkTest, MessageIsDeliveredOnceAndReportedSent) {
  connect();
  EXPECT_TRUE(a.link.can_send());
  EXPECT_TRUE(a.link.send(7, as_bytes("tap"), now));
  EXPECT_FALSE(a.link.can_send());
  EXPECT_FALSE(send(a, "second"));
  settle();
  ASSERT_EQ(b.received.size(), 1u);
  EXPECT_EQ(text(b.received[0]), "tap");
  EXPECT_EQ(b.channels[0], 7);
  EXPECT_EQ(a.sent, 1);
  EXPECT_TRUE(a.link.can_send());
}

TEST_F(LinkTest, NothingIsTakenBeforeUpOrWhenTooLong) {
  EXPECT_FALSE(send(a, "x"));
  EXPECT_EQ(a.link.max_payload(), 0u);
  a.link.start(now);
  EXPECT_FALSE(send(a, "x"));
  settle();
  connect();
  EXPECT_EQ(a.link.max_payload(), max_body_tcp - 8);
  EXPECT_FALSE(a.link.send(0, Buffer(max_body_tcp - 7), now));
  EXPECT_TRUE(a.link.send(0, Buffer(max_body_tcp - 8), now));
  settle();
  EXPECT_EQ(b.received.at(0).size(), max_body_tcp - 8);
}

TEST_F(LinkTest, SmallerFrameLimitHoldsForBoth) {
  End small{session, hello_of("B-1", max_body_serial)};
  End large{session, hello_of("", max_body_tcp)};
  small.link.start(now);
  large.link.start(now);
  large.link.on_bytes(small.take(), now);
  small.link.on_bytes(large.take(), now);
  EXPECT_EQ(small.link.max_payload(), max_body_serial - 8);
  EXPECT_EQ(large.link.max_payload(), max_body_serial - 8);
}

TEST_F(LinkTest, OwnFrameLimitIsBroughtIntoRange) {
  End tiny{session, hello_of("B-1", 0)};
  tiny.link.start(now);
  b.link.start(now);
  b.link.on_bytes(tiny.take(), now);
  EXPECT_EQ(b.link.peer().max_frame, max_body_serial);
}

TEST_F(LinkTest, LostDataFrameIsSentAgainByteForByte) {
  connect();
  send(a, "tap");
  const Buffer first = a.take();
  for (int i = 0; i < 3; ++i) {
    pass(a.link.next_deadline() - now);
    EXPECT_EQ(a.take(), first);
  }
  EXPECT_EQ(a.link.counters().retransmissions, 3u);
  b.link.on_bytes(first, now);
  settle();
  EXPECT_EQ(b.received.size(), 1u);
  EXPECT_EQ(a.sent, 1);
}

TEST_F(LinkTest, DuplicateIsAcknowledgedAndNotDelivered) {
  connect();
  send(a, "tap");
  const Buffer frame = a.take();
  b.link.on_bytes(frame, now);
  b.take();  // the ACK is lost
  b.link.on_bytes(frame, now);
  EXPECT_EQ(b.received.size(), 1u);
  EXPECT_EQ(b.link.counters().duplicates, 1u);
  a.link.on_bytes(b.take(), now);
  EXPECT_EQ(a.sent, 1);
}

TEST_F(LinkTest, AckRidesOnTheAnswerSentFromTheHandler) {
  connect();
  b.when_message = [&] { send(b, "answer"); };
  send(a, "tap");
  b.link.on_bytes(a.take(), now);
  const auto frames = frames_of(b.take());
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].header.type, FrameType::data);
  EXPECT_NE(frames[0].header.flags & frame_flag::ack, 0);
}

TEST_F(LinkTest, NextMessageCanBeSentFromOnSent) {
  connect();
  int left = 5;
  a.when_sent = [&] {
    if (left-- > 0) send(a, "more");
  };
  send(a, "first");
  settle();
  EXPECT_EQ(b.received.size(), 6u);
  EXPECT_EQ(a.sent, 6);
}

TEST_F(LinkTest, SentIsReportedBeforeTheMessageThatCarriedTheAck) {
  connect();
  std::string order;
  a.when_sent = [&] { order += 's'; };
  a.when_message = [&] { order += a.link.can_send() ? 'M' : 'm'; };
  b.when_message = [&] { send(b, "answer"); };
  send(a, "tap");
  settle();
  EXPECT_EQ(order, "sM");
}

TEST_F(LinkTest, UnacknowledgedFrameClosesTheLinkInBoundedTime) {
  connect();
  send(a, "tap");
  int frames = 0;
  const Millis start = now;
  while (a.link.state() == LinkState::up) {
    frames += static_cast<int>(frames_of(a.take()).size());
    now = a.link.next_deadline();
    a.link.poll(now);
  }
  EXPECT_EQ(frames, link_timing::max_transmissions);
  EXPECT_EQ(a.downs, std::vector{CloseReason::unacknowledged});
  EXPECT_LE(now - start, link_timing::silence_limit);
}

TEST_F(LinkTest, TimeoutFollowsTheMeasuredRoundTripWithinItsBounds) {
  connect();
  const auto timeout_after = [&](Millis round_trip) {
    for (int i = 0; i < 100; ++i) {
      send(a, "x");
      const Buffer frame = a.take();
      now += round_trip;
      b.link.on_bytes(frame, now);
      a.link.on_bytes(b.take(), now);
    }
    send(a, "x");
    const Buffer frame = a.take();
    const Millis timeout = a.link.next_deadline() - now;
    b.link.on_bytes(frame, now);
    a.link.on_bytes(b.take(), now);
    return timeout;
  };
  EXPECT_EQ(timeout_after(2ms), link_timing::retransmit_min);
  const Millis slow = timeout_after(300ms);
  EXPECT_GE(slow, 300ms);
  EXPECT_LE(slow, 800ms);
  EXPECT_EQ(timeout_after(3000ms), link_timing::retransmit_max);
  EXPECT_EQ(timeout_after(1ms), link_timing::retransmit_min);
}

TEST_F(LinkTest, TimeoutDoublesUpToItsLimit) {
  connect();
  send(a, "tap");
  a.take();
  std::vector<Millis> waits;
  for (Millis last = now; waits.size() < 5;) {
    pass(a.link.next_deadline() - now);
    const auto frames = frames_of(a.take());
    if (frames.empty() || frames[0].header.type != FrameType::data) continue;
    waits.push_back(now - last);
    last = now;
  }
  EXPECT_EQ(waits, (std::vector<Millis>{500ms, 1000ms, 2000ms, 2000ms, 2000ms}));
}

TEST_F(LinkTest, StalledOutputIsNotRetransmitted) {
  connect();
  send(a, "tap");
  const Buffer start = to_buffer(a.link.pending_output().first(3));
  a.link.consume(3);  // then the line takes nothing for four seconds
  for (int i = 0; i < 4; ++i) pass(1000ms);
  EXPECT_EQ(a.link.counters().retransmissions, 0u);
  Buffer frame = start;
  const Buffer rest = a.take();
  frame.insert(frame.end(), rest.begin(), rest.end());
  EXPECT_EQ(frames_of(frame).size(), 1u);
  b.link.on_bytes(frame, now);
  settle();
  EXPECT_EQ(a.sent, 1);
}

TEST_F(LinkTest, QuietLinkStaysUpByPings) {
  connect();
  for (int i = 0; i < 60; ++i) {
    pass(1000ms);
    settle();
  }
  EXPECT_EQ(a.link.state(), LinkState::up);
  EXPECT_EQ(b.link.state(), LinkState::up);
  EXPECT_LE(a.link.counters().frames_out, 30u);
}

TEST_F(LinkTest, SilenceClosesTheLink) {
  connect();
  while (a.link.state() == LinkState::up) {
    a.take();
    now = a.link.next_deadline();
    a.link.poll(now);
  }
  EXPECT_EQ(a.downs, std::vector{CloseReason::silence});
  EXPECT_EQ(now, 1000ms + link_timing::silence_limit);
  EXPECT_EQ(a.link.next_deadline(), Millis::max());
}

TEST_F(LinkTest, PeerThatNeverGreetsIsGivenUp) {
  a.link.start(now);
  while (a.link.state() == LinkState::greeting) {
    a.take();
    now = a.link.next_deadline();
    a.link.poll(now);
  }
  EXPECT_EQ(a.downs, std::vector{CloseReason::silence});
}

TEST_F(LinkTest, GoodbyeClosesBothEnds) {
  connect();
  a.link.close(now);
  EXPECT_EQ(a.downs, std::vector{CloseReason::local});
  settle();
  EXPECT_EQ(b.downs, std::vector{CloseReason::peer_bye});
  EXPECT_TRUE(b.take().empty());
  a.link.close(now);
  EXPECT_EQ(a.downs.size(), 1u);
}

TEST_F(LinkTest, MessageThatMadeTheOwnerCloseIsAcknowledgedFirst) {
  connect();
  b.when_message = [&] { b.link.close(now); };
  send(a, "tap");
  settle();
  EXPECT_EQ(a.sent, 1);
  EXPECT_EQ(a.downs, std::vector{CloseReason::peer_bye});
}

TEST_F(LinkTest, MessageBehindAnAckThatMadeTheOwnerCloseIsNotAcknowledged) {
  connect();
  a.when_sent = [&] { a.link.close(now); };
  b.when_message = [&] { send(b, "answer"); };
  send(a, "tap");
  settle();
  EXPECT_TRUE(a.received.empty());
  EXPECT_EQ(b.sent, 0);
  EXPECT_EQ(b.downs, std::vector{CloseReason::peer_bye});
}

TEST_F(LinkTest, LostTransportIsReportedOnceAndNothingIsSent) {
  connect();
  send(a, "tap");
  a.link.transport_lost();
  a.link.transport_lost();
  EXPECT_EQ(a.downs, std::vector{CloseReason::transport});
  EXPECT_TRUE(a.take().empty());
  a.link.on_bytes(b.take(), now);
  a.link.poll(now + 60s);
  EXPECT_TRUE(a.take().empty());
}

TEST_F(LinkTest, ConnectsAgainAfterEveryEnd) {
  for (int i = 0; i < 3; ++i) {
    connect();
    send(a, "tap");
    settle();
    a.link.close(now);
    settle();
  }
  EXPECT_EQ(a.ups, 3);
  EXPECT_EQ(b.received.size(), 3u);
}

TEST_F(LinkTest, RestartedPeerIsNoticedAtItsHello) {
  connect();
  send(a, "tap");
  settle();
  End reborn{session, hello_of("T-1")};
  reborn.link.start(now);
  b.link.on_bytes(reborn.take(), now);
  EXPECT_EQ(b.downs, std::vector{CloseReason::restarted});
  b.link.start(now);
  reborn.link.on_bytes(b.take(), now);
  b.link.on_bytes(reborn.take(), now);
  EXPECT_EQ(reborn.link.state(), LinkState::up);
  EXPECT_EQ(b.link.state(), LinkState::up);
}

TEST_F(LinkTest, OtherPeerIsNoticedEvenIfNothingWasHeardYet) {
  a.link.start(now);
  b.link.start(now);
  b.link.on_bytes(a.take(), now);
  End other{session, hello_of("T-2")};
  other.link.start(now);
  b.link.on_bytes(other.take(), now);
  EXPECT_EQ(b.downs, std::vector{CloseReason::restarted});
}

TEST_F(LinkTest, HighestCommonVersionIsAgreed) {
  Hello newer = hello_of("T-1");
  newer.protocol_max = 9;
  Hello middle = hello_of("");
  middle.protocol_min = 2;
  middle.protocol_max = 5;
  End x{session, newer};
  End y{session, middle};
  x.link.start(now);
  y.link.start(now);
  y.link.on_bytes(x.take(), now);
  x.link.on_bytes(y.take(), now);
  EXPECT_EQ(x.link.version(), 5);
  EXPECT_EQ(y.link.version(), 5);
}

TEST_F(LinkTest, EndsWithoutCommonVersionBothLearnIt) {
  Hello future = hello_of("");
  future.protocol_min = 2;
  future.protocol_max = 3;
  End host{session, future};
  a.link.start(now);
  host.link.start(now);
  host.take();  // lost: the host's answer must still come
  host.link.on_bytes(a.take(), now);
  EXPECT_EQ(host.downs, std::vector{CloseReason::version});
  a.link.on_bytes(host.take(), now);
  EXPECT_EQ(a.downs, std::vector{CloseReason::version});
  EXPECT_EQ(a.ups + host.ups, 0);
}

TEST_F(LinkTest, HelloThatMakesNoSenseIsRefused) {
  Hello inverted = hello_of("T-1");
  inverted.protocol_min = 2;
  Hello odd_serial = hello_of("T 1");
  Hello spoofing = hello_of("T-1\n");
  for (const Hello& bad : {inverted, odd_serial, spoofing}) {
    End peer{session, bad};
    End host{session, hello_of("")};
    peer.link.start(now);
    host.link.start(now);
    host.link.on_bytes(peer.take(), now);
    EXPECT_EQ(host.downs, std::vector{CloseReason::bad_hello});
    EXPECT_EQ(host.ups, 0);
  }
  Buffer junk(100);
  junk.resize(write_frame({FrameType::hello, 0, 0, 0}, unhex("8101"), junk));
  a.link.start(now);
  a.link.on_bytes(junk, now);
  EXPECT_EQ(a.downs, std::vector{CloseReason::bad_hello});
}

TEST_F(LinkTest, HelloOfALaterVersionWithMoreFieldsIsUnderstood) {
  nlohmann::json hello = to_json(hello_of("T-9"));
  hello.push_back("a field of later");
  Buffer frame(300);
  frame.resize(write_frame({FrameType::hello, 0, 0, 0}, nlohmann::json::to_cbor(hello), frame));
  b.link.start(now);
  b.link.on_bytes(frame, now);
  EXPECT_EQ(b.link.state(), LinkState::up);
  EXPECT_EQ(b.peer_serial, "T-9");
}

TEST_F(LinkTest, SessionFramesBeforeHelloAreDropped) {
  connect();
  send(a, "tap");
  const Buffer frame = a.take();
  End fresh{session, hello_of("")};
  fresh.link.on_bytes(frame, now);
  fresh.link.start(now);
  fresh.link.on_bytes(frame, now);
  EXPECT_TRUE(fresh.received.empty());
  EXPECT_EQ(fresh.link.counters().unexpected, 1u);
}

TEST_F(LinkTest, DamageIsCountedByKind) {
  connect();
  Buffer frame(100);
  frame.resize(write_frame({FrameType::ping, 0, 0, 0}, {}, frame));
  frame[frame.size() - 2] ^= 0x10;
  b.link.on_bytes(frame, now);
  b.link.on_bytes(unhex("ff00"), now);
  b.link.on_bytes(unhex("020100"), now);
  b.link.on_bytes(Buffer(3000, 0x11), now);
  b.link.on_bytes(unhex("00"), now);
  EXPECT_EQ(b.link.counters().bad_crc, 1u);
  EXPECT_EQ(b.link.counters().bad_cobs, 1u);
  EXPECT_EQ(b.link.counters().too_short, 1u);
  EXPECT_EQ(b.link.counters().too_long, 1u);
  EXPECT_EQ(b.link.state(), LinkState::up);
}

// A retransmitted frame carries the ACK bits of its first transmission. Here they would acknowledge
// a message that was sent later and lost, had the peer not seen newer frames in between.
TEST_F(LinkTest, StaleAckInARetransmissionAcknowledgesNothing) {
  connect();
  send(b, "one");  // sequence 0
  a.link.on_bytes(b.take(), now);
  send(a, "slow");               // carries the ACK of sequence 0...
  const Buffer slow = a.take();  // ...and is lost for now
  pass(b.link.next_deadline() - now);
  a.link.on_bytes(b.take(), now);  // duplicate of "one"
  b.link.on_bytes(a.take(), now);
  ASSERT_EQ(b.sent, 1);
  send(b, "two");  // sequence 1
  a.link.on_bytes(b.take(), now);
  b.link.on_bytes(a.take(), now);
  ASSERT_EQ(b.sent, 2);
  send(b, "three");  // sequence 0 again
  b.take();          // lost
  b.link.on_bytes(slow, now);
  EXPECT_EQ(b.received.size(), 1u);
  EXPECT_EQ(b.sent, 2) << "the stale ACK was believed";
  pass(2000ms);
  settle();
  EXPECT_EQ(a.received.size(), 3u);
  EXPECT_EQ(b.sent, 3);
}

TEST_F(LinkTest, UsedCounterWithOtherBytesIsNotAcknowledged) {
  connect();
  send(a, "tap");
  b.link.on_bytes(a.take(), now);
  b.take();
  Buffer other(100);
  other.resize(write_frame({FrameType::data, 0, 0, 0}, as_bytes("pat"), other));
  b.link.on_bytes(other, now);
  EXPECT_TRUE(b.take().empty());
  EXPECT_EQ(b.received.size(), 1u);
  EXPECT_EQ(b.link.counters().unexpected, 1u);
}

TEST_F(LinkTest, DataOutOfTurnIsNeitherDeliveredNorAcknowledged) {
  connect();
  Buffer skipped(100);
  skipped.resize(
      write_frame({FrameType::data, frame_flag::sequence, 0, 0}, as_bytes("x"), skipped));
  b.link.on_bytes(skipped, now);
  EXPECT_TRUE(b.take().empty());
  EXPECT_TRUE(b.received.empty());
  EXPECT_EQ(b.link.counters().unexpected, 1u);
}

TEST_F(LinkTest, CounterOutsideTheWindowIsDropped) {
  connect();
  send(a, "tap");
  b.link.on_bytes(a.take(), now);
  b.take();
  for (const int counter : {65, 100, 128, 191, 192, 255}) {
    Buffer far(100);
    far.resize(write_frame({FrameType::ping, 0, 0, static_cast<std::uint8_t>(counter)}, {}, far));
    b.link.on_bytes(far, now);
    EXPECT_TRUE(b.take().empty()) << counter;
  }
  EXPECT_EQ(b.link.counters().unexpected, 6u);
  Buffer farthest(100);
  farthest.resize(write_frame({FrameType::ping, 0, 0, 64}, {}, farthest));
  b.link.on_bytes(farthest, now);
  EXPECT_EQ(frames_of(b.take()).at(0).header.type, FrameType::ack);
}

TEST_F(LinkTest, LostFrameArrivesBehindHundredsOfNewerOnes) {
  connect();
  send(a, "lost");
  a.take();
  int delivered = 0;
  for (int i = 0; i < 5000 && b.received.empty(); ++i) {
    if (send(b, "x")) ++delivered;
    a.link.on_bytes(b.take(), now);
    const Buffer from_a = a.take();
    b.link.on_bytes(from_a, now);
    pass(1ms);
  }
  settle();
  EXPECT_EQ(b.received.size(), 1u);
  EXPECT_EQ(a.sent, 1);
  EXPECT_GE(delivered, static_cast<int>(counter_window) - 1);
  EXPECT_EQ(a.downs.size() + b.downs.size(), 0u);
}

TEST_F(LinkTest, ManyThousandMessagesWrapTheCounters) {
  connect();
  for (int i = 0; i < 3000; ++i) {
    ASSERT_TRUE(send(a, std::to_string(i)));
    if (i % 3 == 0) {
      ASSERT_TRUE(send(b, "x"));
    }
    settle();
    ASSERT_EQ(text(b.received.back()), std::to_string(i));
  }
  EXPECT_EQ(a.link.counters().unexpected + b.link.counters().unexpected, 0u);
}

struct TaggedLinkTest : LinkTest {
  TaggedSession tagged;
  End c{tagged, hello_of("T-1")};
  End d{tagged, hello_of("")};

  void connect_tagged() {
    c.link.start(now);
    d.link.start(now);
    exchange();
    ASSERT_EQ(c.link.state(), LinkState::up);
    ASSERT_EQ(d.link.state(), LinkState::up);
  }
  void exchange() {
    for (int i = 0; i < 10; ++i) {
      d.link.on_bytes(c.take(), now);
      c.link.on_bytes(d.take(), now);
    }
  }
  // The frame with byte `at` of its body changed and a right CRC again.
  static Buffer forged(Bytes wire, std::size_t at) {
    Buffer body(wire.begin(), wire.end() - 1);
    body.resize(*cobs_decode(body) - frame_crc_size);
    body[at] ^= 0x01;
    Buffer out(wire.size() + 10);
    out.resize(write_frame({static_cast<FrameType>(body[0]), body[1], body[2], body[3]},
                           Bytes(body).subspan(frame_header_size), out));
    return out;
  }
};

TEST_F(TaggedLinkTest, LostFrameIsStillOpenedBehindHundredsOfNewerOnes) {
  connect_tagged();
  c.link.send(0, as_bytes("lost"), now);
  c.take();
  for (int i = 0; i < 1000; ++i) {
    d.link.send(0, as_bytes("x"), now);
    c.link.on_bytes(d.take(), now);
    d.link.on_bytes(c.take(), now);
    now += 1ms;
    c.link.poll(now);
    d.link.poll(now);
  }
  EXPECT_EQ(d.received.size(), 1u);
  EXPECT_GT(c.received.size(), 400u);
  EXPECT_TRUE(c.downs.empty());
  EXPECT_TRUE(d.downs.empty());
}

TEST_F(TaggedLinkTest, EveryFrameCarriesATag) {
  connect_tagged();
  EXPECT_EQ(c.link.max_payload(), max_body_tcp - 8 - 16);
  c.link.send(0, as_bytes("tap"), now);
  const Buffer data = c.take();
  EXPECT_EQ(frames_of(data).at(0).payload.size(), 3u + 16u);
  d.link.on_bytes(data, now);
  const Buffer ack = d.take();
  EXPECT_EQ(frames_of(ack).at(0).payload.size(), 16u);
  c.link.on_bytes(ack, now);
  EXPECT_EQ(c.sent, 1);
}

TEST_F(TaggedLinkTest, ForgedByteClosesTheSessionAndIsCounted) {
  // Flags other than the sequence bit, channel, and payload. A changed type or counter is dropped
  // or fails as well; what matters is that no message comes out.
  for (const std::size_t at : {std::size_t{2}, frame_header_size, frame_header_size + 5}) {
    connect_tagged();
    c.link.send(0, as_bytes("tap"), now);
    const std::uint32_t before = d.link.counters().bad_tag;
    d.link.on_bytes(forged(c.take(), at), now);
    EXPECT_EQ(d.link.counters().bad_tag, before + 1) << at;
    EXPECT_EQ(d.downs.back(), CloseReason::security) << at;
    EXPECT_TRUE(d.received.empty());
    EXPECT_TRUE(d.take().empty()) << "nothing is said under a broken session";
    c.link.transport_lost();
  }
}

TEST_F(TaggedLinkTest, ForgedAckClosesTheSession) {
  connect_tagged();
  c.link.send(0, as_bytes("tap"), now);
  d.link.on_bytes(c.take(), now);
  c.link.on_bytes(forged(d.take(), 1), now);
  EXPECT_EQ(c.downs, std::vector{CloseReason::security});
  EXPECT_EQ(c.sent, 0);
}

TEST_F(TaggedLinkTest, UntaggedFramesAreDroppedAndCounted) {
  connect_tagged();
  Buffer bare(100);
  bare.resize(write_frame({FrameType::bye, 0, 0, 0}, {}, bare));
  d.link.on_bytes(bare, now);
  EXPECT_EQ(d.link.state(), LinkState::up);
  EXPECT_EQ(d.link.counters().unexpected, 1u);
}

TEST_F(TaggedLinkTest, ReplayedFramesDoNothing) {
  connect_tagged();
  c.link.send(0, as_bytes("one"), now);
  const Buffer one = c.take();
  d.link.on_bytes(one, now);
  const Buffer ack_one = d.take();
  c.link.on_bytes(ack_one, now);
  c.link.send(0, as_bytes("two"), now);
  c.link.on_bytes(ack_one, now);
  EXPECT_EQ(c.sent, 1);
  d.link.on_bytes(c.take(), now);
  d.link.on_bytes(one, now);
  EXPECT_EQ(d.received.size(), 2u);
  EXPECT_EQ(d.link.state(), LinkState::up);
}

}  // namespace
}  // namespace rollcall::protocol::testing
