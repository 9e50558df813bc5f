#include "daemon/delivery/delivery.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/daemon/delivery/case_system_double.hpp"
#include "tests/unit/daemon/delivery/site.hpp"

namespace rollcall::delivery {
namespace {

using namespace std::chrono_literals;
using Fault = test::CaseSystemDouble::Fault;

class Delivering : public ::testing::Test {
 protected:
  test::Reactor reactor;
  test::TemporaryFolder certificates;
  test::Authority authority{certificates.path(), "authority"};
  test::CaseSystemDouble case_system{reactor, authority};
  test::Site site{reactor, authority, case_system.port()};

  std::int64_t open_inbox(const std::string& kind) {
    return site.number("SELECT count(*) FROM inbox WHERE closed_ms IS NULL AND kind = '" + kind +
                       "'");
  }
};

TEST_F(Delivering, EveryEventArrivesOnceAndInOrder) {
  site.add_events(25);
  site.start();
  ASSERT_TRUE(site.wait_until_delivered());
  EXPECT_EQ(case_system.accepted(), site.ids());
  EXPECT_EQ(case_system.posts().size(), 3u);  // 10 + 10 + 5
  site.add_events(3);
  ASSERT_TRUE(site.wait_until_delivered());
  EXPECT_EQ(case_system.accepted(), site.ids());
}

TEST_F(Delivering, ReceiptTakesTheBytesAndLeavesTheDigest) {
  site.add_events(3);
  site.start();
  ASSERT_TRUE(site.wait_until_delivered());
  EXPECT_EQ(site.number("SELECT count(*) FROM batch WHERE body IS NULL AND length(digest) = 32"
                        " AND receipt IS NOT NULL AND attempts = 1"),
            1);
  ASSERT_TRUE(site.wait_for_status([](const Status& s) {
    return s.waiting == 0 && s.open_batches == 0 && s.last_receipt_ms && s.last_error.empty() &&
           s.state == State::delivering;
  }));
}

TEST_F(Delivering, LostAnswerIsAskedForAgainWithTheSameKeyAndBytes) {
  case_system.next_posts({Fault::drop_after, Fault::drop_before, Fault::server_error});
  site.add_events(4);
  site.start();
  ASSERT_TRUE(site.wait_until_delivered());
  EXPECT_EQ(case_system.accepted(), site.ids());
  const auto posts = case_system.posts();
  ASSERT_GE(posts.size(), 4u);
  for (const auto& post : posts) {
    EXPECT_EQ(post.key, posts.front().key);
    EXPECT_EQ(post.bytes, posts.front().bytes);
  }
}

TEST_F(Delivering, FrozenBatchSurvivesARestartByteForByte) {
  site.start();
  ASSERT_TRUE(site.wait_for([&] { return case_system.state_requests() == 1; }));
  case_system.go_away();
  site.add_events(4);
  ASSERT_TRUE(site.wait_for_status([](const Status& s) { return s.open_batches == 1; }));
  const auto frozen = site.text("SELECT hex(body) || id FROM batch");
  site.stop();
  site.add_events(4);
  EXPECT_EQ(site.text("SELECT hex(body) || id FROM batch"), frozen);
  case_system.come_back();
  site.start();
  ASSERT_TRUE(site.wait_until_delivered());
  EXPECT_EQ(case_system.accepted(), site.ids());
  const auto id = frozen.substr(frozen.size() - 36);
  EXPECT_EQ(case_system.posts().front().key, '"' + id + '"');
}

TEST_F(Delivering, KilledBetweenAnswerAndReceiptSendsTheSameBatchAgain) {
  case_system.next_posts({Fault::drop_after});
  site.config().delivery.retry_first = site.config().delivery.retry_max = 10min;
  site.add_events(4);
  site.start();
  ASSERT_TRUE(site.wait_for([&] { return case_system.accepted().size() == 4; }));
  site.stop();
  site.start();
  ASSERT_TRUE(site.wait_until_delivered());
  EXPECT_EQ(case_system.accepted(), site.ids());
  EXPECT_EQ(site.number("SELECT count(*) FROM batch"), 1);
}

TEST_F(Delivering, UnreachableCaseSystemIsDownAndThenDelivering) {
  case_system.go_away();
  site.add_events(2);
  site.start();
  ASSERT_TRUE(site.wait_for_status([](const Status& s) {
    return s.state == State::down && s.waiting == 2 && !s.last_error.empty();
  }));
  case_system.come_back();
  ASSERT_TRUE(site.wait_until_delivered());
  ASSERT_TRUE(site.wait_for_status(
      [](const Status& s) { return s.state == State::delivering && s.waiting == 0; }));
}

TEST_F(Delivering, RetryAfterIsHonoured) {
  case_system.next_posts({Fault::busy_1s});
  site.add_events(1);
  const auto begin = std::chrono::steady_clock::now();
  site.start();
  ASSERT_TRUE(site.wait_for_status([](const Status& s) { return s.state == State::waiting; }));
  ASSERT_TRUE(site.wait_until_delivered());
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 1s);
}

TEST_F(Delivering, RejectedEventsBlockNobodyAndAreListedByReason) {
  case_system.set_unknown_people({"p-2"});
  for (int i = 0; i < 6; ++i) site.add_events(1, i % 2 == 0 ? "p-1" : "p-2");
  site.start();
  ASSERT_TRUE(site.wait_until_delivered());
  EXPECT_EQ(case_system.accepted().size(), 3u);
  ASSERT_TRUE(site.wait_for_status([](const Status& s) {
    return s.rejected == std::map<std::string, std::uint64_t>{{"unknown-person", 3}};
  }));
  EXPECT_EQ(open_inbox("rejected"), 1);
  const auto before = case_system.posts().size();
  site.add_events(1);
  ASSERT_TRUE(site.wait_until_delivered());
  EXPECT_EQ(case_system.posts().size(), before + 1);  // nothing rejected went along
}

TEST_F(Delivering, OneCommandDeliversTheRejectedOnceAndInOrderAfterRepair) {
  case_system.set_unknown_people({"p-2"});
  site.add_events(15, "p-2");
  site.add_events(5, "p-1");
  site.add_events(15, "p-2");
  site.start();
  ASSERT_TRUE(site.wait_until_delivered());
  EXPECT_EQ(case_system.accepted().size(), 5u);
  case_system.set_unknown_people({});
  EXPECT_EQ(site.retry("unknown-session"), 0u);
  EXPECT_EQ(site.retry("unknown-person"), 30u);
  ASSERT_TRUE(site.wait_for([&] { return case_system.accepted().size() == 35; }));
  ASSERT_TRUE(site.wait_until_delivered());
  EXPECT_EQ(site.number("SELECT count(*) FROM delivery WHERE attempt = 2"), 30);
  EXPECT_EQ(open_inbox("rejected"), 0);
  EXPECT_EQ(site.retry(), 0u);

  auto in_log = site.ids();
  auto arrived = case_system.accepted();
  const std::vector<std::string> retried(arrived.begin() + 5, arrived.end());
  std::vector<std::string> expected(in_log.begin(), in_log.begin() + 15);
  expected.insert(expected.end(), in_log.begin() + 20, in_log.end());
  EXPECT_EQ(retried, expected);
  for (const auto& [epoch, places] : case_system.log()) {
    EXPECT_EQ(places.rbegin()->first, 35);
    EXPECT_EQ(places.at(1).event["attempt"], 2);
    EXPECT_EQ(places.at(16).event["attempt"], 1);
  }
}

TEST_F(Delivering, StillUnrepairedEventIsRejectedAgainAndKept) {
  case_system.set_unknown_people({"p-2"});
  site.add_events(2, "p-2");
  site.start();
  ASSERT_TRUE(site.wait_until_delivered());
  EXPECT_EQ(site.retry(), 2u);
  ASSERT_TRUE(site.wait_for([&] {
    return site.number("SELECT count(*) FROM delivery WHERE state = 'rejected' AND attempt = 2") ==
           2;
  }));
  EXPECT_EQ(open_inbox("rejected"), 1);
}

TEST_F(Delivering, TooLargeBatchIsSplitUntilItFits) {
  case_system.set_max_events(3);
  site.add_events(20);
  site.start();
  ASSERT_TRUE(site.wait_until_delivered());
  EXPECT_EQ(case_system.accepted(), site.ids());
  std::set<std::string> keys;
  for (const auto& post : case_system.posts()) keys.insert(post.key);
  EXPECT_EQ(keys.size(), case_system.posts().size());
}

TEST_F(Delivering, WrongReceiptIsNeverBelieved) {
  case_system.next_posts({Fault::receipt_without_one, Fault::receipt_with_foreign_id,
                          Fault::receipt_with_unknown_reason, Fault::receipt_garbled});
  site.config().delivery.retry_first = site.config().delivery.retry_max = 100ms;
  site.add_events(4);
  site.start();
  ASSERT_TRUE(site.wait_for([&] { return open_inbox("wrong-receipt") == 1; }));
  EXPECT_EQ(site.number("SELECT count(*) FROM delivery WHERE state = 'sent'"), 4);
  ASSERT_TRUE(site.wait_until_delivered());
  EXPECT_EQ(case_system.posts().size(), 5u);
  EXPECT_EQ(site.number("SELECT count(*) FROM delivery WHERE state = 'accepted'"), 4);
  ASSERT_TRUE(site.wait_for([&] { return open_inbox("wrong-receipt") == 0; }));
}

TEST_F(Delivering, RefusalStopsAndWaitsForStaff) {
  case_system.next_posts({Fault::forbidden});
  site.add_events(2);
  site.start();
  ASSERT_TRUE(site.wait_for_status([](const Status& s) { return s.state == State::stopped; }));
  EXPECT_TRUE(site.wait_for([&] { return open_inbox("delivery-stopped") == 1; }));
  std::this_thread::sleep_for(100ms);
  EXPECT_EQ(case_system.posts().size(), 1u);
  site.add_events(1);
  ASSERT_TRUE(site.wait_for_status([](const Status& s) { return s.waiting == 3; }));
  site.retry_now();
  ASSERT_TRUE(site.wait_until_delivered());
  EXPECT_EQ(case_system.accepted(), site.ids());
  ASSERT_TRUE(site.wait_for([&] { return open_inbox("delivery-stopped") == 0; }));
}

TEST_F(Delivering, ReusedKeyStopsAndGoesOnWithANewOne) {
  case_system.next_posts({Fault::key_reused});
  site.add_events(2);
  site.start();
  ASSERT_TRUE(site.wait_for_status([](const Status& s) { return s.state == State::stopped; }));
  EXPECT_TRUE(site.wait_for([&] { return open_inbox("delivery-stopped") == 1; }));
  site.retry_now();
  ASSERT_TRUE(site.wait_until_delivered());
  const auto posts = case_system.posts();
  EXPECT_NE(posts.front().key, posts.back().key);
}

TEST_F(Delivering, CaseSystemThatLostItsDataIsGivenEverythingAgain) {
  site.add_events(25);
  site.start();
  ASSERT_TRUE(site.wait_until_delivered());
  case_system.forget_everything();
  site.add_events(5);
  ASSERT_TRUE(site.wait_for([&] { return case_system.accepted().size() == 30; }));
  ASSERT_TRUE(site.wait_until_delivered());
  EXPECT_EQ(case_system.accepted(), site.ids());
  EXPECT_EQ(open_inbox("case-system-behind"), 1);
}

TEST_F(Delivering, BothEndsAreComparedAtStartAndAfterAReconnect) {
  site.add_events(1);
  site.start();
  ASSERT_TRUE(site.wait_until_delivered());
  EXPECT_EQ(case_system.state_requests(), 1);
  case_system.go_away();
  case_system.come_back();
  site.add_events(1);
  ASSERT_TRUE(site.wait_until_delivered());
  site.add_events(1);
  ASSERT_TRUE(site.wait_until_delivered());
  EXPECT_EQ(case_system.state_requests(), 2);
}

TEST_F(Delivering, WithoutAnAddressEverythingWaits) {
  site.config().delivery.url.clear();
  site.add_events(3);
  site.start();
  ASSERT_TRUE(site.wait_for_status(
      [](const Status& s) { return s.state == State::off && s.waiting == 3; }));
  site.add_events(1);
  ASSERT_TRUE(site.wait_for_status([](const Status& s) { return s.waiting == 4; }));
}

TEST_F(Delivering, ManyFaultsLoseAndRepeatNothing) {
  std::vector<Fault> faults;
  for (int i = 0; i < 60; ++i) {
    faults.push_back(std::array{Fault::none, Fault::drop_after, Fault::server_error,
                                Fault::drop_before,
                                Fault::receipt_without_one}[static_cast<std::size_t>(i * 7 % 5)]);
  }
  case_system.set_max_events(6);
  case_system.next_posts(faults);
  site.start();
  for (int i = 0; i < 20; ++i) {
    site.add_events(7);
    if (i % 6 == 5) {
      site.stop();
      site.start();
    }
  }
  ASSERT_TRUE(site.wait_until_delivered());
  EXPECT_EQ(case_system.accepted(), site.ids());
}

}  // namespace
}  // namespace rollcall::delivery
