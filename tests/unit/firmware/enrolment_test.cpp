// Enrolment through the panel: what the person at the terminal sees and does, and what is left
// when power, link or host fail on the way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "firmware/terminal/digits.hpp"
#include "tests/unit/firmware/bench.hpp"

namespace rollcall::firmware {
namespace {

using protocol::EnrolEndReason;
using testing::ElementsAre;
using testing::IsEmpty;
using State = protocol::HostEnrolment::State;

constexpr hal::Size panel{320, 240};

class Enrolling : public testing::Test {
 protected:
  Enrolling() : bench({.panel = panel, .enrolled = false}) { bench.reconnects = true; }

  void touch(const Box& box) {
    bench.touch.press({static_cast<std::uint16_t>(box.x + box.width / 2),
                       static_cast<std::uint16_t>(box.y + box.height / 2)});
    bench.run(Millis(20));
  }
  void same() { touch(number_layout(panel).same); }
  void different() { touch(number_layout(panel).different); }
  // Until both numbers can be compared.
  bool compare() {
    bench.terminal->open_window();
    if (!bench.host) bench.host.emplace();
    if (!bench.port.is_connected()) bench.plug_in();
    return bench.run_until([&] { return bench.terminal->enrolment().number().has_value(); });
  }
  bool welcomed() {
    return bench.run_until([&] { return bench.terminal->welcomed(); }, Millis(5000));
  }
  // Restarted after a power cut: it has the key, or gets one in another window.
  void expect_usable() {
    if (!bench.terminal->settings()) {
      EXPECT_FALSE(bench.terminal->welcomed());
      ASSERT_TRUE(compare());
      bench.host->type(*bench.terminal->enrolment().number());
      bench.terminal->agree(true);
    }
    EXPECT_TRUE(welcomed());
    EXPECT_EQ(bench.host->proven_key, 1u);
  }

