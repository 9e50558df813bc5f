// Transfers to one terminal take turns.
#include "daemon/terminals/transfers.hpp"

#include <array>

#include <gtest/gtest.h>

#include "protocol/messages.hpp"

namespace rollcall::terminals {
namespace {

using protocol::BulkResult;
using Rank = Transfer::Rank;

struct Turns : ::testing::Test {
  bool put(Rank rank, std::uint32_t subject) {
    return transfers.put(
        {.rank = rank,
         .kind = rank == Rank::firmware ? protocol::BulkKind::firmware : protocol::BulkKind::screen,
         .subject = subject,
         .content = std::make_shared<const std::vector<std::uint8_t>>(100),
         .begins = nullptr,
         .sent = nullptr,
         .ended = [this, subject](BulkResult) { ended.push_back(subject); }});
  }
  // What is offered now; 0 when nothing.
  std::uint32_t offered() {
    std::array<std::uint8_t, 256> message{};
    std::uint32_t subject = 0;
    while (bulk.message_due()) {
      const std::size_t size = bulk.take_message(message, {});
      if (const auto offer = protocol::decode<protocol::BulkOffer>({message.data(), size})) {
        subject = offer->subject;
        transfer = offer->transfer;
      }
    }
    return subject;
  }
  void terminal_ends(BulkResult result) {
    std::array<std::uint8_t, 256> message{};
    const protocol::BulkEnd end{.transfer = transfer, .result = result, .by_sender = false};
    const auto size = protocol::encode(end, message);
    bulk.on_message({message.data(), *size}, {});
  }

  protocol::BulkChannel bulk{nullptr};
  Transfers transfers{bulk};
  std::uint8_t transfer = 0;
  std::vector<std::uint32_t> ended;
};

TEST_F(Turns, AScreenInterruptsAnImageWhichIsOfferedAgainAfterwards) {
  put(Rank::firmware, 7);
  EXPECT_EQ(offered(), 7u);
  put(Rank::kept, 2);
  EXPECT_EQ(offered(), 2u);
  put(Rank::live, 1);
  EXPECT_EQ(offered(), 0u) << "a screen is not interrupted";
  terminal_ends(BulkResult::complete);
  EXPECT_EQ(offered(), 1u);
  terminal_ends(BulkResult::complete);
  EXPECT_EQ(offered(), 7u);
  EXPECT_EQ(ended, (std::vector<std::uint32_t>{2, 1})) << "the image has not ended";
  terminal_ends(BulkResult::complete);
  EXPECT_EQ(ended, (std::vector<std::uint32_t>{2, 1, 7}));
}

TEST_F(Turns, AnImageWaitsWhileThePanelIsUsedAndIsNotInterruptedByThatAlone) {
  put(Rank::firmware, 7);
  EXPECT_EQ(offered(), 7u);
  transfers.hold_firmware(true);
  EXPECT_TRUE(bulk.sending());
  put(Rank::live, 1);
  EXPECT_EQ(offered(), 1u);
  terminal_ends(BulkResult::complete);
  EXPECT_EQ(offered(), 0u);
  transfers.hold_firmware(false);
  EXPECT_EQ(offered(), 7u);
}

TEST_F(Turns, WhatIsNoTransferNeedsNoTurnOfAnImage) {
  put(Rank::firmware, 7);
  bool shown = false;
  transfers.put({.rank = Rank::live,
                 .content = nullptr,
                 .begins = [&] { shown = true; },
                 .sent = nullptr,
                 .ended = nullptr});
  EXPECT_TRUE(shown);
  EXPECT_TRUE(bulk.sending());
}

TEST_F(Turns, ADroppedImageDoesNotComeBack) {
  put(Rank::firmware, 7);
  put(Rank::live, 1);
  offered();
  transfers.drop(Rank::firmware);
  terminal_ends(BulkResult::complete);
  EXPECT_FALSE(bulk.sending());
  put(Rank::firmware, 8);
  offered();
  transfers.drop(Rank::firmware);
  EXPECT_FALSE(bulk.sending());
}

TEST_F(Turns, AreOverWithTheLink) {
  put(Rank::firmware, 7);
  put(Rank::live, 1);
  bulk.down();
  transfers.close();
  transfers.hold_firmware(false);
  EXPECT_FALSE(bulk.sending());
  EXPECT_TRUE(ended.empty());
}

}  // namespace
}  // namespace rollcall::terminals
