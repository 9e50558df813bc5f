// Messages over an open link: docs/protocol.md, "Link". link_fault_test.cpp tries its rules in any
// order.
#include <gtest/gtest.h>

#include "tests/unit/protocol/link_ends.hpp"

namespace rollcall::protocol::testing {
namespace {

using namespace std::chrono_literals;

TEST_F(LinkTest, MessageIsDeliveredOnceAndReportedSent) {
  connect();
  EXPECT_TRUE(a.link.can_send());
  EXPECT_TRUE(send(a, "tap"));
  EXPECT_FALSE(a.link.can_send());
  EXPECT_FALSE(send(a, "second"));
  settle();
  ASSERT_EQ(b.received.size(), 1u);
  EXPECT_EQ(text(b.received[0]), "tap");
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
  EXPECT_EQ(a.link.max_payload(), max_body_tcp - 24);
  EXPECT_FALSE(a.link.send(Buffer(max_body_tcp - 23), now));
  EXPECT_TRUE(a.link.send(Buffer(max_body_tcp - 24), now));
  settle();
  EXPECT_EQ(b.received.at(0).size(), max_body_tcp - 24);
}

TEST_F(LinkTest, LostDataFrameIsSentAgainByteForByte) {
  connect();
  send(a, "tap");
  const Buffer first = a.take(now);
  for (int i = 0; i < 3; ++i) {
    pass(a.link.next_deadline() - now);
    EXPECT_EQ(a.take(now), first);
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
  const Buffer frame = a.take(now);
  b.link.on_bytes(frame, now);
  b.take(now);  // the ACK is lost
  b.link.on_bytes(frame, now);
  EXPECT_EQ(b.received.size(), 1u);
  EXPECT_EQ(b.link.counters().duplicates, 1u);
  a.link.on_bytes(b.take(now), now);
  EXPECT_EQ(a.sent, 1);
}

TEST_F(LinkTest, AckRidesOnTheAnswerSentFromTheHandler) {
  connect();
  b.when_message = [&] { send(b, "answer"); };
  send(a, "tap");
  b.link.on_bytes(a.take(now), now);
  const auto frames = frames_of(b.take(now));
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

TEST_F(LinkTest, TimeoutFollowsTheMeasuredRoundTripWithinItsBounds) {
  connect();
  const auto timeout_after = [&](Millis round_trip) {
    for (int i = 0; i < 100; ++i) {
      send(a, "x");
      const Buffer frame = a.take(now);
      now += round_trip;
      b.link.on_bytes(frame, now);
      a.link.on_bytes(b.take(now), now);
    }
    send(a, "x");
    const Buffer frame = a.take(now);
    const Millis timeout = a.link.next_deadline() - now;
    b.link.on_bytes(frame, now);
    a.link.on_bytes(b.take(now), now);
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
  a.take(now);
  std::vector<Millis> waits;
  for (Millis last = now; waits.size() < 5;) {
    pass(a.link.next_deadline() - now);
    const auto frames = frames_of(a.take(now));
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
  a.link.consume(3, now);  // then the line takes nothing for four seconds
  for (int i = 0; i < 4; ++i) pass(1000ms);
  EXPECT_EQ(a.link.counters().retransmissions, 0u);
  Buffer frame = start;
  const Buffer rest = a.take(now);
  frame.insert(frame.end(), rest.begin(), rest.end());
  EXPECT_EQ(frames_of(frame).size(), 1u);
  b.link.on_bytes(frame, now);
  settle();
  EXPECT_EQ(a.sent, 1);
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
  a.link.on_bytes(b.take(now), now);
  send(a, "slow");                  // carries the ACK of sequence 0...
  const Buffer slow = a.take(now);  // ...and is lost for now
  pass(b.link.next_deadline() - now);
  a.link.on_bytes(b.take(now), now);  // duplicate of "one"
  b.link.on_bytes(a.take(now), now);
  ASSERT_EQ(b.sent, 1);
  send(b, "two");  // sequence 1
  a.link.on_bytes(b.take(now), now);
  b.link.on_bytes(a.take(now), now);
  ASSERT_EQ(b.sent, 2);
  send(b, "three");  // sequence 0 again
  b.take(now);       // lost
  b.link.on_bytes(slow, now);
  EXPECT_EQ(b.received.size(), 1u);
  EXPECT_EQ(b.sent, 2) << "the stale ACK was believed";
  pass(2000ms);
  settle();
  EXPECT_EQ(a.received.size(), 3u);
  EXPECT_EQ(b.sent, 3);
}

TEST_F(LinkTest, UsedCounterWithOtherBytesIsNotAcknowledged) {
  connect_in_clear();
  send(a, "tap");
  b.link.on_bytes(a.take(now), now);
  b.take(now);
  Buffer other(100);
  other.resize(write_frame({FrameType::data, 0, 0, 0}, as_bytes("pat"), other));
  b.link.on_bytes(other, now);
  EXPECT_TRUE(b.take(now).empty());
  EXPECT_EQ(b.received.size(), 1u);
  EXPECT_EQ(b.link.counters().unexpected, 1u);
}

TEST_F(LinkTest, DataOutOfTurnIsNeitherDeliveredNorAcknowledged) {
  connect_in_clear();
  Buffer skipped(100);
  skipped.resize(
      write_frame({FrameType::data, frame_flag::sequence, 0, 0}, as_bytes("x"), skipped));
  b.link.on_bytes(skipped, now);
  EXPECT_TRUE(b.take(now).empty());
  EXPECT_TRUE(b.received.empty());
  EXPECT_EQ(b.link.counters().unexpected, 1u);
}

TEST_F(LinkTest, CounterOutsideTheWindowIsDropped) {
  connect_in_clear();
  send(a, "tap");
  b.link.on_bytes(a.take(now), now);
  b.take(now);
  for (const int counter : {65, 100, 128, 191, 192, 255}) {
    Buffer far(100);
    far.resize(write_frame({FrameType::ping, 0, 0, static_cast<std::uint8_t>(counter)}, {}, far));
    b.link.on_bytes(far, now);
    EXPECT_TRUE(b.take(now).empty()) << counter;
  }
  EXPECT_EQ(b.link.counters().unexpected, 6u);
  Buffer farthest(100);
  farthest.resize(write_frame({FrameType::ping, 0, 0, 64}, {}, farthest));
  b.link.on_bytes(farthest, now);
  EXPECT_EQ(frames_of(b.take(now)).at(0).header.type, FrameType::ack);
}

TEST_F(LinkTest, LostFrameArrivesBehindHundredsOfNewerOnes) {
  connect();
  send(a, "lost");
  a.take(now);
  int delivered = 0;
  for (int i = 0; i < 5000 && b.received.empty(); ++i) {
    if (send(b, "x")) ++delivered;
    a.link.on_bytes(b.take(now), now);
    const Buffer from_a = a.take(now);
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

}  // namespace
}  // namespace rollcall::protocol::testing