  Bench bench;
};

TEST_F(Enrolling, SameNumberIsOnBothSidesAndOnThePanel) {
  ASSERT_TRUE(compare());
  EXPECT_EQ(bench.terminal->enrolment().number(), bench.host->number());
  bench.run(Millis(20));
  hal::sim::Framebuffer expected(panel);
  draw_number(expected, *bench.host->number(), bench.room->memory().pixels);
  EXPECT_EQ(bench.display->png(), expected.png());
}

TEST_F(Enrolling, AgreedOnBothSidesTheTerminalBelongsToTheSite) {
  ASSERT_TRUE(compare());
  bench.host->type(*bench.host->number());
  bench.run(Millis(20));
  EXPECT_FALSE(bench.terminal->settings()) << "the person at the terminal was not asked yet";
  same();
  EXPECT_THAT(bench.enrolments, ElementsAre(EnrolResult::done));
  EXPECT_EQ(bench.host->attempt_state, State::done);
  EXPECT_FALSE(bench.terminal->enrolment().calling());
  EXPECT_TRUE(welcomed());
  EXPECT_EQ(bench.host->proven_key, 1u);
  bench.tap(1);
  bench.run(Millis(20));
  EXPECT_EQ(bench.shown.back(), Shown::arrived);
  bench.cut_power();
  EXPECT_EQ(bench.terminal->settings()->site.size, 6);
  bench.plug_in();
  EXPECT_TRUE(bench.terminal->welcomed());
}

TEST_F(Enrolling, PersonAtTheTerminalMayAgreeFirst) {
  ASSERT_TRUE(compare());
  same();
  EXPECT_FALSE(bench.terminal->enrolment().number());
  EXPECT_FALSE(bench.terminal->settings());
  bench.host->type(*bench.host->number());
  EXPECT_TRUE(welcomed());
}

TEST_F(Enrolling, DifferentNumbersEndTheAttemptForBoth) {
  ASSERT_TRUE(compare());
  different();
  EXPECT_THAT(bench.enrolments, ElementsAre(EnrolResult::different));
  EXPECT_EQ(bench.host->attempt_state, State::ended);
  EXPECT_EQ(bench.host->attempt_why, EnrolEndReason::different);
  EXPECT_FALSE(bench.terminal->settings());
  EXPECT_FALSE(bench.terminal->enrolment().calling()) << "one attempt ends the window";
}

TEST_F(Enrolling, OtherDigitsAtTheHostEndTheAttemptForBoth) {
  ASSERT_TRUE(compare());
  bench.host->type((*bench.host->number() + 1) % protocol::enrolment_numbers);
  bench.run(Millis(50));
  EXPECT_THAT(bench.enrolments, ElementsAre(EnrolResult::different));
  EXPECT_FALSE(bench.terminal->settings());
}

TEST_F(Enrolling, TouchBesideTheTwoAreasSaysNothing) {
  ASSERT_TRUE(compare());
  bench.run(Millis(20));
  bench.touch.press({1, 1});
  bench.run(Millis(20));
  EXPECT_TRUE(bench.terminal->enrolment().number());
  EXPECT_THAT(bench.enrolments, IsEmpty());
}

TEST_F(Enrolling, HostThatExpectsNobodySaysSo) {
  bench.host.emplace();
  bench.host->expects_enrolment = false;
  bench.terminal->open_window();
  bench.plug_in();
  EXPECT_THAT(bench.enrolments, ElementsAre(EnrolResult::not_expected));
  EXPECT_FALSE(bench.terminal->enrolment().calling());
}

TEST_F(Enrolling, WindowClosesAfterTwoMinutesWithoutAHost) {
  bench.terminal->open_window();
  bench.run(Millis(119'000));
  EXPECT_TRUE(bench.terminal->enrolment().window_open());
  bench.run(Millis(1'100));
  EXPECT_THAT(bench.enrolments, ElementsAre(EnrolResult::expired));
}

TEST_F(Enrolling, WindowClosesAfterTwoMinutesOfComparingToo) {
  ASSERT_TRUE(compare());
  bench.run(Millis(121'000));
  EXPECT_THAT(bench.enrolments, ElementsAre(EnrolResult::expired));
  EXPECT_EQ(bench.host->attempt_why, EnrolEndReason::expired);
  EXPECT_FALSE(bench.terminal->enrolment().number());
}

TEST_F(Enrolling, WithoutASeedTheTerminalRefuses) {
  bench.entropy.set_seeded(false);
  bench.terminal->open_window();
  bench.plug_in();
  EXPECT_THAT(bench.enrolments, ElementsAre(EnrolResult::no_entropy));
  EXPECT_EQ(bench.host->attempt_why, EnrolEndReason::no_entropy);
}

TEST_F(Enrolling, LinkLostAfterTheAttemptBeganEndsIt) {
  ASSERT_TRUE(compare());
  bench.unplug();
  EXPECT_THAT(bench.enrolments, ElementsAre(EnrolResult::link_lost));
  EXPECT_FALSE(bench.terminal->enrolment().calling());
}

TEST_F(Enrolling, LinkLostBeforeTheAttemptBeganIsNoMatter) {
  bench.terminal->open_window();
  bench.host.emplace();
  bench.terminal_hears = false;
  bench.plug_in();
  bench.unplug();
  bench.terminal_hears = true;
  EXPECT_TRUE(bench.terminal->enrolment().window_open());
  EXPECT_TRUE(compare());
}

TEST_F(Enrolling, CancelledAtTheTerminalTheHostIsTold) {
  ASSERT_TRUE(compare());
  bench.terminal->close_window();
  bench.run(Millis(50));
  EXPECT_THAT(bench.enrolments, ElementsAre(EnrolResult::cancelled));
  EXPECT_EQ(bench.host->attempt_why, EnrolEndReason::cancelled);
}

TEST_F(Enrolling, AnythingElseOnTheUntaggedLinkEndsTheAttempt) {
  ASSERT_TRUE(compare());
  bench.host->say(protocol::Reboot{0});
  bench.run(Millis(50));
  EXPECT_THAT(bench.enrolments, ElementsAre(EnrolResult::protocol));
  EXPECT_EQ(bench.restarts, 0u);
}

TEST_F(Enrolling, TapsMeanwhileAreRefusedVisiblyWithoutAKey) {
  ASSERT_TRUE(compare());
  bench.tap(1);
  EXPECT_THAT(bench.shown, ElementsAre(Shown::out_of_service));
  EXPECT_THAT(bench.taken, IsEmpty());
  EXPECT_TRUE(bench.terminal->enrolment().number()) << "and the number stays";
}

TEST_F(Enrolling, KeyThatCannotBeKeptIsNotConfirmed) {
  ASSERT_TRUE(compare());
  bench.host->type(*bench.host->number());
  bench.run(Millis(20));
  bench.settings_flash.cut_at(0, hal::sim::Cut::before, 1);  // a dead chip
  same();
  EXPECT_THAT(bench.enrolments, ElementsAre(EnrolResult::storage));
  EXPECT_EQ(bench.host->attempt_why, EnrolEndReason::storage);
}

TEST_F(Enrolling, PowerCutAtEachStepOfKeepingLeavesAKeyOnBothSidesOrAnotherTry) {
  for (const auto how : {hal::sim::Cut::before, hal::sim::Cut::after, hal::sim::Cut::torn}) {
    for (std::uint64_t at = 0; at < 8; ++at) {
      SCOPED_TRACE(at);
      Bench fresh({.panel = panel, .enrolled = false});
      fresh.reconnects = true;
      fresh.host.emplace();
      fresh.terminal->open_window();
      fresh.plug_in();
      ASSERT_TRUE(fresh.host->number());
      fresh.host->type(*fresh.host->number());
      fresh.run(Millis(20));
      fresh.settings_flash.cut_at(at, how, at);
      fresh.terminal->agree(true);
      fresh.terminal->step();
      fresh.cut_power();
      fresh.plug_in();
      if (!fresh.terminal->settings()) {
        EXPECT_FALSE(fresh.terminal->welcomed());
        fresh.terminal->open_window();
        ASSERT_TRUE(fresh.run_until([&] { return fresh.host->number().has_value(); }));
        fresh.host->type(*fresh.host->number());
        fresh.terminal->agree(true);
      }
      EXPECT_TRUE(fresh.run_until([&] { return fresh.terminal->welcomed(); }));
      EXPECT_EQ(fresh.host->proven_key, 1u);
    }
  }
}

TEST_F(Enrolling, PowerCutWhileTheNumbersAreComparedLeavesAnotherTry) {
  ASSERT_TRUE(compare());
  bench.cut_power();
  EXPECT_FALSE(bench.terminal->enrolment().calling());
  expect_usable();
}

TEST_F(Enrolling, PowerCutWhileTheQueueIsBegunLeavesTheKey) {
  ASSERT_TRUE(compare());
  bench.host->type(*bench.host->number());
  bench.run(Millis(20));
  bench.flash.cut_at(1, hal::sim::Cut::torn, 3);
  bench.terminal->agree(true);
  bench.terminal->step();
  bench.cut_power();
  ASSERT_TRUE(bench.terminal->settings());
  bench.plug_in();
  EXPECT_TRUE(welcomed());
}

TEST_F(Enrolling, ConfirmationThatIsLostIsMadeUpForByTheFirstHandshake) {
  ASSERT_TRUE(compare());
  bench.host->type(*bench.host->number());
  bench.run(Millis(20));
  bench.host_hears = false;
  same();
  EXPECT_EQ(bench.host->attempt_state, State::granted);
  bench.unplug();
  bench.host_hears = true;
  bench.plug_in();
  EXPECT_TRUE(welcomed());
  EXPECT_EQ(bench.host->proven_key, 1u);
}

TEST(EnrolledTerminal, GetsAnotherKeyOfItsSiteAndKeepsRoomAndQueue) {
  Bench bench;
  bench.reconnects = true;
  bench.plug_in();
  bench.host->say(protocol::Configure{{}, protocol::TerminalMode::childcare, {}});
  bench.host->acknowledges = bench.host->answers = false;
  bench.tap(1);
  bench.run(Millis(100));
  bench.terminal->open_window();
  ASSERT_TRUE(bench.run_until([&] { return bench.terminal->enrolment().number().has_value(); }));
  EXPECT_EQ(bench.shown.back(), Shown::recorded_offline);
  bench.host->type(*bench.host->number());
  bench.terminal->agree(true);
  ASSERT_TRUE(bench.run_until([&] { return bench.terminal->welcomed(); }));
  EXPECT_EQ(bench.host->proven_key, 1u);
  EXPECT_EQ(bench.terminal->settings()->mode, protocol::TerminalMode::childcare);
  EXPECT_EQ(bench.terminal->queue().waiting(), 1u);
}

}  // namespace
}  // namespace rollcall::firmware
