// A database that was put back to an older copy, in all the ways this can happen.
#include <algorithm>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/recovery/divergence.hpp"
#include "tests/unit/daemon/delivery/case_system_double.hpp"
#include "tests/unit/daemon/delivery/site.hpp"

namespace rollcall::recovery {
namespace {

using ::testing::IsSubsetOf;
using ::testing::UnorderedElementsAreArray;

class Restored : public ::testing::Test {
 protected:
  test::Reactor reactor;
  test::TemporaryFolder elsewhere;
  test::Authority authority{elsewhere.path(), "authority"};
  test::CaseSystemDouble case_system{reactor, authority};
  test::Site site{reactor, authority, case_system.port()};

  const std::filesystem::path backup = elsewhere.path() / "backup.db";
  std::string old_epoch;
  std::vector<std::string> all_ids;  // everything that was ever in the log before the restore

  // 12 events delivered, a backup, 18 more delivered, and the backup put back.
  void restore_after_30_events() {
    site.add_events(12);
    site.start();
    ASSERT_TRUE(site.wait_until_delivered());
    site.stop();
    site.back_up_to(backup);
    site.start();
    site.add_events(18);
    ASSERT_TRUE(site.wait_until_delivered());
    site.stop();
    all_ids = site.ids();
    old_epoch = epoch();
    site.put_back(backup);
    ASSERT_EQ(site.number("SELECT count(*) FROM log"), 12);
  }
  std::string epoch() { return site.text("SELECT value FROM meta WHERE key = 'log_epoch'"); }
  bool whole_again() {
    return site.wait_for([&] {
      const auto ids = site.ids();
      return std::ranges::all_of(
                 all_ids,
                 [&](const auto& id) { return std::ranges::find(ids, id) != ids.end(); }) &&
             site.all_delivered();
    });
  }
  // No event twice, none lost, no hole in any epoch, and both ends hold the same.
  void expect_both_ends_agree() {
    auto here = site.ids();
    auto there = case_system.accepted();
    std::ranges::sort(here);
    std::ranges::sort(there);
    EXPECT_EQ(here, there);
    EXPECT_TRUE(std::ranges::adjacent_find(there) == there.end());
    for (const auto& [name, places] : case_system.log()) {
      EXPECT_EQ(places.begin()->first, 1) << name;
      EXPECT_EQ(places.rbegin()->first, static_cast<std::int64_t>(places.size())) << name;
    }
  }
};

TEST_F(Restored, OlderDatabaseIsNoticedWithoutANetworkByTheHighWaterFile) {
  restore_after_30_events();
  case_system.go_away();
  site.start();
  EXPECT_NE(epoch(), old_epoch);
  EXPECT_EQ(site.number("SELECT count(*) FROM inbox WHERE kind = 'restored'"), 1);
  EXPECT_EQ(site.number("SELECT count(*) FROM log WHERE type = 'security.log_diverged'"), 1);
  site.add_events(3);  // these must not take places of the old epoch
  EXPECT_EQ(site.number("SELECT count(*) FROM log WHERE epoch = '" + old_epoch + "'"), 12);
  case_system.come_back();
  ASSERT_TRUE(whole_again());
  expect_both_ends_agree();
}

TEST_F(Restored, MissingEventsComeBackToTheirOwnPlaces) {
  restore_after_30_events();
  site.start();
  ASSERT_TRUE(whole_again());
  EXPECT_EQ(site.number("SELECT count(*) FROM log WHERE epoch = '" + old_epoch + "'"), 30);
  EXPECT_EQ(site.number("SELECT max(sequence) FROM log WHERE epoch = '" + old_epoch + "'"), 30);
  EXPECT_EQ(site.number("SELECT count(*) FROM payload_attendance"), 30);
  expect_both_ends_agree();
  // Movements are rebuilt: the next decision about a person rests on them.
  EXPECT_GT(site.number("SELECT count(*) FROM movement"), 0);
}

TEST_F(Restored, OlderDatabaseWithoutTheFileIsNoticedByTheCaseSystemsState) {
  restore_after_30_events();
  std::filesystem::remove(site.folder() / "highwater");
  site.start();
  ASSERT_TRUE(whole_again());
  EXPECT_NE(epoch(), old_epoch);
  EXPECT_EQ(site.number("SELECT count(*) FROM inbox WHERE kind = 'restored'"), 1);
  expect_both_ends_agree();
}

TEST_F(Restored, EventsTakenInTheOldEpochBeforeTheFirstContactGetPlacesOfTheirOwn) {
  restore_after_30_events();
  std::filesystem::remove(site.folder() / "highwater");
  case_system.go_away();
  site.start();
  EXPECT_EQ(epoch(), old_epoch);  // nobody could know
  site.add_events(25);
  const auto ids = site.ids();
  all_ids.insert(all_ids.end(), ids.begin() + 12, ids.end());
  case_system.come_back();
  ASSERT_TRUE(whole_again());
  EXPECT_NE(epoch(), old_epoch);
  expect_both_ends_agree();
  // Delivered in the order they were taken.
  const auto there = case_system.accepted();
  auto at = there.begin();
  for (auto id = ids.begin() + 12; id != ids.end(); ++id) {
    at = std::find(at, there.end(), *id);
    ASSERT_NE(at, there.end());
  }
}

TEST_F(Restored, WholeFolderPutBackIsTheSame) {
  site.add_events(12);
  site.start();
  ASSERT_TRUE(site.wait_until_delivered());
  site.stop();
  site.back_up_to(backup);
  std::filesystem::copy_file(site.folder() / "highwater", elsewhere.path() / "highwater");
  site.start();
  site.add_events(18);
  ASSERT_TRUE(site.wait_until_delivered());
  site.stop();
  all_ids = site.ids();
  site.put_back(backup);
  std::filesystem::copy_file(elsewhere.path() / "highwater", site.folder() / "highwater",
                             std::filesystem::copy_options::overwrite_existing);
  site.start();
  ASSERT_TRUE(whole_again());
  expect_both_ends_agree();
}

TEST_F(Restored, TwiceToTheSameCopyFindsEverythingAgain) {
  restore_after_30_events();
  site.start();
  site.add_events(5);
  ASSERT_TRUE(whole_again());
  site.stop();
  all_ids = site.ids();
  site.put_back(backup);
  site.start();
  site.add_events(4);
  ASSERT_TRUE(whole_again());
  expect_both_ends_agree();
  EXPECT_EQ(case_system.log().size(), 3u);  // three epochs
}

TEST_F(Restored, EventTakenAgainBeforeTheFetchIsNoSecondEvent) {
  restore_after_30_events();
  case_system.go_away();
  site.start();
  // A tap that was lost with the newer database comes again: its id is derived, so it is the same.
  site.write([&](store::Database& db) {
    for (int i = 0; i < 3; ++i) {
      events::Event again = test::Site::event("p-1");
      again.id = all_ids[static_cast<std::size_t>(20 + i)];
      events::append(db, again, test::Site::now_ms());
    }
  });
  case_system.come_back();
  ASSERT_TRUE(whole_again());
  auto there = case_system.accepted();
  std::ranges::sort(there);
  EXPECT_TRUE(std::ranges::adjacent_find(there) == there.end());
  auto here = site.ids();
  std::ranges::sort(here);
  EXPECT_EQ(here, there);
}

TEST_F(Restored, RejectedEventsThatAreGoneDoNotOpenEpochAfterEpoch) {
  site.add_events(5);
  site.start();
  ASSERT_TRUE(site.wait_until_delivered());
  site.stop();
  site.back_up_to(backup);
  case_system.set_unknown_people({"p-2"});
  site.start();
  site.add_events(3, "p-2");  // the newest places hold rejected events, which do not come back
  ASSERT_TRUE(site.wait_until_delivered());
  site.stop();
  site.put_back(backup);
  for (int i = 0; i < 3; ++i) {
    site.start();
    ASSERT_TRUE(site.wait_until_delivered());
    site.stop();
  }
  EXPECT_EQ(site.number("SELECT count(DISTINCT epoch) FROM log"), 2);
  EXPECT_EQ(site.number("SELECT count(*) FROM log WHERE type = 'security.log_diverged'"), 1);
}

TEST_F(Restored, TapIdentitiesAreRebuiltAndTerminalsAskedAgain) {
  const std::string tap_data = R"({"organisation":"org-1","site":"site-1","room":"door",
    "terminal":"TC-1","tap":{"epoch":"000102030405060708090a0b0c0d0e0f","number":7,
    "digest":")" + std::string(64, 'a') +
                               R"("},"live":true,"reading":"uid","card":")" + std::string(64, 'b') +
                               R"(","assurance":"uid","recognised":true,"outcome":"arrived",
    "time":{"wall":null,"trust":"unproven","monotonic_ms":5,"boot":1}})";
  site.write([](store::Database& db) {
    db.exec(
        "INSERT INTO terminal_epoch (serial, epoch, highest_number) VALUES"
        " ('TC-2', zeroblob(16), 3)");
  });
  site.add_events(2);
  site.start();
  ASSERT_TRUE(site.wait_until_delivered());
  site.stop();
  site.back_up_to(backup);
  site.start();
  site.write([&](store::Database& db) {
    events::Event tap = test::Site::event("p-7");
    tap.type = "tap.recorded";
    tap.purpose = events::Purpose::movement;
    tap.data = tap_data;
    events::append(db, tap, test::Site::now_ms());
  });
  ASSERT_TRUE(site.wait_until_delivered());
  site.stop();
  all_ids = site.ids();
  site.put_back(backup);
  site.start();
  ASSERT_TRUE(whole_again());
  ASSERT_TRUE(site.wait_for([&] {
    return site.number("SELECT count(*) FROM terminal_epoch WHERE resend_pending = 1") == 2;
  }));
  EXPECT_EQ(
      site.text("SELECT serial || number || hex(digest) || outcome || hex(card) || person"
                " FROM tap"),
      "TC-17" +
          [] {
            std::string hex;
            for (int i = 0; i < 32; ++i) hex += "AA";
            return hex;
          }() +
          "1" +
          [] {
            std::string hex;
            for (int i = 0; i < 32; ++i) hex += "BB";
            return hex;
          }() +
          "p-7");
  EXPECT_EQ(site.number("SELECT highest_number FROM terminal_epoch WHERE serial = 'TC-1'"), 7);
  EXPECT_EQ(site.number("SELECT count(*) FROM payload_movement"), 1);
}

TEST_F(Restored, OpenBatchOfTheCopyIsSentAgainAndRecognised) {
  site.start();
  ASSERT_TRUE(site.wait_for([&] { return case_system.state_requests() == 1; }));
  case_system.go_away();
  site.add_events(8);
  ASSERT_TRUE(site.wait_for_status([](const auto& s) { return s.open_batches == 1; }));
  site.stop();
  site.back_up_to(backup);  // frozen, not received
  case_system.come_back();
  site.start();
  site.add_events(12);
  ASSERT_TRUE(site.wait_until_delivered());
  site.stop();
  all_ids = site.ids();
  site.put_back(backup);
  site.start();
  ASSERT_TRUE(whole_again());
  expect_both_ends_agree();
}

}  // namespace
}  // namespace rollcall::recovery
