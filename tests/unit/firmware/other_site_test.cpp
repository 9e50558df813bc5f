// A terminal goes to another site: only when no tap waits, and wholly, whenever the power fails.
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/firmware/bench.hpp"

namespace rollcall::firmware {
namespace {

using hal::sim::Cut;
using protocol::EnrolEndReason;
using testing::ElementsAre;

crypto::Key other_private() {
  crypto::Key key;
  key.fill(5);
  return key;
}
crypto::Key other_key() {
  return *crypto::x25519_public(other_private());
}

// A terminal of site-7's that has recorded a tap, in range of the other site's host.
struct Moving {
  explicit Moving(bool acknowledged = true) {
    bench.reconnects = true;
    bench.plug_in();
    bench.host->acknowledges = bench.host->answers = acknowledged;
    tap();
    bench.run(Millis(20));
    former = bench.terminal->settings()->site_key;
    bench.host->site_key = other_key();
  }
  void tap() {
    bench.tap(static_cast<std::uint8_t>(1 + bench.taken.size()));
    bench.run(Millis(20));
  }
  // Until a person at the terminal is asked; the one at the host has typed the number.
  bool compare() {
    bench.terminal->open_window();
    if (!bench.run_until([&] { return bench.terminal->enrolment().number().has_value(); }))
      return false;
    bench.host->type(*bench.host->number());
    bench.run(Millis(20));
    return true;
  }
  bool enrol() {
    if (!compare()) return false;
    bench.terminal->agree(true);
    return bench.run_until([&] { return bench.terminal->welcomed(); });
  }
  // Settings and queue are of one site, and taps are taken for it.
  bool in_service() {
    const auto& settings = bench.terminal->settings();
    return settings && bench.terminal->queue().has_site_key() &&
           bench.terminal->queue().site_key() == settings->site_key;
  }
  // Each identity was given once.
  bool identities_are_unique() const {
    std::set<std::pair<protocol::StorageEpoch, std::uint64_t>> seen;
    return std::ranges::all_of(bench.taken, [&](const protocol::Tap& tap) {
      return seen.emplace(tap.epoch, tap.number).second;
    });
  }

