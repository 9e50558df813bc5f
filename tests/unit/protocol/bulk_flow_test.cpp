// How bulk frames follow each other, and what a hostile peer gains: docs/protocol.md, "Bulk
// transfers".
#include "protocol/link_timing.hpp"
#include "tests/unit/protocol/bulk_ends.hpp"

namespace rollcall::protocol::testing {
namespace {

using namespace std::chrono_literals;
using enum BulkResult;
using Results = std::vector<BulkResult>;

struct BulkFlow : BulkTest {
  // A transfer of ours, accepted as a test likes.
  void accepted(std::size_t bytes, std::uint8_t window, std::uint32_t offset = 0) {
    offer(some_bytes(bytes));
    const auto sent = decode<BulkOffer>(message(sender, now));
    number = sent.value().transfer;
    ASSERT_TRUE(say(sender, BulkAccept{number, offset, window}));
  }
  void ack(std::uint32_t offset, int channel = -1) {
    BulkFrame out{{FrameType::bulk_ack, 0, number, 0}, Buffer(4)};
    if (channel >= 0) out.header.channel = static_cast<std::uint8_t>(channel);
    store_le32(out.payload.data(), offset);
    give(sender, out);
  }
  static constexpr auto size = static_cast<std::uint32_t>(chunk);
  std::uint8_t number = 0;
};

TEST_F(BulkFlow, NoMoreFramesAreUnderWayThanTheWindow) {
  for (std::uint8_t window = 1; window <= bulk_limits::largest_window; ++window) {
    accepted(100 * chunk, window);
    EXPECT_EQ(frames(sender).size(), window);
    ack(size);
    EXPECT_EQ(frames(sender).size(), 1u);
    ack(size * (1u + window));
    EXPECT_EQ(frames(sender).size(), window);
  }
}

// Found by fuzz_bulk: bytes, not frames, were counted against the window.
TEST_F(BulkFlow, AckInTheMiddleOfAFrameMakesNoRoomForAnother) {
  accepted(100 * chunk, 1);
  frames(sender);
  ack(size / 2);
  EXPECT_FALSE(sender.frame_due());
  ack(size);
  EXPECT_TRUE(sender.frame_due());
}

TEST_F(BulkFlow, LargestWindowIsSixteen) {
  accepted(100 * chunk, 255);
  EXPECT_EQ(frames(sender).size(), 16u);
}

TEST_F(BulkFlow, WindowOfNothingEndsTheTransfer) {
  accepted(1000, 0);
  EXPECT_EQ(content.results, Results{cancelled});
}

TEST_F(BulkFlow, AcceptBehindTheEndEndsTheTransfer) {
  accepted(1000, 8, 1001);
  EXPECT_EQ(content.results, Results{cancelled});
}

TEST_F(BulkFlow, SecondAcceptChangesNothing) {
  accepted(1000, 1);
  EXPECT_EQ(frames(sender).size(), 1u);
  EXPECT_TRUE(say(sender, BulkAccept{number, 0, 16}));
  EXPECT_FALSE(sender.frame_due());
}

TEST_F(BulkFlow, OneAckMayAnswerSeveralFrames) {
  accepted(100 * chunk, 8);
  frames(sender);
  ack(8 * size);
  const auto next = frames(sender);
  ASSERT_EQ(next.size(), 8u);
  EXPECT_EQ(next[0].offset(), 8 * size);
}

TEST_F(BulkFlow, AcksOfTheImpossibleAreIgnored) {
  accepted(100 * chunk, 2);
  frames(sender);
  ack(2 * size + 1);  // never sent
  ack(0xffff'ffff);
  ack(2 * size, number + 1);
  EXPECT_FALSE(sender.frame_due());
  ack(size);
  ack(0);  // older than what is acknowledged
  EXPECT_EQ(frame(sender).offset(), 2 * size);
}

TEST_F(BulkFlow, SecondRequestForTheSameOffsetGoesBackAtOnceAndOnce) {
  accepted(100 * chunk, 4);
  frames(sender);
  ack(0);
  EXPECT_FALSE(sender.frame_due());
  ack(0);
  ASSERT_TRUE(sender.frame_due());
  auto again = frames(sender);
  EXPECT_EQ(again.size(), 4u);
  EXPECT_EQ(again[0].offset(), 0u);
  ack(0);
  ack(0);
  EXPECT_FALSE(sender.frame_due()) << "once for each offset";
  ack(size);
  EXPECT_TRUE(sender.frame_due());
  frames(sender);
  ack(size);
  ack(size);
  EXPECT_EQ(frame(sender).offset(), size) << "and again for the next";
}

TEST_F(BulkFlow, TimeoutSendsOneFrameAndWaitsDoublingTimes) {
  accepted(100 * chunk, 4);
  frames(sender);
  std::vector<Millis> waits;
  Millis last = now;
  while (sender.sending()) {
    now = deadline(sender);
    ASSERT_LT(now, Millis::max());
    sender.poll(ticks(now));
    if (!sender.sending()) break;
    waits.push_back(now - last);
    last = now;
    const auto probe = frames(sender);
    ASSERT_EQ(probe.size(), 1u);
    EXPECT_EQ(probe[0].offset(), 0u);
  }
  EXPECT_EQ(waits.size(), bulk_limits::max_timeouts - 1u);
  EXPECT_EQ(waits.back(), link_timing::retransmit_max);
  EXPECT_EQ(content.results, Results{stalled});
  const auto end = decode<BulkEnd>(message(sender, now));
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->result, stalled);
  EXPECT_TRUE(end->by_sender);
}

TEST_F(BulkFlow, ProgressOpensTheWindowAgain) {
  accepted(100 * chunk, 4);
  frames(sender);
  for (int i = 0; i < 5; ++i) {
    now = deadline(sender);
    sender.poll(ticks(now));
    EXPECT_EQ(frames(sender).size(), 1u);
  }
  ack(size);
  EXPECT_EQ(frames(sender).size(), 4u);
  for (int i = 0; i < bulk_limits::max_timeouts - 1; ++i) {
    now = deadline(sender);
    sender.poll(ticks(now));
    frames(sender);
    EXPECT_TRUE(sender.sending()) << "the count began anew";
  }
}

TEST_F(BulkFlow, TimeoutFollowsTheMeasuredRoundTrip) {
  accepted(1000 * chunk, 1);
  for (std::uint32_t i = 1; i <= 50; ++i) {
    frames(sender);
    now += 20ms;
    ack(i * size);
  }
  frames(sender);
  EXPECT_EQ(deadline(sender) - now, link_timing::retransmit_min);
}

TEST_F(BulkFlow, ContentOutOfTurnIsNotTakenAndAskedForAgain) {
  offer(some_bytes(1000));
  talk();
  const auto sent = frames(sender);
  give(receiver, sent[0]);
  give(receiver, sent[2]);
  EXPECT_EQ(store.kept.size(), chunk);
  const auto acks = frames(receiver);
  ASSERT_EQ(acks.size(), 1u);
  EXPECT_EQ(acks[0].header.type, FrameType::bulk_ack);
  EXPECT_EQ(acks[0].offset(), chunk);
  give(receiver, sent[0]);
  EXPECT_EQ(store.kept.size(), chunk);
  EXPECT_EQ(frame(receiver).offset(), chunk);
}

TEST_F(BulkFlow, FramesWithoutContentOrOffsetAreDropped) {
  offer(some_bytes(1000));
  talk();
  const BulkFrame first = frame(sender);
  receiver.on_frame(first.header, Bytes(first.payload).first(4), ticks(now));
  receiver.on_frame(first.header, Bytes(first.payload).first(3), ticks(now));
  receiver.on_frame(first.header, {}, ticks(now));
  EXPECT_FALSE(receiver.frame_due());
  EXPECT_TRUE(store.kept.empty());
}

TEST_F(BulkFlow, FramesBeforeAnyOfferAreDropped) {
  const BulkFrame early{{FrameType::bulk, 0, 0, 0}, Buffer(20)};
  give(receiver, early);
  EXPECT_FALSE(receiver.frame_due());
  EXPECT_TRUE(store.kept.empty());
}

TEST_F(BulkFlow, MoreContentThanOfferedIsRefused) {
  ASSERT_TRUE(say(receiver, BulkOffer{3, BulkKind::screen, 1, 10, {}}));
  message(receiver, now);
  give(receiver, {{FrameType::bulk, 0, 3, 0}, Buffer(4 + 11)});
  EXPECT_TRUE(store.kept.empty());
  EXPECT_EQ(store.results, Results{refused});
}

TEST_F(BulkFlow, LostEndOfContentIsAcknowledgedAgain) {
  offer(some_bytes(chunk));
  talk();
  const BulkFrame only = frame(sender);
  give(receiver, only);
  frame(receiver);  // the BULK ACK is lost
  give(receiver, only);
  EXPECT_EQ(frame(receiver).offset(), chunk);
  EXPECT_EQ(store.results, Results{complete});
}

TEST_F(BulkFlow, OnlyTheReceiverSaysComplete) {
  ASSERT_TRUE(say(receiver, BulkOffer{3, BulkKind::screen, 1, 10, {}}));
  ASSERT_TRUE(say(receiver, BulkEnd{3, complete, true}));
  EXPECT_EQ(store.results, Results{cancelled});
}

TEST_F(BulkFlow, EndsOfTransfersNotUnderWayAreIgnored) {
  accepted(1000, 4);
  ASSERT_TRUE(say(sender, BulkEnd{static_cast<std::uint8_t>(number + 1), cancelled, false}));
  ASSERT_TRUE(say(sender, BulkEnd{number, cancelled, true}));  // of the peer's own transfer
  ASSERT_TRUE(say(sender, BulkAccept{static_cast<std::uint8_t>(number + 1), 0, 1}));
  EXPECT_TRUE(sender.sending());
  EXPECT_TRUE(content.results.empty());
  ASSERT_TRUE(say(receiver, BulkEnd{number, cancelled, true}));
  ASSERT_TRUE(say(receiver, BulkEnd{number, cancelled, false}));
  EXPECT_TRUE(store.results.empty());
}

TEST_F(BulkFlow, OtherMessagesAreNotTaken) {
  EXPECT_FALSE(say(sender, Reboot{}));
  EXPECT_FALSE(sender.on_message({}, now));
  for (const Buffer& whole : {encoded(BulkOffer{}), encoded(BulkAccept{}), encoded(BulkEnd{})}) {
    EXPECT_FALSE(receiver.on_message(Bytes(whole).first(whole.size() - 1), now));
  }
  EXPECT_FALSE(receiver.message_due());
  Buffer none(10);
  EXPECT_EQ(sender.take_message(none, now), 0u);
}

TEST_F(BulkFlow, SenderIsNotLeftWaitingWhenAllIsAcknowledged) {
  accepted(chunk, 4);
  frames(sender);
  ack(size);
  ASSERT_TRUE(sender.sending()) << "the receiver still compares the digest";
  ASSERT_LT(deadline(sender), Millis::max());
  now = deadline(sender);
  sender.poll(ticks(now));
  EXPECT_EQ(content.results, Results{stalled});
}

}  // namespace
}  // namespace rollcall::protocol::testing
