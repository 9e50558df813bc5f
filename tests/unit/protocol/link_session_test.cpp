// What the tag of a frame is good for: docs/protocol.md, "Frames of a session".
#include <gtest/gtest.h>

#include "tests/unit/protocol/link_ends.hpp"

namespace rollcall::protocol::testing {
namespace {

using namespace std::chrono_literals;

using LinkSession = LinkTest;

TEST_F(LinkSession, LostFrameIsStillOpenedBehindHundredsOfNewerOnes) {
  connect();
  send(a, "lost");
  take(a);
  for (int i = 0; i < 1000; ++i) {
    send(b, "x");
    give(a, take(b));
    give(b, take(a));
    pass(1ms);
  }
  EXPECT_EQ(b.received.size(), 1u);
  EXPECT_GT(a.received.size(), 400u);
  EXPECT_TRUE(a.downs.empty());
  EXPECT_TRUE(b.downs.empty());
}

TEST_F(LinkSession, EveryFrameCarriesATag) {
  connect();
  EXPECT_EQ(a.link.max_payload(), max_body_tcp - 8 - 16);
  send(a, "tap");
  const Buffer data = take(a);
  EXPECT_EQ(frames_of(data).at(0).payload.size(), 3u + 16u);
  give(b, data);
  const Buffer ack = take(b);
  EXPECT_EQ(frames_of(ack).at(0).payload.size(), 16u);
  give(a, ack);
  EXPECT_EQ(a.sent, 1);
}

TEST_F(LinkSession, NothingOfAMessageIsReadableOnTheWire) {
  connect();
  send(a, "a text that nobody else may read");
  const Buffer wire = take(a);
  const std::string seen(wire.begin(), wire.end());
  EXPECT_EQ(seen.find("text"), std::string::npos);
}

// docs/protocol.md, "Frames": what a frame with a body of up to 254 bytes adds on the wire.
TEST_F(LinkSession, FrameTakesTwentySixBytesMoreThanItsPayload) {
  connect();
  for (const std::size_t size : {std::size_t{1}, std::size_t{100}, std::size_t{230}}) {
    ASSERT_TRUE(a.link.send(Buffer(size, 7), now));
    EXPECT_EQ(take(a).size(), size + 26);
    a.link.transport_lost();
    b.link.transport_lost();
    connect();
  }
}

TEST_F(LinkSession, ATapTakesLessThanNinetySixBytesOnTheWire) {
  connect();
  Tap tap;
  tap.epoch.fill(0xa5);
  tap.number = 4'000'000'000;
  tap.boot = 70'000;
  tap.monotonic_ms = 365ull * 86'400'000;
  tap.wall_ms = 1'762'416'000'000;
  tap.trust = ClockTrust::synced;
  tap.reading.assign(unhex("04a1b2c3d4e5f6"));
  ASSERT_TRUE(a.link.send(encoded(tap), now));
  EXPECT_LT(take(a).size(), 96u);
}

TEST_F(LinkSession, ForgedByteClosesTheSessionAndIsCounted) {
  // Flags other than the sequence bit, payload and tag. A changed type, channel or counter is
  // dropped or fails as well; what matters is that no message comes out.
  const auto end = frame_header_size + 3 + crypto::tag_size;
  for (const std::size_t at : {std::size_t{1}, frame_header_size, frame_header_size + 5, end - 1}) {
    connect();
    send(a, "tap");
    const std::uint32_t before = b.link.counters().bad_tag;
    give(b, forged(take(a), at, 0x02));
    EXPECT_EQ(b.link.counters().bad_tag, before + 1) << at;
    EXPECT_EQ(b.downs.back(), CloseReason::security) << at;
    EXPECT_TRUE(b.received.empty());
    EXPECT_TRUE(take(b).empty()) << "nothing is said under a broken session";
    a.link.transport_lost();
  }
}

TEST_F(LinkSession, NoChangedBitOfADataFrameIsEverDelivered) {
  for (std::size_t bit = 0; bit < 8 * (frame_header_size + 3 + crypto::tag_size); ++bit) {
    connect();
    send(a, "tap");
    give(b, forged(take(a), bit / 8, static_cast<std::uint8_t>(1u << (bit % 8))));
    // Bits of the flags that have no meaning are covered by the tag as well.
    ASSERT_TRUE(b.received.empty()) << bit;
    a.link.transport_lost();
    b.link.transport_lost();
  }
}

TEST_F(LinkSession, ForgedAckClosesTheSession) {
  connect();
  send(a, "tap");
  give(b, take(a));
  give(a, forged(take(b), 1));
  EXPECT_EQ(a.downs, std::vector{CloseReason::security});
  EXPECT_EQ(a.sent, 0);
}

TEST_F(LinkSession, UntaggedFramesAreDroppedAndCounted) {
  connect();
  for (const FrameType type : {FrameType::data, FrameType::ack, FrameType::ping, FrameType::bye,
                               FrameType::bulk, FrameType::bulk_ack}) {
    const std::uint32_t before = b.link.counters().unexpected;
    give(b, wire_of({type, 0, 0, 5}, {}));
    give(b, wire_of({type, 0, 0, 5}, Buffer(crypto::tag_size - 1)));
    EXPECT_EQ(b.link.counters().unexpected, before + 2) << static_cast<int>(type);
  }
  EXPECT_EQ(b.link.state(), LinkState::up);
  EXPECT_TRUE(b.received.empty());
  EXPECT_TRUE(take(b).empty());
}

TEST_F(LinkSession, BulkFramesOnAnUntaggedLinkAreDropped) {
  connect_in_clear();
  give(b, wire_of({FrameType::bulk, 0, 1, 0}, Buffer(20)));
  give(b, wire_of({FrameType::bulk_ack, 0, 1, 0}, Buffer(4)));
  EXPECT_EQ(b.link.counters().unexpected, 2u);
  EXPECT_EQ(b.link.state(), LinkState::up);
}

TEST_F(LinkSession, ReplayedFramesDoNothing) {
  connect();
  send(a, "one");
  const Buffer one = take(a);
  give(b, one);
  const Buffer ack_one = take(b);
  give(a, ack_one);
  send(a, "two");
  give(a, ack_one);
  EXPECT_EQ(a.sent, 1);
  give(b, take(a));
  give(b, one);
  EXPECT_EQ(b.received.size(), 2u);
  EXPECT_EQ(b.link.state(), LinkState::up);
}

// What is not newer is dropped before it is opened: else its forged copy would close the session.
TEST_F(LinkSession, OldFramesAreDroppedWithoutBeingOpened) {
  connect();
  std::vector<Buffer> old;
  for (int i = 0; i < 5; ++i) {
    send(a, std::to_string(i));
    old.push_back(take(a));
    give(b, old.back());
    give(a, take(b));
    pass(link_timing::ping_interval);
    old.push_back(take(a));
    give(b, old.back());
    give(a, take(b));
  }
  ASSERT_EQ(b.received.size(), 5u);
  const auto before = b.link.counters();
  std::size_t dropped = 0;
  for (const Buffer& frame : old) {
    dropped += frames_of(frame).size() + 1;
    const std::size_t last = frame_header_size + frames_of(frame).at(0).payload.size() - 1;
    give(b, frame);
    give(b, forged(frame, last));
  }
  EXPECT_EQ(b.link.state(), LinkState::up);
  EXPECT_EQ(b.received.size(), 5u);
  EXPECT_EQ(b.link.counters().bad_tag, 0u);
  const auto after = b.link.counters();
  EXPECT_EQ(after.unexpected + after.duplicates, before.unexpected + before.duplicates + dropped);
}

TEST_F(LinkSession, FramesOfAnEarlierSessionOpenNothingInTheNext) {
  connect();
  send(a, "old");
  const Buffer old = take(a);
  a.link.transport_lost();
  b.link.transport_lost();
  connect();
  give(b, old);
  EXPECT_TRUE(b.received.empty());
  EXPECT_EQ(b.downs.back(), CloseReason::security);
}

}  // namespace
}  // namespace rollcall::protocol::testing
