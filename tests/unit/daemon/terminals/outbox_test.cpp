#include "daemon/terminals/outbox.hpp"

#include <gtest/gtest.h>

namespace rollcall::terminals {
namespace {

using protocol::Op;

std::vector<Op> drain(Outbox& outbox) {
  std::vector<Op> ops;
  while (const auto message = outbox.next())
    ops.push_back(static_cast<Op>(*protocol::peek_op(*message)));
  return ops;
}

TEST(Outbox, AnswersOvertakeAcknowledgements) {
  Outbox outbox;
  for (const std::uint64_t number : {1u, 3u}) outbox.acknowledge({}, number);
  outbox.push(protocol::Answer{});
  EXPECT_EQ(drain(outbox), (std::vector{Op::answer, Op::tap_ack, Op::tap_ack}));
  EXPECT_TRUE(outbox.empty());
}

TEST(Outbox, AcknowledgementsOfFollowingTapsBecomeOne) {
  Outbox outbox;
  const protocol::StorageEpoch a{1};
  const protocol::StorageEpoch b{2};
  for (const std::uint64_t number : {4u, 5u, 6u, 9u}) outbox.acknowledge(a, number);
  outbox.acknowledge(b, 10);
  std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
  while (const auto message = outbox.next()) {
    const auto ack = protocol::decode<protocol::TapAck>(*message);
    ASSERT_TRUE(ack);
    ranges.emplace_back(ack->first, ack->last);
  }
  EXPECT_EQ(ranges,
            (std::vector<std::pair<std::uint64_t, std::uint64_t>>{{4, 6}, {9, 9}, {10, 10}}));
}

TEST(Outbox, EveryLaneIsBounded) {
  Outbox outbox;
  std::size_t answers = 0;
  while (outbox.push(protocol::Answer{})) ASSERT_LE(++answers, Outbox::max_urgent);
  EXPECT_EQ(answers, Outbox::max_urgent);
  std::uint64_t acks = 0;
  while (outbox.acknowledge({}, 2 * acks)) ASSERT_LE(++acks, Outbox::max_acks);
  EXPECT_EQ(acks, Outbox::max_acks);
}

}  // namespace
}  // namespace rollcall::terminals
