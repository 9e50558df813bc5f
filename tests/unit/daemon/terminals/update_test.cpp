// A firmware update of one terminal, with a session that only notes what it is told.
#include "daemon/terminals/update.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

namespace rollcall::terminals {
namespace {

using namespace std::chrono_literals;
using protocol::BulkResult;
using protocol::UpdateProblem;
using protocol::UpdateStage;

struct Peer final : UpdatePeer {
  void offer_update(const protocol::UpdateOffer& offer) override { offers.push_back(offer); }
  void send_image(std::shared_ptr<const std::vector<std::uint8_t>> image,
                  const crypto::Digest&) override {
    images.push_back(std::move(image));
  }
  void drop_image() override { ++drops; }
  bool image_waits() const override { return waits-- > 0; }
  std::uint8_t slot_in_use() const override { return slot; }

  std::uint8_t slot = 0;
  std::vector<protocol::UpdateOffer> offers;
  std::vector<std::shared_ptr<const std::vector<std::uint8_t>>> images;
  int drops = 0;
  mutable int waits = 0;  // times it is asked while somebody uses the panel
};

struct Updating : ::testing::Test {
  static UpdateWish wish(std::uint8_t content = 7) {
    return {.serial = "TC-1",
            .version = "2.0.0",
            .security_counter = 3,
            .slot = std::nullopt,
            .image = std::vector<std::uint8_t>(1000, content),
            .actor = "desk-1"};
  }
  std::expected<void, std::string> begin() {
    return update.begin(wish(), crypto::sha256(wish().image), &peer);
  }
  void says(UpdateStage stage, UpdateProblem problem = UpdateProblem::none) {
    update.heard(peer, {stage, problem, 3});
  }
  UpdateStep step() const { return update.view()->step; }

