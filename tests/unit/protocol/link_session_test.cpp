// The link over a session that authenticates: docs/protocol.md, "Session layer".
#include <gtest/gtest.h>

#include "tests/unit/protocol/link_ends.hpp"

namespace rollcall::protocol::testing {
namespace {

using namespace std::chrono_literals;

struct TaggedLinkTest : LinkTest {
  TaggedSession tagged;
  End c{tagged, hello_of("T-1")};
  End d{tagged, hello_of("")};

  void connect_tagged() {
    c.link.start(now);
    d.link.start(now);
    exchange(c, d, now);
    ASSERT_EQ(c.link.state(), LinkState::up);
    ASSERT_EQ(d.link.state(), LinkState::up);
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
