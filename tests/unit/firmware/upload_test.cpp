// How the queue empties: a few taps as messages, more as transfers, whatever happens on the way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/firmware/bench.hpp"

namespace rollcall::firmware {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr BenchOptions slow_line{.max_frame = protocol::max_body_serial};

// Taps without a host.
void fill(Bench& bench, unsigned taps) {
  for (unsigned i = 0; i < taps; ++i) {
    bench.tap(static_cast<std::uint8_t>(i));
    bench.run(Millis(5));
  }
}

// All taps came, whole and in order, and none is left.
void expect_all(Bench& bench, std::size_t taps) {
  ASSERT_THAT(bench.host->queued, SizeIs(taps));
  for (std::size_t i = 0; i < taps; ++i) {
    const auto opened = protocol::open_reading(bench.host->site_private, bench.host->queued[i]);
    ASSERT_TRUE(opened);
    EXPECT_EQ(protocol::tap_digest(*opened), protocol::tap_digest(bench.taken[i]));
  }
  EXPECT_EQ(bench.terminal->queue().waiting(), 0u);
}

TEST(Upload, TwoWaitingTapsGoAsMessages) {
  Bench bench;
  fill(bench, 2);
  bench.plug_in();
  bench.run(Millis(100));
  EXPECT_THAT(bench.host->transfers, IsEmpty());
  expect_all(bench, 2);
}

TEST(Upload, MoreGoAsOneTransferAndNoneFollowsBeforeItsTapsAreAcknowledged) {
  Bench bench;
  fill(bench, 40);
  bench.host.emplace();
  bench.host->acknowledges = false;
  bench.plug_in();
  bench.run(Millis(300));
  EXPECT_THAT(bench.host->transfers, ElementsAre(upload_batch));
  const auto epoch = bench.host->queued[0].epoch;
  bench.host->acknowledge(epoch, 1, 31);
  bench.run(Millis(300));
  EXPECT_THAT(bench.host->transfers, SizeIs(1));
  bench.host->acknowledge(epoch, 32, 32);
  bench.run(Millis(300));
  EXPECT_THAT(bench.host->transfers, ElementsAre(upload_batch, 8));
  bench.host->acknowledge(epoch, 33, 40);
  bench.run(Millis(300));
  expect_all(bench, 40);
}

TEST(Upload, LiveTapOvertakesATransfer) {
  Bench bench(slow_line);
  fill(bench, 32);
  bench.plug_in();
  bench.run(Millis(100));
  bench.tap(99);
  bench.run(Millis(50));
  EXPECT_EQ(bench.shown.back(), Shown::arrived);
  EXPECT_EQ(bench.host->taps.back().number, 33u);
  EXPECT_GT(bench.host->transferred, 0u);
  EXPECT_THAT(bench.host->transfers, IsEmpty()) << "still under way";
  bench.run(Millis(2000));
  expect_all(bench, 32);
}

TEST(Upload, LinkLostInMidTransferLosesNothing) {
  Bench bench(slow_line);
  fill(bench, 32);
  bench.plug_in();
  bench.run(Millis(150));
  EXPECT_GT(bench.host->transferred, 0u);
  EXPECT_THAT(bench.host->transfers, IsEmpty());
  bench.unplug();
  bench.plug_in();
  bench.run(Millis(2000));
  EXPECT_THAT(bench.host->transfers, ElementsAre(upload_batch));
  expect_all(bench, 32);
}

TEST(Upload, PowerCutInMidTransferLosesNothing) {
  Bench bench(slow_line);
  fill(bench, 32);
  bench.plug_in();
  bench.run(Millis(150));
  bench.cut_power();
  bench.plug_in();
  bench.run(Millis(2000));
  expect_all(bench, 32);
}

TEST(Upload, AcknowledgementInMidTransferDoesNotChangeWhatIsSent) {
  Bench bench(slow_line);
  fill(bench, 32);
  bench.plug_in();
  bench.run(Millis(100));
  ASSERT_THAT(bench.host->transfers, IsEmpty());
  bench.host->acknowledge(bench.taken[0].epoch, 1, 20);
  bench.run(Millis(2000));
  EXPECT_THAT(bench.host->transfers, ElementsAre(upload_batch));
  expect_all(bench, 32);
}

TEST(Upload, LostAcknowledgementsCostAResend) {
  Bench bench;
  fill(bench, 20);
  bench.host.emplace();
  bench.host->acknowledges = false;
  bench.plug_in();
  bench.run(upload_patience + upload_pause + Millis(1000));
  EXPECT_THAT(bench.host->transfers, ElementsAre(20, 20));
  bench.host->acknowledges = true;
  bench.run(upload_patience + upload_pause + Millis(1000));
  EXPECT_EQ(bench.terminal->queue().waiting(), 0u);
}

TEST(Upload, HostThatTakesNoTransfersGetsMessagesAndAtMostEightAtOnce) {
  Bench bench;
  fill(bench, 20);
  bench.host.emplace();
  bench.host->takes_transfers = false;
  bench.host->acknowledges = false;
  bench.plug_in();
  bench.run(Millis(500));
  ASSERT_THAT(bench.host->queued, SizeIs(upload_window));
  const auto epoch = bench.host->queued[0].epoch;
  bench.host->acknowledge(epoch, 1, 3);
  bench.run(Millis(100));
  EXPECT_THAT(bench.host->queued, SizeIs(upload_window + 3));
  bench.host->acknowledges = true;
  bench.host->acknowledge(epoch, 1, 11);
  bench.run(Millis(500));
  expect_all(bench, 20);
}

TEST(Upload, ResendOfAcknowledgedTapsComesAsATransferToo) {
  Bench bench;
  fill(bench, 12);
  bench.plug_in();
  bench.run(Millis(100));
  ASSERT_EQ(bench.terminal->queue().waiting(), 0u);
  bench.host->queued.clear();
  bench.host->say(protocol::ResendTaps{bench.taken[0].epoch, 1});
  bench.run(Millis(100));
  EXPECT_THAT(bench.host->transfers, Each(12));
  expect_all(bench, 12);
}

}  // namespace
}  // namespace rollcall::firmware
