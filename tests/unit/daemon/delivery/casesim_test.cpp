// Delivery against the real case-system simulator: its schemas, its ledger, its faults.
#include <algorithm>
#include <cstdlib>
#include <future>
#include <random>

#include <gtest/gtest.h>

#include "daemon/attendance/recorder.hpp"
#include "tests/casesim/faults.hpp"
#include "tests/casesim/ledger.hpp"
#include "tests/casesim/person_list.hpp"
#include "tests/casesim/roster.hpp"
#include "tests/casesim/schemas.hpp"
#include "tests/casesim/service.hpp"
#include "tests/unit/daemon/delivery/site.hpp"
#include "tests/unit/daemon/registered.hpp"

namespace rollcall {
namespace {

using namespace std::chrono_literals;
using attendance::TapReport;
using attendance::TapResult;

constexpr std::int64_t monday_0850 = 1'772'437'800'000;  // 2026-03-02T08:50 in Brussels
constexpr std::int64_t minute_ms = 60'000;
constexpr int people = 10;

// ROLLCALL_SEED replays a run.
std::uint64_t seed_of_this_run() {
  const char* given = std::getenv("ROLLCALL_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
}

// rollcall-casesim inside the test, on the test's reactor.
class CaseSystem {
 public:
  CaseSystem(test::Reactor& reactor, const test::Authority& authority, casesim::FaultRates rates,
             std::uint64_t seed)
      : reactor_(reactor), faults_(rates, seed), tls_(authority.server("DNS:localhost")) {
    service_.add_routes(router_);
    reactor_.on_reactor([&] {
      server_.emplace(reactor_.io().get_executor(), router_);
      port_ = server_->listen_tls("127.0.0.1", 0, tls_).value();
    });
  }
  ~CaseSystem() {
    reactor_.on_reactor([&] { server_.reset(); });
  }

  unsigned short port() const { return port_; }
  casesim::FaultCounts faults() {
    casesim::FaultCounts counts;
    reactor_.on_reactor([&] { counts = faults_.counts(); });
    return counts;
  }
  std::int64_t number(const std::string& sql) {
    store::Database db((folder_.path() / "casesim.db").string(), store::Database::Mode::query_only);
    auto row = db.prepare(sql);
    row.step();
    return row.integer(0);
  }
  std::vector<std::string> accepted() {
    store::Database db((folder_.path() / "casesim.db").string(), store::Database::Mode::query_only);
    auto rows = db.prepare("SELECT event_id FROM event ORDER BY event_id");
    std::vector<std::string> ids;
    while (rows.step()) ids.push_back(rows.text(0));
    return ids;
  }

 private:
  test::Reactor& reactor_;
  test::TemporaryFolder folder_;
  casesim::Schemas schemas_ =
      casesim::Schemas::load(std::string(ROLLCALL_SOURCE_DIR) + "/docs/api").value();
  casesim::PersonList nobody_;
  casesim::Roster roster_;
  casesim::Ledger ledger_{(folder_.path() / "casesim.db").string(),
                          schemas_,
                          nobody_,
                          {.discard = false, .now_ms = test::Site::now_ms}};
  casesim::Faults faults_;
  casesim::Service service_{ledger_, roster_, faults_};
  http::Router router_;
  http::asio::ssl::context tls_;
  std::optional<http::Server> server_;
  unsigned short port_ = 0;
};

class RealTaps : public ::testing::Test {
 protected:
  void use(casesim::FaultRates rates = {}, std::uint64_t seed = 1) {
    case_system.emplace(reactor, authority, rates, seed);
    site.emplace(reactor, authority, case_system->port());
    site->config().site.id = "site-1";
    site->write([this](store::Database& db) {
      testing::register_terminal(db, "TC-1", "door");
      for (int i = 0; i < people; ++i) {
        const std::string person = "p-" + std::to_string(i);
        db.prepare("INSERT INTO person (id, role) VALUES (?, 'participant')").bind(person).run();
        if (i == 0) continue;  // a card that nobody knows
        db.prepare("INSERT INTO card (token, person, source) VALUES (?, ?, 'roster')")
            .bind(attendance::card_token(key, protocol::ReadingKind::uid, chip(i)), person)
            .run();
      }
    });
    start();
  }
  void TearDown() override {
    recorder.reset();
    site.reset();
    case_system.reset();
  }
  void start() {
    site->start();
    recorder.emplace(site->writer(), site->config(), key, [] {
      return attendance::HostTime{monday_0850, protocol::ClockTrust::synced, 1, 1};
    });
  }
  void stop() {
    recorder.reset();
    site->stop();
  }

  static std::array<std::uint8_t, 4> chip(int person) {
    return {4, 5, 6, static_cast<std::uint8_t>(person)};
  }
  static TapReport tap(std::uint64_t number) {
    TapReport report;
    report.serial = "TC-1";
    report.live = true;
    report.tap.epoch.fill(0xee);
    report.tap.number = number;
    report.tap.boot = 3;
    report.tap.monotonic_ms = number * 1000;
    report.tap.wall_ms = monday_0850 + static_cast<std::int64_t>(number) * minute_ms;
    report.tap.trust = protocol::ClockTrust::synced;
    report.tap.reading.assign(chip(static_cast<int>(number % people)));
    return report;
  }
  TapResult take(const TapReport& report) {
    std::promise<TapResult> answer;
    EXPECT_TRUE(
        recorder->submit(report, [&](const TapResult& result) { answer.set_value(result); }));
    return answer.get_future().get();
  }
  void take(std::uint64_t first, std::uint64_t last) {
    for (std::uint64_t number = first; number <= last; ++number) take(tap(number));
  }
  std::int64_t taps_there() {
    return case_system->number(
        "SELECT count(*) FROM event WHERE type = 'org.rollcall.tap.recorded.v1'");
  }

  test::Reactor reactor;
  test::TemporaryFolder elsewhere;
  test::Authority authority{elsewhere.path(), "authority"};
  const crypto::Key key{7};
  std::optional<CaseSystem> case_system;
  std::optional<test::Site> site;
  std::optional<attendance::Recorder> recorder;
};

TEST_F(RealTaps, AreTakenByTheSchemasOfTheContract) {
  use();
  take(1, 60);
  ASSERT_TRUE(site->wait_until_delivered());
  EXPECT_EQ(taps_there(), 60);
  EXPECT_EQ(case_system->number("SELECT count(*) FROM rejected"), 0);
}

TEST_F(RealTaps, ArriveOnceThroughFaultsOfEveryKind) {
  const std::uint64_t seed = seed_of_this_run();
  SCOPED_TRACE("ROLLCALL_SEED=" + std::to_string(seed));
  use({.fail = 0.3, .busy = 0.02, .drop_after_commit = 0.25, .wrong_receipt = 0.1}, seed);
  std::uint64_t number = 0;
  for (int round = 0; round < 8; ++round) {
    take(number + 1, number + 12);
    number += 12;
    if (round % 3 == 2) {
      stop();
      start();
    }
  }
  ASSERT_TRUE(site->wait_until_delivered());
  EXPECT_EQ(taps_there(), static_cast<std::int64_t>(number));
  auto here = site->ids();
  std::ranges::sort(here);
  EXPECT_EQ(case_system->accepted(), here);
  EXPECT_GT(case_system->faults().failed, 0u);
  EXPECT_GT(case_system->faults().dropped, 0u);
}

TEST_F(RealTaps, SentAgainAfterARestoreAreNoSecondEvents) {
  use();
  take(1, 20);
  ASSERT_TRUE(site->wait_until_delivered());
  stop();
  site->back_up_to(elsewhere.path() / "backup.db");
  start();
  take(21, 50);
  ASSERT_TRUE(site->wait_until_delivered());
  std::vector<protocol::Outcome> answers;
  for (std::uint64_t number = 21; number <= 50; ++number) {
    answers.push_back(take(tap(number)).outcome);
  }
  stop();
  const auto before = site->ids();
  site->put_back(elsewhere.path() / "backup.db");
  start();

  ASSERT_TRUE(site->wait_for([&] {
    return site->number("SELECT count(*) FROM terminal_epoch WHERE resend_pending = 1") == 1;
  }));
  for (std::uint64_t number = 1; number <= 55; ++number) {  // five of them were never delivered
    const TapResult again = take(tap(number));
    EXPECT_EQ(again.resend, number <= 50) << number;
    EXPECT_FALSE(again.conflict);
    if (number > 20 && number <= 50) {
      EXPECT_EQ(again.outcome, answers[number - 21]) << number;
    }
  }
  ASSERT_TRUE(site->wait_until_delivered());
  EXPECT_EQ(taps_there(), 55);
  auto here = site->ids();
  std::ranges::sort(here);
  EXPECT_EQ(case_system->accepted(), here);
  for (const std::string& id : before) EXPECT_TRUE(std::ranges::binary_search(here, id));
  EXPECT_EQ(case_system->number("SELECT count(*) FROM event WHERE type ="
                                " 'org.rollcall.security.log_diverged.v1'"),
            1);
  EXPECT_EQ(case_system->number("SELECT count(*) FROM rejected"), 0);
}

TEST_F(RealTaps, SentAgainBeforeTheFetchAreNoSecondEventsEither) {
  use();
  take(1, 20);
  ASSERT_TRUE(site->wait_until_delivered());
  stop();
  site->back_up_to(elsewhere.path() / "backup.db");
  start();
  take(21, 50);
  ASSERT_TRUE(site->wait_until_delivered());
  stop();
  site->put_back(elsewhere.path() / "backup.db");
  std::filesystem::remove(site->folder() / "highwater");
  const std::string url = std::exchange(site->config().delivery.url, "");
  start();  // no network: nobody can tell, and everything is taken again in the old epoch
  take(36, 60);
  take(15, 35);  // in another order, so that other events stand at the old places
  stop();
  site->config().delivery.url = url;
  start();
  ASSERT_TRUE(site->wait_until_delivered());
  EXPECT_EQ(taps_there(), 60);
  ASSERT_TRUE(site->wait_for([&] {
    auto here = site->ids();
    std::ranges::sort(here);
    return case_system->accepted() == here;
  }));
}

}  // namespace
}  // namespace rollcall
