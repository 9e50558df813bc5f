// Bulk transfers beside the messages of a link: docs/protocol.md, "Bulk transfers".
#include <gtest/gtest.h>

#include "tests/unit/protocol/bulk_ends.hpp"
#include "tests/unit/protocol/link_ends.hpp"

namespace rollcall::protocol::testing {
namespace {

using namespace std::chrono_literals;

// Both ends with a store, one end's content on its way to the other's.
struct BulkLink : ::testing::Test {
  explicit BulkLink(std::uint16_t max_frame = max_body_tcp)
      : a(Role::terminal, hello_of("T-1", max_frame), &store_a),
        b(Role::host, hello_of(""), &store_b) {
    for (End* end : {&a, &b}) {
      end->when_message = [this, end] {
        if (end->bulk.on_message(end->received.back(), now)) end->received.pop_back();
      };
    }
  }
  void offer(End& from, Content& content, const Buffer& bytes) {
    content.bytes = bytes;
    from.bulk.send(BulkKind::queue, 0, static_cast<std::uint32_t>(bytes.size()),
                   crypto::sha256(bytes), content);
  }
  void say_what_is_due(End& end) {
    if (!end.link.can_send() || !end.bulk.message_due()) return;
    std::uint8_t message[100];
    const std::size_t size = end.bulk.take_message(message, now);
    ASSERT_TRUE(end.link.send({message, size}, now));
  }
  void settle(int rounds = 1000) {
    for (int i = 0; i < rounds; ++i) {
      ++now;
      say_what_is_due(a);
      say_what_is_due(b);
      const Buffer from_a = a.take(now);
      b.link.on_bytes(from_a, now);
      const Buffer from_b = b.take(now);
      a.link.on_bytes(from_b, now);
      if (now >= a.link.next_deadline()) a.link.poll(now);
      if (now >= b.link.next_deadline()) b.link.poll(now);
    }
  }
  void connect() {
    a.link.start(now);
    b.link.start(now);
    settle(5);
    ASSERT_EQ(b.link.state(), LinkState::up);
  }