  boost::asio::io_context io;
  Peer peer;
  Update update{io.get_executor(), 50ms};
};

TEST_F(Updating, IsOfferedSentWhenWantedAndOverWhenStaged) {
  EXPECT_FALSE(update.view());
  ASSERT_TRUE(begin());
  ASSERT_EQ(peer.offers.size(), 1u);
  EXPECT_EQ(peer.offers[0].slot, 1) << "the one that is not in use";
  EXPECT_EQ(peer.offers[0].bytes, 1000u);
  EXPECT_EQ(peer.offers[0].security_counter, 3u);
  EXPECT_EQ(peer.offers[0].digest, crypto::sha256(wish().image));
  EXPECT_TRUE(peer.images.empty()) << "nothing is sent unasked";
  says(UpdateStage::wanted);
  ASSERT_EQ(peer.images.size(), 1u);
  EXPECT_EQ(*peer.images[0], wish().image);
  update.sent(peer, 400);
  EXPECT_EQ(update.view()->sent, 400u);
  update.transfer_ended(peer, BulkResult::complete);
  EXPECT_EQ(step(), UpdateStep::transferring) << "the terminal has the last word";
  says(UpdateStage::staged);
  EXPECT_EQ(step(), UpdateStep::staged);
  EXPECT_EQ(update.view()->sent, 1000u);
  EXPECT_EQ(peer.images[0].use_count(), 1) << "nothing of it stays in memory";
}

TEST_F(Updating, AnImageThatIsStagedAlreadyIsNotSent) {
  ASSERT_TRUE(begin());
  says(UpdateStage::staged);
  EXPECT_EQ(step(), UpdateStep::staged);
  EXPECT_TRUE(peer.images.empty());
}

TEST_F(Updating, ARefusalSaysWhy) {
  ASSERT_TRUE(begin());
  says(UpdateStage::refused, UpdateProblem::too_old);
  EXPECT_EQ(step(), UpdateStep::refused);
  EXPECT_EQ(update.view()->problem, UpdateProblem::too_old);
  EXPECT_TRUE(begin()) << "another may begin";
}

TEST_F(Updating, OneRunsAtATimeAndNoneWithoutItsTerminal) {
  const auto away = update.begin(wish(), {}, nullptr);
  ASSERT_FALSE(away);
  EXPECT_EQ(away.error(), "TC-1 is not connected");
  EXPECT_FALSE(update.view());
  ASSERT_TRUE(begin());
  const auto second = begin();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error(), "an update of TC-1 is under way; wait for it or cancel that one first");
}

TEST_F(Updating, ABrokenConnectionGoesOnWithTheNextOne) {
  ASSERT_TRUE(begin());
  says(UpdateStage::wanted);
  update.sent(peer, 400);
  update.lost(peer);
  EXPECT_EQ(step(), UpdateStep::waiting_for_terminal);
  Peer other;
  update.met("TC-2", other);
  EXPECT_TRUE(other.offers.empty());
  Peer again;
  update.met("TC-1", again);
  update.met("TC-1", again);
  ASSERT_EQ(again.offers.size(), 1u) << "once for each connection";
  EXPECT_EQ(again.offers[0].digest, peer.offers[0].digest);
  says(UpdateStage::staged);
  EXPECT_EQ(step(), UpdateStep::offered) << "what the old connection says counts no longer";
  update.heard(again, {UpdateStage::wanted, UpdateProblem::none, 3});
  EXPECT_EQ(again.images.size(), 1u);
}

TEST_F(Updating, NobodyWaitsForEver) {
  ASSERT_TRUE(begin());
  io.run();
  EXPECT_EQ(step(), UpdateStep::failed);
  EXPECT_EQ(update.view()->reason, "the terminal did not answer in time");
  EXPECT_EQ(peer.drops, 1);
  ASSERT_TRUE(begin());
  update.lost(peer);
  io.restart();
  io.run();
  EXPECT_EQ(update.view()->reason,
            "the connection broke and the terminal did not come back in time");
}

TEST_F(Updating, WhoUsesThePanelIsWaitedFor) {
  const auto before = std::chrono::steady_clock::now();  // no later than the wait begins
  ASSERT_TRUE(begin());
  says(UpdateStage::wanted);
  peer.waits = 2;
  io.run();
  EXPECT_EQ(step(), UpdateStep::failed);
  EXPECT_GE(std::chrono::steady_clock::now() - before, 150ms);
}

TEST_F(Updating, ATransferThatStallsIsOfferedAgainAFewTimes) {
  ASSERT_TRUE(begin());
  for (int i = 0; i <= Update::max_setbacks; ++i) {
    EXPECT_EQ(step(), UpdateStep::offered);
    says(UpdateStage::wanted);
    update.transfer_ended(peer, BulkResult::stalled);
  }
  EXPECT_EQ(step(), UpdateStep::failed);
  EXPECT_EQ(peer.offers.size(), std::size_t{Update::max_setbacks} + 1);
}

TEST_F(Updating, CancellingStopsTheTransfer) {
  EXPECT_FALSE(update.cancel());
  ASSERT_TRUE(begin());
  says(UpdateStage::wanted);
  EXPECT_TRUE(update.cancel());
  EXPECT_EQ(peer.drops, 1);
  EXPECT_EQ(update.view()->reason, "it was cancelled");
  update.transfer_ended(peer, BulkResult::cancelled);
  EXPECT_EQ(step(), UpdateStep::failed);
}

TEST_F(Updating, ALateWordAboutTheUpdateBeforeIsNotTakenForThisOne) {
  ASSERT_TRUE(begin());
  says(UpdateStage::wanted);
  update.cancel();
  ASSERT_TRUE(update.begin(wish(8), crypto::sha256(wish(8).image), &peer));
  says(UpdateStage::staged);  // the one before
  EXPECT_EQ(step(), UpdateStep::offered);
  EXPECT_EQ(peer.offers.size(), 3u) << "asked once more";
  says(UpdateStage::wanted);
  EXPECT_EQ(*peer.images.back(), wish(8).image);
  says(UpdateStage::wanted);  // to the second offer
  EXPECT_EQ(peer.images.size(), 2u);
  says(UpdateStage::staged);
  EXPECT_EQ(step(), UpdateStep::staged);
}

TEST_F(Updating, ARevokedTerminalGetsNoMore) {
  ASSERT_TRUE(begin());
  update.revoked("TC-2");
  EXPECT_EQ(step(), UpdateStep::offered);
  update.revoked("TC-1");
  EXPECT_EQ(step(), UpdateStep::failed);
}

}  // namespace
}  // namespace rollcall::terminals
