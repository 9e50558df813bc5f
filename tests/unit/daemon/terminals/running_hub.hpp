// A hub on a scratch database, with its reactor on a thread of its own.
#pragma once

#include <filesystem>
#include <fstream>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include "daemon/attendance/card_token.hpp"
#include "daemon/events/event.hpp"
#include "daemon/store/readers.hpp"
#include "daemon/store/writer.hpp"
#include "daemon/terminals/hub.hpp"
#include "tests/unit/daemon/contract.hpp"
#include "tests/unit/daemon/registered.hpp"
#include "tests/unit/daemon/scratch_database.hpp"
#include "tests/unit/daemon/terminals/test_terminal.hpp"

namespace rollcall::terminals::test {

namespace asio = boost::asio;

inline constexpr std::int64_t monday_0850 = 1'772'437'800'000;  // 2026-03-02T08:50 in Brussels

inline assessments::Library example_library(const std::string& folder) {
  std::filesystem::create_directories(folder + "/instruments");
  std::ofstream(folder + "/instruments/start.json") << R"json({
    "id": "start", "version": "1.0.0", "title": {"en": "Start", "fr": "Départ"},
    "questions": [
      {"id": "q1", "text": {"en": "One?", "fr": "Un ?"}, "options": [
        {"id": "a", "text": {"en": "A", "fr": "A"}, "score": 0}, {"id": "b", "text": {"en": "B", "fr": "B"}, "score": 1}]},
      {"id": "q2", "text": {"en": "Two?", "fr": "Deux ?"}, "options": [
        {"id": "a", "text": {"en": "A", "fr": "A"}, "score": 0}, {"id": "b", "text": {"en": "B", "fr": "B"}, "score": 2},
        {"id": "prefer-not", "text": {"en": "Rather not say", "fr": "Sans réponse"}}]}
    ]})json";
  std::ofstream(folder + "/assignments.csv") << "person,instrument,due\np-1,start,2026-01-01\n";
  auto library = assessments::Library::read({folder + "/instruments", folder + "/assignments.csv"});
  if (!library) throw std::runtime_error(library.error().front());
  return std::move(*library);
}

struct RunningHub : ::testing::Test {
  static crypto::Key site_private() {
    crypto::Key key;
    key.fill(9);
    return key;
  }

  RunningHub() {
    config.site = {"site-1", "org-1", "A site", "Europe/Brussels", {"en", "fr"}};
    socket_path = scratch.path() + ".sock";
    config.links.usb = "off";
    config.links.listen = {"tcp:127.0.0.1:0", "unix:" + socket_path};
    recorder.emplace(writer, config, card_key, [this] { return host; });
    writer.run_now([this](store::Database& db) {
      rollcall::testing::register_terminal(db, "TC-1", "Door");
      rollcall::testing::register_terminal(db, "TC-2", "Hall");
      for (const char* serial : {"TC-1", "TC-2"}) {
        const auto sealed_key = registry::KeySeal(keys.private_key).seal(serial, key_of(serial));
        db.prepare("UPDATE registry SET key = ?, key_since_ms = 1 WHERE serial = ?")
            .bind(sealed_key, serial)
            .run();
      }
      registry.load(db);
      library.store(db);
      db.exec(
          "INSERT INTO person (id, role, language) VALUES ('p-1', 'participant', 'fr'), ('p-2', "
          "'participant', '')");
      give_card(db, 1, "p-1");
      give_card(db, 2, "p-2");
    });
  }
  ~RunningHub() override { stop(); }

  void give_card(store::Database& db, std::uint8_t card, const char* person) {
    const std::array<std::uint8_t, 4> chip{card, card, card, card};
    db.prepare("INSERT INTO card (token, person, source) VALUES (?, ?, 'roster')")
        .bind(attendance::card_token(card_key, protocol::ReadingKind::uid, chip), person)
        .run();
  }

