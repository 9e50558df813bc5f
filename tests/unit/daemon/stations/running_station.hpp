// A station at a scratch database, its page open, and no reader but the test.
#pragma once

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "daemon/attendance/card_token.hpp"
#include "daemon/attendance/code.hpp"
#include "daemon/stations/station.hpp"
#include "daemon/stations/stations.hpp"
#include "tests/unit/daemon/registered.hpp"
#include "tests/unit/daemon/scratch_database.hpp"

namespace rollcall::stations {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using hal::Sight;
using Json = nlohmann::json;
using Chosen = Station::Chosen;

inline constexpr std::int64_t monday_0850 = 1'772'437'800'000;  // 2026-03-02T08:50 in Brussels

inline assessments::Library example_library(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder / "instruments");
  std::ofstream(folder / "instruments/start.json") << R"json({
    "id": "start", "version": "1.0.0", "title": {"en": "Start", "fr": "Départ"},
    "questions": [
      {"id": "q1", "text": {"en": "One?", "fr": "Un ?"}, "options": [
        {"id": "a", "text": {"en": "A", "fr": "A"}, "score": 0}, {"id": "b", "text": {"en": "B", "fr": "B"}, "score": 1}]}
    ]})json";
  std::ofstream(folder / "assignments.csv") << "person,instrument,due\np-1,start,2026-01-01\n";
  return assessments::Library::read(
             {(folder / "instruments").string(), (folder / "assignments.csv").string()})
      .value();
}

class StationTest : public ::testing::Test {
 protected:
  StationTest() {
    config_.site = {"site-1", "org-1", "A site", "Europe/Brussels", {"en", "fr"}};
    config_.readers = {{.id = "R-1", .room = "Desk", .pcsc = "auto"}};
    recorder_ = std::make_unique<attendance::Recorder>(writer_, config_, card_key_,
                                                       [this] { return host_; });
    writer_.run_now([this](store::Database& db) {
      ASSERT_TRUE(keep_readers(db, config_.readers));
      library_.store(db);
      db.exec(
          "INSERT INTO person (id, role, language) VALUES ('p-1', 'participant', 'fr'), ('p-2', "
          "'participant', '')");
      give_card(db, 1, "p-1");
      give_card(db, 2, "p-2");
    });
    services_ =
        std::make_unique<Services>(Services{config_,
                                            *recorder_,
                                            cards_,
                                            issuing_,
                                            sign_ins_,
                                            readers_,
                                            writer_,
                                            library_,
                                            holidays_,
                                            [this] { return host_; },
                                            {.settle = 50ms,
                                             .patience = 20s,
                                             .more_time = 20s,
                                             .thanks = 50ms,
                                             .other_way = other_way_},
                                            500ms,
                                            1000ms,
                                            2000ms,
                                            {.settle = 50ms, .read = 50ms, .goodbye = 300ms}});
    station_ = std::make_shared<Station>(io_.get_executor(), *services_, config_.readers[0],
                                         [this] { ++changes_; });
    page_ = station_->stream()->subscribe([this] {
      const auto now = shown();
      states_.push_back(now.dump());
      const auto kind = now.at("kind").get<std::string>();
      if (kinds_.empty() || kinds_.back() != kind) kinds_.push_back(kind);
    });
    station_->state(true, "a reader");
  }
  ~StationTest() override {
    bool stopped = false;
    asio::co_spawn(io_, station_->stop(), [&](const std::exception_ptr&) { stopped = true; });
    EXPECT_TRUE(until([&] { return stopped; }));
  }

  void give_card(store::Database& db, std::uint8_t card, const char* person) {
    db.prepare("INSERT INTO card (token, person, source) VALUES (?, ?, 'roster')")
        .bind(attendance::card_token(card_key_, protocol::ReadingKind::uid,
                                     sight_of(card).card.view()),
              person)
        .run();
  }
  std::string give_code(const char* person) {
    std::string digits;
    writer_.run_now([&](store::Database& db) {
      const attendance::CodeWish wish{person, attendance::CodeKind::day, "desk-1", "No card."};
      int next = 2;
      const auto code = attendance::issue_code(db, config_, card_key_, wish, host_.time_block(),
                                               [&next] { return next++ % 10; });
      ASSERT_TRUE(code) << code.error();
      digits = code->digits;
    });
    return digits;
  }
  void pass(std::chrono::milliseconds time) {
    writer_.run_now([&](store::Database&) {
      host_.wall_ms += time.count();
      host_.monotonic_ms += static_cast<std::uint64_t>(time.count());
    });
  }
  static Sight sight_of(std::uint8_t card, Sight::What what = Sight::What::card) {
    Sight sight{what, {}};
    sight.card.size = 4;
    sight.card.uid = {card, card, card, card};
    return sight;
  }
  void touch(std::uint8_t card) {  // the reader, and away again
    station_->seen(sight_of(card));
    station_->seen({});
  }
  bool until(const std::function<bool()>& holds) {
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (!holds() && std::chrono::steady_clock::now() < end) {
      io_.restart();  // it stops when nothing is left to do
      io_.run_one_for(10ms);
    }
    return holds();
  }
  Json shown() { return Json::parse(station_->stream()->latest()); }
  bool shows(const std::string& kind) {
    return until([&] { return shown().at("kind") == kind; });
  }
  Chosen choose(const std::string& choice) {
    return station_->choose(shown().at("screen").get<std::string>(), choice);
  }
  std::int64_t count(const std::string& from_where) {
    store::Database db(database_.path(), store::Database::Mode::query_only);
    auto row = db.prepare("SELECT count(*) FROM " + from_where);
    return row.step() ? row.integer(0) : -1;
  }
  bool logged(const std::string& type) {
    return until([&] { return count("log WHERE type = '" + type + "'") == 1; });
  }

  std::chrono::milliseconds other_way_ = 300ms;
  asio::io_context io_{1};  // as in the daemon: it outlives the writer, which posts to it
  rollcall::testing::ScratchDatabase database_;
  config::Config config_;
  crypto::Key card_key_{};
  attendance::HostTime host_{monday_0850, protocol::ClockTrust::synced, 1000, 3};
  store::Writer writer_{database_.path()};
  store::Readers readers_{database_.path(), 2};
  const credentials::Secret card_master_{credentials::Block{1, 2, 3, 4}};
  cards::SiteCards cards_{writer_, config_.site, card_key_, card_master_,
                          [this] { return host_.time_block(); }};
  cards::CardIssuing issuing_{io_.get_executor(), cards_};
  cards::CardSignIns sign_ins_{{"R-1"}};
  const sheets::Calendar holidays_;
  assessments::Library library_ = example_library(database_.folder());
  std::unique_ptr<attendance::Recorder> recorder_;
  std::unique_ptr<Services> services_;
  std::shared_ptr<Station> station_;
  std::shared_ptr<void> page_;
  std::vector<std::string> kinds_;
  std::vector<std::string> states_;
  int changes_ = 0;
};

}  // namespace rollcall::stations