  Millis now{1000};
  Store store_a, store_b;
  Content content_a, content_b;
  End a, b;
};

TEST_F(BulkLink, TransfersBothWaysArriveBesideMessages) {
  connect();
  offer(a, content_a, some_bytes(30'000));
  offer(b, content_b, some_bytes(20'000));
  for (int i = 0; i < 50; ++i) {
    a.link.send(as_bytes("tap"), now);
    b.link.send(as_bytes("answer"), now);
    settle(3);
  }
  settle();
  EXPECT_EQ(store_b.kept, content_a.bytes);
  EXPECT_EQ(store_a.kept, content_b.bytes);
  EXPECT_EQ(content_a.results, std::vector{BulkResult::complete});
  EXPECT_EQ(content_b.results, std::vector{BulkResult::complete});
  EXPECT_GT(a.received.size(), 10u);
  EXPECT_GT(b.received.size(), 10u);
}

TEST_F(BulkLink, FrameIsFullAndSealed) {
  connect();
  offer(a, content_a, some_bytes(30'000));
  say_what_is_due(a);
  b.link.on_bytes(a.take(now), now);
  say_what_is_due(b);
  a.link.on_bytes(b.take(now), now);
  const auto frames = frames_of(a.take(now));
  ASSERT_GE(frames.size(), 2u);
  const SeenFrame& first = frames[1];  // behind the ACK
  EXPECT_EQ(first.header.type, FrameType::bulk);
  EXPECT_EQ(first.payload.size(), max_body_tcp - frame_header_size - frame_crc_size);
  EXPECT_NE(hex(Bytes(first.payload).first(4)), "00000000");
}

TEST_F(BulkLink, EndOfTheLinkEndsTransfersAndTheNextOneResumesThem) {
  connect();
  offer(a, content_a, some_bytes(200'000));
  settle(5);
  const std::size_t before = store_b.kept.size();
  ASSERT_GT(before, 0u);
  ASSERT_LT(before, 200'000u);
  a.link.transport_lost();
  b.link.transport_lost();
  EXPECT_FALSE(a.bulk.sending());
  connect();
  offer(a, content_a, some_bytes(200'000));
  settle(3);
  EXPECT_GT(store_b.kept.size(), before);
  settle();
  EXPECT_EQ(store_b.kept, content_a.bytes);
  EXPECT_EQ(content_a.results, std::vector{BulkResult::complete});
}

TEST_F(BulkLink, MessageGoesBeforeEveryBulkFrameNotYetBegun) {
  connect();
  offer(a, content_a, some_bytes(30'000));
  say_what_is_due(a);
  b.link.on_bytes(a.take(now), now);
  say_what_is_due(b);
  a.link.on_bytes(b.take(now), now);
  a.link.consume(a.link.pending_output().size(), now);  // the ACK
  ASSERT_EQ(frames_of(a.link.pending_output()).at(0).header.type, FrameType::bulk);
  a.link.consume(10, now);
  ASSERT_TRUE(a.link.send(as_bytes("tap"), now));
  a.link.consume(a.link.pending_output().size(), now);
  EXPECT_EQ(frames_of(a.link.pending_output()).at(0).header.type, FrameType::data);
}

TEST_F(BulkLink, BulkWaitsUntilALineOfKnownRateHasDrained) {
  a.link.set_line_rate(1000);
  connect();
  now += 10s;  // the greeting is through
  offer(a, content_a, some_bytes(30'000));
  say_what_is_due(a);
  b.link.on_bytes(a.take(now), now);
  say_what_is_due(b);
  a.link.on_bytes(b.take(now), now);
  const auto bulk_within = [&](Millis time) {
    now += time;
    a.link.poll(now);
    std::size_t count = 0;
    for (const SeenFrame& frame : frames_of(a.take(now))) {
      count += frame.header.type == FrameType::bulk ? 1 : 0;
    }
    return count;
  };
  bulk_within(1s);  // the ACK goes first
  EXPECT_EQ(bulk_within(100ms), 1u);
  EXPECT_EQ(bulk_within(550ms), 0u) << "two thirds of a kilobyte take 0.7 s";
  EXPECT_EQ(bulk_within(200ms), 1u);
}

TEST(LineRate, FollowsTheFrameSize) {
  EXPECT_EQ(line_rate(192), 11'520u);  // 115 200 baud, ten bits a byte
  EXPECT_EQ(line_rate(512), 30'720u);
  EXPECT_EQ(line_rate(1024), 0u);
}

// A serial line of 115 200 baud each way, behind a driver that takes everything at once: the hard
// case, since what the driver holds cannot be overtaken.
struct SlowLine : BulkLink {
  using Micros = std::chrono::microseconds;
  static constexpr double micros_a_byte = 1e6 / 11'520;

  struct Wire {
    Micros free_at{0};
    std::vector<std::pair<Micros, Buffer>>
        under_way;           // frame by frame, with the time it is through
    Micros longest_wait{0};  // of a message, from send() to its first byte on the wire
    std::uint64_t bytes = 0;
  };

  SlowLine() : BulkLink(max_body_serial) {}

  Micros time() const { return std::chrono::duration_cast<Micros>(now); }
  void put(End& from, Wire& wire, Micros& sent_at) {
    from.work(now);
    while (!from.link.pending_output().empty()) {
      const Buffer frame = to_buffer(from.link.pending_output());
      from.link.consume(frame.size(), now);
      const Micros start = std::max(wire.free_at, time());
      wire.free_at =
          start + Micros(static_cast<long>(static_cast<double>(frame.size()) * micros_a_byte));
      wire.bytes += frame.size();
      wire.under_way.emplace_back(wire.free_at, frame);
      if (frames_of(frame).at(0).header.type == FrameType::data && sent_at != Micros(0)) {
        wire.longest_wait = std::max(wire.longest_wait, start - sent_at);
        sent_at = Micros(0);
      }
    }
  }
  void take(Wire& wire, End& to) {
    while (!wire.under_way.empty() && wire.under_way.front().first <= time()) {
      to.link.on_bytes(wire.under_way.front().second, now);
      wire.under_way.erase(wire.under_way.begin());
    }
  }
  void step() {
    ++now;
    take(to_b, b);
    take(to_a, a);
    for (End* end : {&a, &b}) {
      say_what_is_due(*end);
      if (now >= end->link.next_deadline()) end->link.poll(now);
    }
    put(a, to_b, sent_a);
    put(b, to_a, sent_b);
  }
  void tap(End& from, Micros& sent_at) {
    if (!from.link.can_send()) return;
    ASSERT_TRUE(from.link.send(Buffer(60, 0), now));
    sent_at = time();
    ++taps;
  }

  Wire to_a, to_b;
  Micros sent_a{0}, sent_b{0};
  int taps = 0;
};

TEST_F(SlowLine, TapIsOnTheWireWithinTwentyMillisecondsBesideBulkBothWays) {
  Random random;
  a.link.start(now);
  b.link.start(now);
  for (int i = 0; i < 500; ++i) step();
  ASSERT_EQ(b.link.state(), LinkState::up);
  offer(a, content_a, some_bytes(400'000));
  offer(b, content_b, some_bytes(400'000));
  for (int i = 0; i < 500; ++i) step();
  to_a.bytes = to_b.bytes = 0;
  for (int i = 0; i < 30'000; ++i) {
    if (random.one_in(200)) tap(a, sent_a);
    if (random.one_in(200)) tap(b, sent_b);
    step();
  }
  EXPECT_GT(taps, 200);
  EXPECT_LE(to_b.longest_wait, 20ms);
  EXPECT_LE(to_a.longest_wait, 20ms);
  EXPECT_GT(to_b.longest_wait, 5ms) << "bulk frames were in the way";
  // And yet the line is used: 30 s at 11 520 bytes a second.
  EXPECT_GT(static_cast<double>(to_b.bytes), 0.9 * 30 * 11'520);
  EXPECT_GT(static_cast<double>(to_a.bytes), 0.9 * 30 * 11'520);
  EXPECT_EQ(a.downs.size() + b.downs.size(), 0u);
}

TEST_F(SlowLine, TransferUsesTheLine) {
  a.link.start(now);
  b.link.start(now);
  for (int i = 0; i < 500; ++i) step();
  offer(b, content_b, some_bytes(24'000));  // a screen
  const Millis begun = now;
  while (content_b.results.empty() && now < begun + 10s) step();
  EXPECT_EQ(content_b.results, std::vector{BulkResult::complete});
  EXPECT_EQ(store_a.kept, content_b.bytes);
  EXPECT_LT(now - begun, 3100ms) << "24 000 bytes take 2.8 s with all that goes around them";
}

}  // namespace
}  // namespace rollcall::protocol::testing
