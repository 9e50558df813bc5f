#include "daemon/terminals/outbox.hpp"

#include <gtest/gtest.h>

namespace rollcall::terminals {
namespace {

using protocol::Op;
using protocol::ScreenSlot;

std::shared_ptr<const screens::Screen> screen_of(std::size_t bytes) {
  return std::make_shared<const screens::Screen>(
      screens::Screen{{8, 4}, std::vector<std::uint8_t>(bytes, 0xab), {}});
}

std::vector<Op> drain(Outbox& outbox, std::size_t max_payload = 1000) {
  std::vector<Op> ops;
  while (const auto message = outbox.next(max_payload)) {
    EXPECT_LE(message->size(), max_payload);
    ops.push_back(static_cast<Op>(*protocol::peek_op(*message)));
  }
  return ops;
}

TEST(Outbox, AnswersOvertakeScreens) {
  Outbox outbox;
  outbox.screen(1, ScreenSlot::idle, screen_of(2000));
  EXPECT_EQ(static_cast<Op>(*protocol::peek_op(*outbox.next(1000))), Op::screen_begin);
  outbox.push(protocol::Answer{});
  EXPECT_EQ(drain(outbox),
            (std::vector{Op::answer, Op::screen_data, Op::screen_data, Op::screen_data}));
}

TEST(Outbox, ChunksFitTheFrameAndGiveTheWholeScreen) {
  Outbox outbox;
  const auto screen = screen_of(1999);
  outbox.screen(1, ScreenSlot::idle, screen);
  std::vector<std::uint8_t> received;
  while (const auto message = outbox.next(184)) {
    EXPECT_LE(message->size(), 184u);
    if (const auto chunk = protocol::decode<protocol::ScreenData>(*message)) {
      EXPECT_EQ(chunk->offset, received.size());
      received.insert(received.end(), chunk->data.data, chunk->data.data + chunk->data.size);
    }
  }
  EXPECT_EQ(received, screen->bytes);
}

TEST(Outbox, ALiveScreenIsShownOnceItHasArrived) {
  Outbox outbox;
  outbox.screen(1000, ScreenSlot::live, screen_of(10));
  EXPECT_EQ(drain(outbox), (std::vector{Op::screen_begin, Op::screen_data, Op::screen_show}));
}

TEST(Outbox, ADroppedLiveScreenLeavesTheKeptOnes) {
  Outbox outbox;
  outbox.screen(1000, ScreenSlot::live, screen_of(5000));
  outbox.next(1000);
  outbox.screen(2, ScreenSlot::arrived, screen_of(10));
  outbox.drop_live_screens();
  EXPECT_EQ(drain(outbox), (std::vector{Op::screen_begin, Op::screen_data}));
}

TEST(Outbox, AcknowledgementsOfFollowingTapsBecomeOne) {
  Outbox outbox;
  const protocol::StorageEpoch a{1};
  const protocol::StorageEpoch b{2};
  for (const std::uint64_t number : {4u, 5u, 6u, 9u}) outbox.acknowledge(a, number);
  outbox.acknowledge(b, 10);
  std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
  while (const auto message = outbox.next(1000)) {
    const auto ack = protocol::decode<protocol::TapAck>(*message);
    ASSERT_TRUE(ack);
    ranges.emplace_back(ack->first, ack->last);
  }
  EXPECT_EQ(ranges,
            (std::vector<std::pair<std::uint64_t, std::uint64_t>>{{4, 6}, {9, 9}, {10, 10}}));
}

TEST(Outbox, AcknowledgementsAndScreensTakeTurns) {
  Outbox outbox;
  outbox.screen(1, ScreenSlot::idle, screen_of(2000));
  for (const std::uint64_t number : {1u, 3u, 5u}) outbox.acknowledge({}, number);
  EXPECT_EQ(drain(outbox), (std::vector{Op::tap_ack, Op::screen_begin, Op::tap_ack, Op::screen_data,
                                        Op::tap_ack, Op::screen_data, Op::screen_data}));
}

TEST(Outbox, EveryLaneIsBounded) {
  Outbox outbox;
  std::size_t answers = 0;
  while (outbox.push(protocol::Answer{})) ASSERT_LE(++answers, Outbox::max_urgent);
  EXPECT_EQ(answers, Outbox::max_urgent);
  std::uint64_t acks = 0;
  while (outbox.acknowledge({}, 2 * acks)) ASSERT_LE(++acks, Outbox::max_acks);
  EXPECT_EQ(acks, Outbox::max_acks);
  std::size_t shown = 0;
  while (outbox.screen(1, ScreenSlot::idle, screen_of(1))) ASSERT_LE(++shown, Outbox::max_screens);
  EXPECT_EQ(shown, Outbox::max_screens);
}

}  // namespace
}  // namespace rollcall::terminals
