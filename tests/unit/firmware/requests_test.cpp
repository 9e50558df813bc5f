// What the host asks for beside the conversation about taps.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/firmware/bench.hpp"

namespace rollcall::firmware {
namespace {

using protocol::Op;
using protocol::ReplyStatus;
using testing::ElementsAre;
using testing::SizeIs;

MATCHER_P2(Replies, op, status, "") {
  return arg.to == static_cast<std::uint16_t>(op) && arg.status == status;
}

protocol::Configure configuration(const char* room, protocol::TerminalMode mode) {
  protocol::Configure configure;
  const auto bytes = [](std::string_view text) {
    return Bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  };
  configure.room.assign(bytes(room));
  configure.languages.assign(bytes("fr,en"));
  configure.mode = mode;
  return configure;
}

class Requests : public testing::Test {
 protected:
  Requests() { bench.plug_in(); }
  Bench bench;
};

TEST_F(Requests, ConfigurationIsDurableBeforeItIsConfirmed) {
  bench.host->say(configuration("Cuisine", protocol::TerminalMode::childcare));
  bench.run(Millis(50));
  EXPECT_THAT(bench.host->replies, ElementsAre(Replies(Op::configure, ReplyStatus::done)));
  bench.cut_power();
  EXPECT_EQ(bench.terminal->settings()->room.size, 7);
  EXPECT_EQ(bench.terminal->settings()->mode, protocol::TerminalMode::childcare);
  EXPECT_EQ(bench.terminal->settings()->languages.size, 5);
}

TEST_F(Requests, ConfigurationThatDidNotChangeWearsNothingOut) {
  bench.host->say(configuration("Cuisine", protocol::TerminalMode::childcare));
  bench.run(Millis(50));
  const auto writes = bench.settings_flash.operations();
  bench.host->say(configuration("Cuisine", protocol::TerminalMode::childcare));
  bench.run(Millis(50));
  EXPECT_EQ(bench.settings_flash.operations(), writes);
  EXPECT_THAT(bench.host->replies, SizeIs(2));
}

TEST_F(Requests, UnknownModeIsRefused) {
  bench.host->say(configuration("Cuisine", static_cast<protocol::TerminalMode>(9)));
  bench.run(Millis(50));
  EXPECT_THAT(bench.host->replies, ElementsAre(Replies(Op::configure, ReplyStatus::refused)));
}

TEST_F(Requests, ConfigurationThatCannotBeKeptChangesNothing) {
  const auto writes = bench.settings_flash.operations();
  bench.host->say(configuration("Cuisine", protocol::TerminalMode::childcare));
  for (std::uint64_t i = 0; i < 12; ++i) bench.settings_flash.fail_at(0, hal::sim::Cut::before, 1);
  bench.run(Millis(50));
  EXPECT_GT(bench.settings_flash.operations(), writes);
  ASSERT_THAT(bench.host->replies, SizeIs(1));
  const bool kept = bench.terminal->settings()->room.size == 7;
  EXPECT_EQ(bench.host->replies[0].status, kept ? ReplyStatus::done : ReplyStatus::failed);
}

TEST_F(Requests, NewKeyIsInForceFromTheNextHandshakeOn) {
  crypto::Key key{};
  key.fill(0x42);
  bench.host->next_key = key;
  bench.host->say(protocol::RotateKey{key});
  bench.run(Millis(50));
  EXPECT_THAT(bench.host->replies, ElementsAre(Replies(Op::rotate_key, ReplyStatus::done)));
  EXPECT_EQ(bench.host->proven_key, 0u);
  bench.run(Millis(1000));
  bench.unplug();
  bench.plug_in();
  EXPECT_TRUE(bench.terminal->welcomed());
  EXPECT_EQ(bench.host->proven_key, 1u);
}

TEST(RotateKey, PowerCutAtEachStepLeavesOneOfTheTwoKeys) {
  for (const auto how : {hal::sim::Cut::before, hal::sim::Cut::after, hal::sim::Cut::torn}) {
    for (std::uint64_t at = 0; at < 8; ++at) {
      SCOPED_TRACE(at);
      Bench bench;
      bench.plug_in();
      crypto::Key key{};
      key.fill(0x42);
      bench.host->next_key = key;
      bench.host->say(protocol::RotateKey{key});
      bench.settings_flash.cut_at(at, how, at);
      bench.run(Millis(50));
      const bool confirmed =
          !bench.host->replies.empty() && bench.host->replies[0].status == ReplyStatus::done;
      bench.cut_power();
      bench.plug_in();
      EXPECT_TRUE(bench.terminal->welcomed());
      EXPECT_TRUE(!confirmed || bench.host->proven_key == 1u);
    }
  }
}

TEST_F(Requests, StatsCount) {
  bench.tap(1);
  bench.run(Millis(50));
  bench.host->say(protocol::StatsRequest{});
  bench.run(Millis(50));
  ASSERT_THAT(bench.host->stats, SizeIs(1));
  EXPECT_EQ(bench.host->stats[0].taps, 1u);
  EXPECT_EQ(bench.host->stats[0].bad_tags, 0u);
  EXPECT_GE(bench.host->stats[0].uptime_ms, 100u);
}

TEST_F(Requests, IdentifyBlinksAndSoundsUntilItsTimeIsOver) {
  bench.host->say(protocol::Identify{5});
  bench.run(Millis(3000));
  EXPECT_EQ(bench.indicator.light(), identify_light);
  EXPECT_GE(bench.indicator.tunes(), 2u);
  bench.run(Millis(2500));
  EXPECT_EQ(bench.indicator.light(), hal::Light{});
  EXPECT_THAT(bench.host->replies, ElementsAre(Replies(Op::identify, ReplyStatus::done)));
}

TEST_F(Requests, IdentifyGivesWayToATapAndStopsWhenTold) {
  bench.host->say(protocol::Identify{60});
  bench.run(Millis(100));
  bench.tap(1);
  bench.run(Millis(50));
  EXPECT_EQ(bench.indicator.light().colour, hal::Colour::green);
  bench.run(Millis(1500));
  EXPECT_EQ(bench.indicator.light(), identify_light);
  bench.host->say(protocol::Identify{0});
  bench.run(Millis(50));
  EXPECT_EQ(bench.indicator.light(), hal::Light{});
  bench.host->say(protocol::Identify{61});
  bench.run(Millis(50));
  EXPECT_THAT(bench.host->replies.back(), Replies(Op::identify, ReplyStatus::refused));
}

TEST_F(Requests, FeedbackLooksLikeAnAnswerForAsLongAsAsked) {
  bench.host->say(protocol::Feedback{Outcome::recorded, 3000});
  bench.run(Millis(2500));
  EXPECT_EQ(bench.indicator.light(), feedback_for(Shown::recorded).light);
  bench.run(Millis(1000));
  EXPECT_EQ(bench.indicator.light(), hal::Light{});
}

TEST_F(Requests, FeedbackIsNeverTakenForTheAnswerToATap) {
  bench.host->answers = false;
  bench.tap(1);
  bench.host->say(protocol::Feedback{Outcome::arrived, 1000});
  bench.run(Millis(500));
  EXPECT_EQ(bench.indicator.light(), hal::Light{});
  bench.host->answer(bench.host->taps[0], Outcome::see_staff);
  bench.run(Millis(100));
  EXPECT_EQ(bench.indicator.light(), feedback_for(Shown::see_staff).light);
  bench.run(Millis(1300));
  EXPECT_EQ(bench.indicator.light(), feedback_for(Shown::arrived).light);
}

TEST_F(Requests, WatchedCardsAreToldAsTheyComeAndGo) {
  bench.host->say(protocol::CardWatch{true});
  bench.run(Millis(50));
  bench.reader.hold(Bench::card_of(3));
  bench.run(Millis(50));
  bench.reader.remove();
  bench.run(Millis(50));
  ASSERT_THAT(bench.host->cards, SizeIs(2));
  EXPECT_TRUE(bench.host->cards[0].present);
  EXPECT_EQ(bench.host->cards[0].reading.size, 7);
  EXPECT_FALSE(bench.host->cards[1].present);
  EXPECT_EQ(bench.host->cards[1].reading.size, 0);
  EXPECT_THAT(bench.host->taps, SizeIs(1)) << "beside its tap";
  bench.host->say(protocol::CardWatch{false});
  bench.run(Millis(50));
  bench.tap(4);
  bench.run(Millis(50));
  EXPECT_THAT(bench.host->cards, SizeIs(2));
}

TEST_F(Requests, WhatTheTerminalCannotDoIsSaid) {
  protocol::ApduRequest request;
  request.exchange = 77;
  request.deadline_ms = 500;
  bench.host->say(request);
  bench.host->say(protocol::UpdateOffer{});
  bench.run(Millis(50));
  ASSERT_THAT(bench.host->apdus, SizeIs(1));
  EXPECT_EQ(bench.host->apdus[0].exchange, 77u);
  EXPECT_EQ(bench.host->apdus[0].status, protocol::ApduStatus::unsupported);
  ASSERT_THAT(bench.host->updates, SizeIs(1));
  EXPECT_EQ(bench.host->updates[0].stage, protocol::UpdateStage::refused);
  EXPECT_EQ(bench.host->updates[0].problem, protocol::UpdateProblem::unsupported);
}

TEST_F(Requests, RebootFollowsItsReplyAndLosesNothing) {
  bench.tap(1);
  bench.run(Millis(20));
  bench.host->say(protocol::Reboot{500});
  bench.run(Millis(100));
  EXPECT_THAT(bench.host->replies, ElementsAre(Replies(Op::reboot, ReplyStatus::done)));
  EXPECT_EQ(bench.restarts, 0u);
  bench.run(Millis(500));
  EXPECT_EQ(bench.restarts, 1u);
  EXPECT_EQ(bench.host->down_reason, protocol::CloseReason::peer_bye);
  bench.cut_power();
  EXPECT_EQ(bench.terminal->queue().waiting(), 0u) << "the acknowledgement was recorded";
}

TEST_F(Requests, RebootWaitsForTheAnswerToATap) {
  bench.host->answers = false;
  bench.tap(1);
  bench.host->say(protocol::Reboot{0});
  bench.run(Millis(1000));
  EXPECT_EQ(bench.restarts, 0u);
  bench.run(Millis(1000));
  EXPECT_THAT(bench.shown, ElementsAre(Shown::recorded_offline));
  EXPECT_EQ(bench.restarts, 1u);
}

}  // namespace
}  // namespace rollcall::firmware
