// Bulk transfers by themselves: docs/protocol.md, "Bulk transfers".
#include <deque>

#include "protocol/link_timing.hpp"
#include "tests/unit/protocol/bulk_ends.hpp"

namespace rollcall::protocol::testing {
namespace {

using namespace std::chrono_literals;
using enum BulkResult;
using Results = std::vector<BulkResult>;

TEST_F(BulkTest, ContentOfAnySizeArrivesWhole) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, chunk - 1, chunk, chunk + 1,
                                 16 * chunk, std::size_t{20'000}}) {
    store.kept.clear();
    offer(some_bytes(size));
    settle();
    EXPECT_EQ(store.kept, content.bytes) << size;
    EXPECT_EQ(store.results.back(), complete);
    EXPECT_EQ(content.results.back(), complete);
    EXPECT_FALSE(sender.sending());
  }
}

TEST_F(BulkTest, OfferSaysWhatComes) {
  offer(some_bytes(300));
  talk();
  ASSERT_EQ(store.offers.size(), 1u);
  EXPECT_EQ(store.offers[0].kind, BulkKind::screen);
  EXPECT_EQ(store.offers[0].subject, 7u);
  EXPECT_EQ(store.offers[0].bytes, 300u);
  EXPECT_EQ(store.offers[0].digest, crypto::sha256(content.bytes));
  const BulkFrame first = frame(sender);
  EXPECT_EQ(first.header.type, FrameType::bulk);
  EXPECT_EQ(first.header.channel, store.offers[0].transfer);
  EXPECT_EQ(first.offset(), 0u);
  EXPECT_EQ(first.payload.size(), 4 + chunk);
}

TEST_F(BulkTest, EachTransferHasAnotherNumber) {
  std::vector<std::uint8_t> numbers;
  for (int i = 0; i < 300; ++i) {
    offer({});
    settle();
    numbers.push_back(store.offers.back().transfer);
    if (i > 0) {
      EXPECT_NE(numbers.back(), numbers[numbers.size() - 2]);
    }
  }
}

TEST_F(BulkTest, ResumesAtEveryOffset) {
  const Buffer whole = some_bytes(3 * chunk + 7);
  for (std::size_t offset = 0; offset <= whole.size(); ++offset) {
    store.kept.assign(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(offset));
    offer(whole);
    talk();
    if (offset < whole.size()) {
      const BulkFrame first = frame(sender);
      EXPECT_EQ(first.offset(), offset);
      give(receiver, first);
    } else {
      EXPECT_FALSE(sender.frame_due()) << "nothing is to be sent";
    }
    settle();
    EXPECT_EQ(store.kept, whole) << offset;
    EXPECT_EQ(content.results.back(), complete) << offset;
  }
}

TEST_F(BulkTest, HeldBytesOfSomethingElseAreNoticedAtTheEnd) {
  store.kept = Buffer(60, 0xee);
  offer(some_bytes(200));
  settle();
  EXPECT_EQ(store.results, Results{digest});
  EXPECT_EQ(content.results, Results{digest});
}

TEST_F(BulkTest, HeldBytesThatCannotBeReadCountForNothing) {
  store.kept = some_bytes(60);
  store.readable = false;
  offer(some_bytes(200));
  talk();
  EXPECT_EQ(frame(sender).offset(), 0u);
}

TEST_F(BulkTest, MoreHeldThanOfferedCountsForNothing) {
  store.kept = some_bytes(300);
  offer(some_bytes(200));
  settle();
  EXPECT_EQ(store.kept, some_bytes(200));
  EXPECT_EQ(content.results, Results{complete});
}

TEST_F(BulkTest, TransferCutByTheLinkIsResumed) {
  offer(some_bytes(1000));
  talk();
  give(receiver, frames(sender));
  sender.down();
  receiver.down();
  EXPECT_FALSE(sender.sending());
  EXPECT_FALSE(sender.frame_due() || sender.message_due());
  EXPECT_FALSE(receiver.frame_due() || receiver.message_due());
  EXPECT_TRUE(content.results.empty()) << "a lost link ends no transfer";
  EXPECT_TRUE(store.results.empty());
  const std::size_t kept = store.kept.size();
  ASSERT_EQ(kept, bulk_limits::window * chunk);
  offer(some_bytes(1000));
  talk();
  EXPECT_EQ(frame(sender).offset(), kept);
}

TEST_F(BulkTest, SenderMayCancel) {
  offer(some_bytes(1000));
  talk();
  give(receiver, frame(sender));
  sender.cancel_sending();
  EXPECT_EQ(content.results, Results{cancelled});
  talk();
  EXPECT_EQ(store.results, Results{cancelled});
  EXPECT_FALSE(sender.frame_due());
}

TEST_F(BulkTest, SenderMayCancelBeforeAnybodyKnows) {
  offer(some_bytes(1000));
  sender.cancel_sending();
  EXPECT_FALSE(sender.message_due());
  EXPECT_EQ(content.results, Results{cancelled});
  sender.cancel_sending();
  EXPECT_EQ(content.results.size(), 1u);
}

TEST_F(BulkTest, ReceiverMayCancel) {
  offer(some_bytes(1000));
  talk();
  give(receiver, frame(sender));
  receiver.cancel_receiving();
  EXPECT_EQ(store.results, Results{cancelled});
  talk();
  EXPECT_EQ(content.results, Results{cancelled});
  EXPECT_FALSE(sender.sending());
  receiver.cancel_receiving();
  EXPECT_EQ(store.results.size(), 1u);
  EXPECT_FALSE(receiver.message_due());
}

TEST_F(BulkTest, BothMayCancelAtOnce) {
  offer(some_bytes(1000));
  talk();
  sender.cancel_sending();
  receiver.cancel_receiving();
  talk();
  EXPECT_EQ(content.results, Results{cancelled});
  EXPECT_EQ(store.results, Results{cancelled});
}

TEST_F(BulkTest, WrongDigestIsNoticed) {
  content.bytes = some_bytes(200);
  sender.send(BulkKind::firmware, 0, 200, crypto::Digest{}, content);
  settle();
  EXPECT_EQ(store.results, Results{digest});
  EXPECT_EQ(content.results, Results{digest});
}

TEST_F(BulkTest, StorageThatFailsEndsTheTransfer) {
  offer(some_bytes(200));
  talk();
  store.writable = false;
  give(receiver, frame(sender));
  EXPECT_EQ(store.results, Results{storage});
  talk();
  EXPECT_EQ(content.results, Results{storage});
}

TEST_F(BulkTest, SourceThatFailsEndsTheTransfer) {
  offer(some_bytes(200));
  talk();
  content.readable = false;
  EXPECT_TRUE(frame(sender).payload.empty());
  EXPECT_EQ(content.results, Results{storage});
  talk();
  EXPECT_EQ(store.results, Results{storage});
}

TEST_F(BulkTest, CompleteContentOfNoUseIsToldToTheSender) {
  store.says_of_complete = storage;
  offer(some_bytes(200));
  settle();
  EXPECT_EQ(store.results, Results{complete});
  EXPECT_EQ(content.results, Results{storage});
}

TEST_F(BulkTest, WhatIsNotWantedIsRefused) {
  store.refuses = refused;
  offer(some_bytes(200));
  settle();
  EXPECT_EQ(content.results, Results{refused});
  EXPECT_TRUE(store.results.empty()) << "it never began";
}

TEST_F(BulkTest, EndThatTakesNothingRefuses) {
  BulkChannel none(nullptr);
  offer(some_bytes(200));
  ASSERT_TRUE(none.on_message(message(sender, now), now));
  EXPECT_TRUE(sender.on_message(message(none, now), now));
  EXPECT_EQ(content.results, Results{refused});
}

TEST_F(BulkTest, NewOfferEndsTheOneBefore) {
  offer(some_bytes(1000));
  talk();
  give(receiver, frame(sender));
  Content second;
  second.bytes = some_bytes(80);
  sender.send(BulkKind::screen, 8, 80, crypto::sha256(second.bytes), second);
  EXPECT_EQ(content.results, Results{cancelled});
  store.kept.clear();
  settle();
  EXPECT_EQ(store.results, (Results{cancelled, complete}));
  EXPECT_EQ(second.results, Results{complete});
  EXPECT_EQ(store.kept, second.bytes);
}

TEST_F(BulkTest, FramesOfTheTransferBeforeAreDropped) {
  offer(some_bytes(1000));
  talk();
  const auto old = frames(sender);
  Content second;
  second.bytes = Buffer(80, 0x33);
  sender.send(BulkKind::screen, 8, 80, crypto::sha256(second.bytes), second);
  talk();
  give(receiver, old);
  EXPECT_TRUE(store.kept.empty());
  EXPECT_FALSE(receiver.frame_due());
}

TEST_F(BulkTest, OfferThatNobodyAnswersIsGivenUp) {
  offer(some_bytes(200));
  message(sender, now);  // into the void
  EXPECT_EQ(deadline(sender), now + link_timing::silence_limit);
  sender.poll(ticks(now + link_timing::silence_limit - 1ms));
  EXPECT_TRUE(sender.sending());
  sender.poll(ticks(now + link_timing::silence_limit));
  EXPECT_EQ(content.results, Results{stalled});
}

TEST_F(BulkTest, OfferWaitsForTheLinkAsLongAsItMust) {
  offer(some_bytes(200));
  EXPECT_EQ(deadline(sender), Millis::max());
}

// Random frames are lost, doubled and out of order; the content is not.
TEST_F(BulkTest, ContentArrivesThroughLossDuplicationAndReordering) {
  Random random;
  for (int round = 0; round < (long_run() ? 1000 : 100); ++round) {
    store = {};
    content.results.clear();
    offer(random.bytes(random.below(5000)));
    const std::size_t lose = 2 + random.below(20);
    std::deque<std::pair<BulkChannel*, BulkFrame>> line;
    for (int step = 0; step < 100'000 && sender.sending(); ++step) {
      now += Millis(random.below(20));
      if (now >= deadline(sender)) sender.poll(ticks(now));
      talk();
      for (BulkChannel* end : {&sender, &receiver}) {
        if (!end->frame_due() || random.one_in(3)) continue;
        line.emplace_back(end == &sender ? &receiver : &sender, frame(*end));
        if (random.one_in(10)) line.push_back(line.back());
      }
      if (line.empty() || random.one_in(3)) continue;
      const auto at =
          line.begin() + (random.one_in(5) ? static_cast<int>(random.below(line.size())) : 0);
      const auto [to, arrived] = *at;
      line.erase(at);
      if (!random.one_in(lose)) give(*to, arrived);
    }
    ASSERT_EQ(content.results.size(), 1u);
    if (content.results[0] == stalled) continue;  // eight times in a row, on a line that loses half
    ASSERT_EQ(content.results[0], complete);
    ASSERT_EQ(store.kept, content.bytes);
  }
}

}  // namespace
}  // namespace rollcall::protocol::testing
