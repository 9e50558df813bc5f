// Keys change under a running session: docs/protocol.md, "Key phase". link_fault_test.cpp does it
// under loss.
#include <gtest/gtest.h>

#include "tests/unit/protocol/link_ends.hpp"

namespace rollcall::protocol::testing {
namespace {

using namespace std::chrono_literals;

struct LinkRekey : LinkTest {
  static std::uint8_t phase_of(const Buffer& wire) {
    return frames_of(wire).at(0).header.flags & frame_flag::key_phase;
  }
  void an_hour_passes() {
    for (Millis left = 1h; left > 0ms; left -= 4s) {
      pass(std::min<Millis>(left, 4s));
      send(b, "still here");  // keeps the link up without a frame of a's own choice
      a.link.on_bytes(take(b), now);
      b.link.on_bytes(take(a), now);
    }
  }
};

TEST_F(LinkRekey, EachEndChangesItsKeyAfterSoManyFrames) {
  connect();
  // a: the ACK that proved its key and then messages; b: an ACK for each.
  std::vector<std::uint64_t> changes_a, changes_b;
  std::uint8_t phase_a = 0, phase_b = 0;
  std::uint64_t frames_a = 1, frames_b = 0;
  for (std::uint64_t i = 0; i < 2 * rekey_after_frames + 100; ++i) {
    ASSERT_TRUE(send(a, "x"));
    const Buffer message = take(a);
    if (phase_of(message) != phase_a) changes_a.push_back(frames_a);
    phase_a = phase_of(message);
    ++frames_a;
    give(b, message);
    const Buffer ack = take(b);
    if (phase_of(ack) != phase_b) changes_b.push_back(frames_b);
    phase_b = phase_of(ack);
    ++frames_b;
    give(a, ack);
  }
  const std::vector<std::uint64_t> expected = {rekey_after_frames, 2 * rekey_after_frames};
  EXPECT_EQ(changes_a, expected);
  EXPECT_EQ(changes_b, expected) << "also the end that only acknowledges";
  EXPECT_EQ(b.received.size(), 2 * rekey_after_frames + 100);
  EXPECT_EQ(a.downs.size() + b.downs.size(), 0u);
}

TEST_F(LinkRekey, EachEndChangesItsKeyAfterAnHour) {
  connect();
  for (int hour = 1; hour <= 3; ++hour) {
    an_hour_passes();
    ASSERT_TRUE(send(a, "x"));
    const Buffer message = take(a);
    EXPECT_EQ(phase_of(message) != 0, hour % 2 == 1);
    give(b, message);
    const Buffer ack = take(b);
    EXPECT_EQ(phase_of(ack) != 0, hour % 2 == 1);
    give(a, ack);
  }
  EXPECT_EQ(b.received.size(), 3u);
  EXPECT_EQ(a.downs.size() + b.downs.size(), 0u);
}

TEST_F(LinkRekey, QuietLinkChangesItsKeysByItsPings) {
  connect();
  std::uint8_t seen = 0;
  for (int i = 0; i < 3700; ++i) {
    pass(1s);
    const Buffer from_a = take(a);
    for (const SeenFrame& frame : frames_of(from_a)) seen |= frame.header.flags;
    give(b, from_a);
    settle();
  }
  EXPECT_NE(seen & frame_flag::key_phase, 0);
  EXPECT_EQ(a.downs.size() + b.downs.size(), 0u);
}

TEST_F(LinkRekey, KeyStaysWhileAMessageWaitsForItsAck) {
  connect();
  for (Millis left = 1h - 2s; left > 0ms; left -= 2s) {
    pass(2s);
    settle();
  }
  send(a, "waits");
  const Buffer waits = take(a);
  EXPECT_EQ(phase_of(waits), 0);
  pass(1s);
  take(a);  // sent again, lost again
  now += 2s;
  send(b, "x");
  give(a, take(b));
  const Buffer ack = take(a);
  ASSERT_EQ(frames_of(ack).at(0).header.type, FrameType::ack);
  EXPECT_EQ(phase_of(ack), 0) << "the hour is over, but the message may be sent again";
  give(b, ack);
  give(b, waits);
  give(a, take(b));
  ASSERT_EQ(a.sent, 1);
  send(a, "next");
  const Buffer next = take(a);
  EXPECT_NE(phase_of(next), 0);
  give(b, next);
  EXPECT_EQ(b.received.size(), 2u);
}

TEST_F(LinkRekey, LostFirstFrameUnderTheNewKeyIsNoMatter) {
  connect();
  an_hour_passes();
  send(a, "first");
  const Buffer first = take(a);
  ASSERT_NE(phase_of(first), 0);
  send(b, "x");
  give(a, take(b));
  const Buffer second = take(a);  // an ACK, under the new key as well
  ASSERT_NE(phase_of(second), 0);
  give(b, second);
  give(b, first);
  settle();
  EXPECT_EQ(text(b.received.at(0)), "first");
  EXPECT_EQ(a.downs.size() + b.downs.size(), 0u);
}

TEST_F(LinkRekey, FramesUnderTheOldKeyAreOldAndDoNothing) {
  connect();
  send(a, "old");
  const Buffer old = take(a);
  give(b, old);
  const Buffer old_ack = take(b);
  give(a, old_ack);
  an_hour_passes();
  send(a, "new");
  give(b, take(a));
  give(b, old);
  give(a, old_ack);
  settle();
  EXPECT_EQ(b.received.size(), 2u);
  EXPECT_EQ(a.downs.size() + b.downs.size(), 0u);
}

TEST_F(LinkRekey, ForgedPhaseClosesTheSession) {
  connect();
  send(a, "tap");
  give(b, forged(take(a), 1, frame_flag::key_phase));
  EXPECT_EQ(b.downs, std::vector{CloseReason::security});
  EXPECT_TRUE(b.received.empty());
}

// The session by itself ---------------------------------------------------------------------------

struct SessionTest : ::testing::Test {
  SessionTest() {
    one.open_sealed(key_of(1), key_of(2), 0);
    other.open_sealed(key_of(2), key_of(1), 0);
  }
  struct Sealed {
    FrameHeader header{FrameType::data, 0, 0, 0};
    std::array<std::uint8_t, frame_header_size> head{};
    Buffer bytes = Buffer(100);
    Frame frame() { return {header, head, bytes, 0}; }
  };
  static Sealed seal(const Session& session, std::uint64_t counter, std::string_view text) {
    Sealed out;
    const auto size = session.seal(counter, out.header, as_bytes(text), out.bytes);
    out.bytes.resize(size.value());
    out.head = header_bytes(out.header);
    return out;
  }
  Session one;
  Session other;
};

TEST_F(SessionTest, NextKeyIsTriedOnlyForTheNewestFrame) {
  one.rekey(100, 0);
  Sealed sealed = seal(one, 100, "tap");
  EXPECT_EQ(other.open(100, sealed.frame(), false).error(), SessionError::bad_tag);
  sealed = seal(one, 100, "tap");
  EXPECT_EQ(other.open(100, sealed.frame(), true), 3u);
  EXPECT_EQ(hex(Bytes(sealed.bytes).first(3)), hex(as_bytes("tap")));
}

TEST_F(SessionTest, OldKeyIsForgottenWhenTheNewOneIsInForce) {
  Sealed old = seal(one, 99, "old");
  one.rekey(100, 0);
  Sealed sealed = seal(one, 100, "new");
  ASSERT_TRUE(other.open(100, sealed.frame(), true).has_value());
  EXPECT_EQ(other.open(99, old.frame(), false).error(), SessionError::bad_tag);
}

TEST_F(SessionTest, FailedTryLeavesTheKeyInForce) {
  Sealed sealed = seal(one, 5, "tap");
  Sealed bad = sealed;
  bad.header.flags ^= frame_flag::key_phase;
  EXPECT_EQ(other.open(5, bad.frame(), true).error(), SessionError::bad_tag);
  EXPECT_EQ(other.open(5, sealed.frame(), true), 3u);
}

TEST_F(SessionTest, TagIsTooMuchForASmallBuffer) {
  FrameHeader header;
  Buffer small(3 + crypto::tag_size - 1);
  EXPECT_EQ(one.seal(0, header, as_bytes("tap"), small).error(), SessionError::no_space);
  Session untagged;
  untagged.open_untagged();
  EXPECT_EQ(untagged.seal(0, header, as_bytes("tap"), MutableBytes(small).first(2)).error(),
            SessionError::no_space);
}

TEST_F(SessionTest, ClosedSessionSealsAndOpensNothing) {
  Sealed sealed = seal(one, 0, "tap");
  other.close();
  EXPECT_EQ(other.open(0, sealed.frame(), true).error(), SessionError::closed);
  FrameHeader header;
  EXPECT_EQ(other.seal(0, header, {}, sealed.bytes).error(), SessionError::closed);
  EXPECT_EQ(other.tag_size(), 0u);
}

}  // namespace
}  // namespace rollcall::protocol::testing