  Services services(const config::Config& with) {
    flows::Pace quick;
    quick.settle = std::chrono::milliseconds{200};
    quick.thanks = std::chrono::milliseconds{200};
    quick.other_way = other_way;
    flows::SigningPace signing;
    signing.settle = signing.read = std::chrono::milliseconds{100};
    signing.goodbye = std::chrono::milliseconds{300};
    return {pool,          with,
            registry,      *recorder,
            cards,         issuing,
            sign_ins,      readers,
            writer,        screens,
            library,       holidays,
            keys,          [this] { return host; },
            quick,         greeting_limit,
            screens_again, std::chrono::milliseconds{0},
            signing};
  }
  void start() {
    hub.emplace(io, services(config));
    const auto started = hub->start();
    ASSERT_TRUE(started) << started.error();
    port = hub->port();
    thread = std::thread([this] { io.run(); });
  }
  // How long the hub took to stop.
  std::chrono::milliseconds stop() {
    if (!thread.joinable()) return {};
    const auto before = std::chrono::steady_clock::now();
    asio::co_spawn(io, hub->stop(), asio::use_future).get();
    const auto took = std::chrono::steady_clock::now() - before;
    work.reset();
    io.stop();
    thread.join();
    return std::chrono::duration_cast<std::chrono::milliseconds>(took);
  }

  // On the reactor, as the header asks for.
  template <class Ask>
  auto ask(Ask what) {
    return asio::post(io, asio::use_future([&] { return what(*hub); })).get();
  }
  HubCounters counters() {
    return ask([](Hub& h) { return h.counters(); });
  }
  TerminalStatus status(std::size_t index = 0) {
    return ask([](Hub& h) { return h.snapshot(); }).at(index);
  }
  std::int64_t count(const std::string& from_where) {
    store::Database db(scratch.path(), store::Database::Mode::query_only);
    auto row = db.prepare("SELECT count(*) FROM " + from_where);
    return row.step() ? row.integer(0) : -1;
  }
  std::vector<std::string> log_types() {
    store::Database db(scratch.path(), store::Database::Mode::query_only);
    std::vector<std::string> all;
    auto row = db.prepare("SELECT type FROM log ORDER BY position");
    while (row.step()) all.push_back(row.text(0));
    return all;
  }

  // The newest event of this type is as receivers were told.
  void expect_contract(const std::string& type) {
    store::Database db(scratch.path(), store::Database::Mode::query_only);
    auto row = db.prepare("SELECT position FROM log WHERE type = ? ORDER BY position DESC");
    ASSERT_TRUE(row.bind(type).step()) << "no " << type;
    const auto event =
        nlohmann::json::parse(events::to_cloudevent(db, "site-1", row.integer(0), 1));
    EXPECT_TRUE(rollcall::testing::satisfies_contract(event)) << event.dump(2);
  }

  std::chrono::milliseconds greeting_limit{10000};
  std::chrono::milliseconds screens_again{10000};
  std::chrono::milliseconds other_way{300};
  // First, so that it is there until writer, readers and pool have stopped.
  asio::io_context io;
  asio::executor_work_guard<asio::io_context::executor_type> work = asio::make_work_guard(io);
  testing::ScratchDatabase scratch;
  config::Config config;
  crypto::Key card_key{7};
  SiteKeys keys{site_private(), *crypto::x25519_public(site_private())};
  attendance::HostTime host{monday_0850, protocol::ClockTrust::synced, 5, 1};
  store::Writer writer{scratch.path()};
  store::Readers readers{scratch.path(), 2};
  registry::Registry registry{
      writer, config.site, keys.private_key,
      [this] { return events::TimeBlock{host.wall_ms, host.trust, host.monotonic_ms, host.boot}; }};
  credentials::Secret card_master{credentials::Block{1, 2, 3, 4}};
  cards::SiteCards cards{writer, config.site, card_key, card_master,
                         [this] { return host.time_block(); }};
  cards::CardIssuing issuing{io.get_executor(), cards};
  cards::CardSignIns sign_ins{{"TC-1"}};
  const sheets::Calendar holidays;
  assessments::Library library = example_library(scratch.path() + ".d");
  std::string socket_path;
  asio::thread_pool pool{1};
  std::optional<attendance::Recorder> recorder;
  screens::Screens screens{pool, {"en", "fr"}};
  std::optional<Hub> hub;
  std::thread thread;
  std::uint16_t port = 0;
};

}  // namespace rollcall::terminals::test
