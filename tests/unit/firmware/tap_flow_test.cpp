// The way of a tap as the terminal sees it, also where something on the way is lost.
#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/firmware/bench.hpp"

namespace rollcall::firmware {
namespace {

using hal::Colour;
using testing::ElementsAre;

TEST(TapFlow, TapIsInTheQueueAndOnTheWireInTheSameTurn) {
  Bench bench;
  bench.plug_in();
  bench.host->answers = false;
  bench.reader.hold(Bench::card_of(1));
  bench.terminal->step();
  EXPECT_EQ(bench.terminal->queue().waiting(), 1u);
  EXPECT_TRUE(bench.port.has_output());
  bench.turn();
  ASSERT_EQ(bench.host->taps.size(), 1u);
  EXPECT_EQ(bench.host->taps[0].number, 1u);
  EXPECT_EQ(bench.host->taps[0].epoch, bench.host->states[0].epoch);
  EXPECT_TRUE(bench.shown.empty());
}

TEST(TapFlow, EachOutcomeShowsItsLight) {
  const std::pair<Outcome, Colour> expected[] = {
      {Outcome::arrived, Colour::green},   {Outcome::left, Colour::green},
      {Outcome::recorded, Colour::green},  {Outcome::repeat, Colour::green},
      {Outcome::see_staff, Colour::amber}, {Outcome::not_recorded, Colour::amber}};
  for (const auto& [outcome, colour] : expected) {
    Bench bench;
    bench.plug_in();
    bench.host->outcome = outcome;
    bench.tap(1);
    bench.run(Millis(20));
    EXPECT_THAT(bench.shown, ElementsAre(shown_for(outcome)));
    EXPECT_EQ(bench.indicator.light().colour, colour);
    EXPECT_EQ(bench.indicator.tunes(), 1u);
  }
}

TEST(TapFlow, OutcomesDifferByTheRhythmOfTheirLightAlone) {
  constexpr int seen = 100;  // ms by which one must be longer to be told from the other
  const Shown kept[] = {Shown::arrived, Shown::left,      Shown::recorded,
                        Shown::repeat,  Shown::see_staff, Shown::recorded_offline};
  for (const Shown a : kept) {
    for (const Shown b : kept) {
      if (a == b) continue;
      const hal::Light one = feedback_for(a).light, other = feedback_for(b).light;
      EXPECT_TRUE(std::abs(one.on_ms - other.on_ms) >= seen ||
                  std::abs(one.off_ms - other.off_ms) >= seen)
          << feedback_for(a).name << " and " << feedback_for(b).name;
    }
  }
}

TEST(TapFlow, OutcomesDifferByToneAloneAndByLightAlone) {
  std::vector<Shown> distinct{Shown::arrived,          Shown::left,
                              Shown::recorded,         Shown::see_staff,
                              Shown::recorded_offline, Shown::one_card};
  for (const Shown a : distinct) {
    for (const Shown b : distinct) {
      if (a == b) continue;
      EXPECT_NE(feedback_for(a).light, feedback_for(b).light);
      EXPECT_NE(feedback_for(a).tune.data(), feedback_for(b).tune.data());
    }
  }
}

TEST(TapFlow, AnswerAcknowledgesTheTapAndTheAnswerIsShownForAWhile) {
  Bench bench;
  bench.plug_in();
  bench.tap(1);
  bench.run(Millis(20));
  EXPECT_EQ(bench.terminal->queue().waiting(), 0u);
  bench.run(Millis(1100));
  EXPECT_EQ(bench.indicator.light().colour, Colour::green);
  bench.run(Millis(200));
  EXPECT_EQ(bench.indicator.light().colour, Colour::off);
}

TEST(TapFlow, NextCardIsTakenWhileTheLastAnswerShows) {
  Bench bench;
  bench.plug_in();
  bench.tap(1);
  bench.run(Millis(100));
  bench.tap(2);
  bench.run(Millis(20));
  EXPECT_EQ(bench.shown.size(), 2u);
  EXPECT_EQ(bench.host->taps.size(), 2u);
}

TEST(TapFlow, CardThatStaysIsOneTapAndComesBackAsAnother) {
  Bench bench;
  bench.plug_in();
  bench.reader.hold(Bench::card_of(1));
  bench.run(Millis(3000));
  EXPECT_EQ(bench.taken.size(), 1u);
  bench.reader.remove();
  bench.run(Millis(300));
  bench.reader.hold(Bench::card_of(1));  // a shaky hand
  bench.run(Millis(100));
  EXPECT_EQ(bench.taken.size(), 1u);
  EXPECT_EQ(bench.terminal->debounce().swallowed(), 1u);
  bench.reader.remove();
  bench.run(Millis(510));
  bench.reader.hold(Bench::card_of(1));
  bench.run(Millis(100));
  EXPECT_EQ(bench.taken.size(), 2u);
}

TEST(TapFlow, PhoneIsMarkedAsARandomNumber) {
  Bench bench;
  bench.plug_in();
  hal::Card phone;
  phone.size = 4;
  phone.uid = {0x08, 1, 2, 3};
  bench.reader.hold(phone);
  bench.run(Millis(20));
  ASSERT_EQ(bench.host->taps.size(), 1u);
  EXPECT_EQ(bench.host->taps[0].kind, protocol::ReadingKind::uid_random);
  EXPECT_EQ(bench.host->taps[0].reading.size, 4);
}

TEST(TapFlow, AnswerLostShowsAmberAtTheDeadlineAndTheTapComesAgainFromTheQueue) {
  Bench bench;
  bench.plug_in();
  bench.host->answers = false;
  bench.tap(1);
  bench.run(Millis(1400));
  EXPECT_TRUE(bench.shown.empty());
  bench.run(Millis(200));
  EXPECT_THAT(bench.shown, ElementsAre(Shown::recorded_offline));
  EXPECT_GE(bench.shown_after[0], protocol::answer_deadline);
  EXPECT_EQ(bench.indicator.light().colour, Colour::amber);
  ASSERT_EQ(bench.host->gave_up.size(), 1u);
  EXPECT_EQ(bench.host->gave_up[0].number, 1u);
  ASSERT_EQ(bench.host->queued.size(), 1u);
  EXPECT_EQ(bench.host->queued[0].number, 1u);
  EXPECT_EQ(bench.terminal->queue().waiting(), 0u);
}

TEST(TapFlow, LateAnswerAcknowledgesAndChangesNoLight) {
  Bench bench;
  bench.plug_in();
  bench.host->answers = false;
  bench.host->acknowledges = false;
  bench.tap(1);
  bench.run(Millis(1600));
  ASSERT_THAT(bench.shown, ElementsAre(Shown::recorded_offline));
  bench.host->answer(bench.taken[0], Outcome::arrived);
  bench.run(Millis(50));
  EXPECT_THAT(bench.shown, ElementsAre(Shown::recorded_offline));
  EXPECT_EQ(bench.indicator.light().colour, Colour::amber);
  EXPECT_EQ(bench.late.size(), 1u);
  EXPECT_EQ(bench.terminal->queue().waiting(), 0u);
}

TEST(TapFlow, NotRecordedKeepsTheTapAndSendsItAgain) {
  Bench bench;
  bench.plug_in();
  bench.host->outcome = Outcome::not_recorded;
  bench.host->acknowledges = false;
  bench.tap(1);
  bench.run(Millis(100));
  EXPECT_THAT(bench.shown, ElementsAre(Shown::not_recorded));
  EXPECT_EQ(bench.terminal->queue().waiting(), 1u);
  bench.run(upload_patience + upload_pause + Millis(5000));
  EXPECT_GE(bench.host->queued.size(), 2u);
  bench.host->acknowledges = true;
  bench.run(upload_patience + upload_pause + Millis(5000));
  EXPECT_EQ(bench.terminal->queue().waiting(), 0u);
}

TEST(TapFlow, HostGoneWhileWaitingShowsAmberAtOnce) {
  Bench bench;
  bench.plug_in();
  bench.host->answers = false;
  bench.tap(1);
  bench.run(Millis(100));
  bench.unplug();
  EXPECT_THAT(bench.shown, ElementsAre(Shown::recorded_offline));
}

TEST(TapFlow, GaveUpLostIsNotRepeatedAndTheTapIsStillDelivered) {
  Bench bench;
  bench.plug_in();
  bench.host->answers = false;
  bench.tap(1);
  bench.run(Millis(100));
  bench.host_hears = false;
  bench.run(Millis(1500));
  EXPECT_THAT(bench.shown, ElementsAre(Shown::recorded_offline));
  bench.unplug();
  bench.host_hears = true;
  bench.plug_in();
  bench.run(Millis(100));
  EXPECT_TRUE(bench.host->gave_up.empty());
  ASSERT_EQ(bench.host->queued.size(), 1u);
  EXPECT_EQ(bench.terminal->queue().waiting(), 0u);
}

TEST(TapFlow, PowerCutBetweenAppendAndSendLosesNothing) {
  Bench bench;
  bench.plug_in();
  bench.host_hears = false;
  bench.tap(1);
  EXPECT_TRUE(bench.host->taps.empty());
  bench.cut_power();
  bench.host_hears = true;
  bench.plug_in();
  bench.run(Millis(50));
  ASSERT_EQ(bench.host->queued.size(), 1u);
  const auto opened = protocol::open_reading(bench.host->site_private, bench.host->queued[0]);
  ASSERT_TRUE(opened);
  EXPECT_EQ(protocol::tap_digest(*opened), protocol::tap_digest(bench.taken[0]));
}

TEST(TapFlow, PowerCutBetweenAcknowledgementAndItsRecordCostsAResend) {
  Bench bench;
  bench.plug_in();
  bench.tap(1);
  bench.run(Millis(50));
  EXPECT_EQ(bench.terminal->queue().waiting(), 0u);
  bench.cut_power();
  EXPECT_EQ(bench.terminal->queue().waiting(), 1u);
  bench.plug_in();
  bench.run(Millis(50));
  EXPECT_EQ(bench.host->queued.size(), 1u);
  EXPECT_EQ(bench.terminal->queue().waiting(), 0u);
  bench.run(terminal_timing::acknowledgement_delay + Millis(100));
  bench.cut_power();
  EXPECT_EQ(bench.terminal->queue().waiting(), 0u) << "recorded this time";
}

TEST(TapFlow, PowerCutDuringAppendShowsNothingAndBeginsAnotherEpoch) {
  Bench bench;
  bench.plug_in();
  bench.tap(1);
  bench.run(Millis(100));
  const auto epoch = bench.terminal->queue().epoch();
  bench.flash.cut_at(0, hal::sim::Cut::torn, 5);
  bench.reader.hold(Bench::card_of(2));
  bench.terminal->step();
  EXPECT_FALSE(bench.flash.has_power());
  EXPECT_EQ(bench.taken.size(), 1u);
  bench.cut_power();
  bench.plug_in();
  bench.tap(2);
  bench.run(Millis(50));
  EXPECT_NE(bench.taken.back().epoch, epoch);
  EXPECT_EQ(bench.taken.back().number, 1u);
}

TEST(TapFlow, WipedQueueBeginsAnotherEpoch) {
  Bench bench;
  bench.plug_in();
  bench.tap(1);
  bench.run(Millis(50));
  const auto epoch = bench.taken[0].epoch;
  bench.flash.restore({});
  bench.cut_power();
  bench.plug_in();
  bench.tap(2);
  bench.run(Millis(50));
  EXPECT_NE(bench.taken[1].epoch, epoch);
  EXPECT_EQ(bench.taken[1].number, 1u);
}

TEST(TapFlow, OldQueueImageBeginsAnotherEpochAtTheWelcome) {
  Bench bench;
  bench.plug_in();
  bench.tap(1);
  bench.run(Millis(50));
  const auto old = bench.flash.image();
  const auto epoch = bench.taken[0].epoch;
  for (std::uint8_t card = 2; card < 5; ++card) {
    bench.tap(card);
    bench.run(Millis(50));
  }
  bench.flash.restore(old);
  bench.cut_power();
  bench.host->highest_number = 4;
  bench.plug_in();
  EXPECT_NE(bench.host->states.back().epoch, epoch) << "the host is told";
  bench.tap(9);
  bench.run(Millis(50));
  EXPECT_NE(bench.taken.back().epoch, epoch);
  EXPECT_EQ(bench.taken.back().number, 1u);
}

TEST(TapFlow, HostMayAskForAnotherEpoch) {
  Bench bench;
  bench.plug_in();
  bench.tap(1);
  bench.run(Millis(50));
  bench.host->say(protocol::OpenEpoch{bench.taken[0].epoch});
  bench.host->say(protocol::OpenEpoch{bench.taken[0].epoch});  // said twice: left once
  bench.run(Millis(50));
  EXPECT_EQ(bench.terminal->queue().counters().epochs, 2u) << "the first, and one more";
  bench.tap(2);
  bench.run(Millis(50));
  EXPECT_NE(bench.taken[1].epoch, bench.taken[0].epoch);
}

}  // namespace
}  // namespace rollcall::firmware