  Bench bench;
  crypto::Key former{};
};

TEST(OtherSite, IsGoneToWhenNoTapWaits) {
  Moving moving;
  const auto before = moving.bench.terminal->queue().epoch();
  ASSERT_EQ(moving.bench.terminal->queue().waiting(), 0u);
  ASSERT_TRUE(moving.enrol());
  EXPECT_THAT(moving.bench.enrolments, ElementsAre(EnrolResult::done));
  EXPECT_EQ(moving.bench.terminal->settings()->site_key, other_key());
  EXPECT_EQ(moving.bench.terminal->queue().site_key(), other_key());
  EXPECT_NE(moving.bench.terminal->queue().epoch(), before);
  moving.tap();
  EXPECT_EQ(moving.bench.shown.back(), Shown::arrived);
  moving.bench.unplug();
  moving.tap();
  EXPECT_EQ(moving.bench.shown.back(), Shown::recorded_offline);
  moving.bench.plug_in();
  ASSERT_TRUE(moving.bench.run_until([&] { return !moving.bench.host->queued.empty(); }));
  for (const auto& tap : moving.bench.host->queued)
    EXPECT_TRUE(protocol::open_reading(other_private(), tap)) << "none of the former site's";
  EXPECT_TRUE(moving.identities_are_unique());
}

TEST(OtherSite, IsRefusedWhileTapsWaitAndNothingIsChanged) {
  Moving moving(false);
  const auto key = moving.bench.terminal->settings()->link_key;
  const auto epoch = moving.bench.terminal->queue().epoch();
  ASSERT_TRUE(moving.compare());
  moving.bench.terminal->agree(true);
  moving.bench.run(Millis(50));
  EXPECT_THAT(moving.bench.enrolments, ElementsAre(EnrolResult::other_site));
  EXPECT_EQ(moving.bench.host->attempt_why, EnrolEndReason::storage);
  EXPECT_EQ(moving.bench.terminal->settings()->link_key, key);
  EXPECT_EQ(moving.bench.terminal->queue().epoch(), epoch);
  EXPECT_EQ(moving.bench.terminal->queue().waiting(), 1u);
  // Its own site takes the tap; then it may go.
  moving.bench.host->site_key = moving.former;
  moving.bench.host->acknowledges = true;
  moving.bench.unplug();
  moving.bench.plug_in();
  ASSERT_TRUE(
      moving.bench.run_until([&] { return moving.bench.terminal->queue().waiting() == 0; }));
  moving.bench.host->site_key = other_key();
  EXPECT_TRUE(moving.enrol());
}

TEST(OtherSite, ATapWhileTheNumbersAreComparedHoldsTheTerminalBack) {
  Moving moving;
  ASSERT_TRUE(moving.compare());
  moving.tap();
  EXPECT_EQ(moving.bench.shown.back(), Shown::recorded_offline);
  moving.bench.terminal->agree(true);
  moving.bench.run(Millis(50));
  EXPECT_THAT(moving.bench.enrolments, ElementsAre(EnrolResult::other_site));
  EXPECT_EQ(moving.bench.terminal->queue().waiting(), 1u);
  EXPECT_TRUE(moving.in_service());
}

TEST(OtherSite, AQueueThatFailsOnceGoesThereLater) {
  Moving moving;
  moving.bench.run(Millis(1200));  // acknowledgements are recorded
  ASSERT_TRUE(moving.compare());
  moving.bench.flash.fail_at(0, Cut::before, 1);  // to erase the next unit
  moving.bench.terminal->agree(true);
  ASSERT_TRUE(moving.bench.run_until([&] { return moving.bench.terminal->welcomed(); }));
  EXPECT_TRUE(moving.in_service());
  EXPECT_EQ(moving.bench.terminal->counters().storage_errors, 1u);
}

TEST(OtherSite, AQueueThatFailsForLongIsTriedAgainAtEachTap) {
  Moving moving;
  moving.bench.run(Millis(1200));
  ASSERT_TRUE(moving.compare());
  moving.bench.flash.cut_at(0, Cut::before, 1);  // no power, for long
  moving.bench.terminal->agree(true);
  moving.bench.run(Millis(3000));
  EXPECT_FALSE(moving.in_service());
  EXPECT_FALSE(moving.bench.terminal->welcomed());
  moving.bench.flash.restart();
  moving.tap();
  EXPECT_EQ(moving.bench.shown.back(), Shown::out_of_service);
  EXPECT_TRUE(moving.in_service());
  EXPECT_TRUE(moving.bench.run_until([&] { return moving.bench.terminal->welcomed(); }));
}

// The power is cut in every storage operation of a change of site, of queue and of settings.
TEST(OtherSite, PowerCutAtAnyMomentLeavesOneSiteWholly) {
  unsigned old_sites = 0;
  unsigned new_sites = 0;
  unsigned unfinished = 0;  // went on after the start
  for (const bool cut_queue : {true, false}) {
    for (const Cut how : {Cut::before, Cut::after, Cut::torn}) {
      bool cut_happened = true;
      for (std::uint64_t at = 0; cut_happened; ++at) {
        ASSERT_LT(at, 100u);
        SCOPED_TRACE(std::string(cut_queue ? "queue" : "settings") + " operation " +
                     std::to_string(at) + " how " + std::to_string(int(how)));
        Moving moving;
        Bench& bench = moving.bench;
        ASSERT_TRUE(moving.compare());
        ASSERT_EQ(bench.terminal->queue().waiting(), 0u);
        ASSERT_TRUE(bench.terminal->queue().acknowledgements_pending())
            << "so that recording them is cut, too";
        hal::sim::FakeFlash& flash = cut_queue ? bench.flash : bench.settings_flash;
        flash.cut_at(at, how, at * 7 + 1);
        bench.terminal->agree(true);
        bench.terminal->step();
        cut_happened = !flash.has_power();
        const auto kept = SettingsStore(bench.settings_flash).load();
        const auto queue_before = bench.terminal->queue().site_key();
        bench.cut_power();
        flash.restart();

        ASSERT_TRUE(moving.in_service()) << "never stuck";
        const bool is_new = bench.terminal->settings()->site_key == other_key();
        // An acknowledgement that was not recorded costs a resend, to the site that can read it.
        const std::uint64_t again = bench.terminal->queue().waiting();
        EXPECT_LE(again, is_new ? 0u : 1u);
        ++(is_new ? new_sites : old_sites);
        if (is_new && kept && kept->site_key == other_key() && queue_before != other_key())
          ++unfinished;
        EXPECT_EQ(bench.terminal->settings()->site_key, is_new ? other_key() : moving.former);
        moving.tap();
        EXPECT_EQ(bench.shown.back(), Shown::recorded_offline);
        EXPECT_TRUE(moving.identities_are_unique());
        EXPECT_EQ(bench.terminal->queue().waiting(), again + 1);

        bench.host->site_key = is_new ? other_key() : moving.former;
        bench.host->queued.clear();
        bench.plug_in();
        ASSERT_TRUE(bench.run_until([&] { return bench.terminal->welcomed(); }));
        ASSERT_TRUE(bench.run_until([&] { return !bench.host->queued.empty(); }));
        crypto::Key opens = other_private();
        if (!is_new) opens = bench.host->site_private;
        ASSERT_TRUE(bench.run_until([&] { return bench.terminal->queue().waiting() == 0; }));
        EXPECT_EQ(bench.host->queued.size(), again + 1) << "each waiting tap, and no other";
        for (const auto& tap : bench.host->queued) EXPECT_TRUE(protocol::open_reading(opens, tap));
        // What was left undone can be done.
        if (!is_new) {
          bench.host->site_key = other_key();
          ASSERT_TRUE(moving.enrol());
          EXPECT_EQ(bench.terminal->settings()->site_key, other_key());
        }
        EXPECT_EQ(flash.rule_breaks(), 0u);
        if (testing::Test::HasFailure()) return;
      }
    }
  }
  EXPECT_GT(old_sites, 5u);
  EXPECT_GT(new_sites, 5u);
  EXPECT_GT(unfinished, 0u);
}

}  // namespace
}  // namespace rollcall::firmware
