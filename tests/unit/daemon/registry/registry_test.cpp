#include "daemon/registry/registry.hpp"

#include <fstream>
#include <iterator>
#include <optional>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "daemon/registry/rows.hpp"
#include "tests/unit/daemon/contract.hpp"
#include "tests/unit/daemon/scratch_database.hpp"

namespace rollcall::registry {
namespace {

namespace asio = boost::asio;
using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::int64_t morning = 1'772'437'800'000;
const crypto::Key site_key{1, 2, 3};
const crypto::Key first_key{11};
const crypto::Key second_key{22};
const crypto::Key third_key{33};

struct Terminals : ::testing::Test {
  Terminals() { start(); }

  // As a start of the daemon does it.
  void start(const crypto::Key& with = site_key) {
    registry.emplace(writer, site, with, [this] {
      return events::TimeBlock{now_ms, protocol::ClockTrust::synced, 5, 1};
    });
    writer.run_now([this](store::Database& db) { unopened = registry->load(db); });
    registry->on_change([this](const Entry& entry, Change what) {
      told.push_back(what);
      durable.push_back(stored_state(entry.serial));
    });
  }

  template <class Result>
  Result wait(asio::awaitable<Result> change) {
    auto result = asio::co_spawn(io, std::move(change), asio::use_future);
    io.restart();
    io.run();
    return result.get();
  }

  void enrol(const std::string& serial = "TC-1", const crypto::Key& key = first_key) {
    ASSERT_TRUE(wait(registry->grant(serial, door, key, "unix:1000")));
    ASSERT_TRUE(wait(registry->proven(serial, key, "0.2.0")));
  }
  const Entry& entry(const std::string& serial = "TC-1") { return *registry->find(serial); }

  std::string stored_state(const std::string& serial) {
    store::Database db(scratch.path(), store::Database::Mode::query_only);
    auto row = db.prepare("SELECT state FROM registry WHERE serial = ?");
    return row.bind(serial).step() ? row.text(0) : "none";
  }
  std::vector<json> events() {
    store::Database db(scratch.path(), store::Database::Mode::query_only);
    std::vector<json> all;
    auto row = db.prepare("SELECT position FROM log ORDER BY position");
    while (row.step())
      all.push_back(json::parse(events::to_cloudevent(db, site.id, row.integer(0), 1)));
    for (const json& event : all) EXPECT_TRUE(testing::satisfies_contract(event)) << event.dump(1);
    return all;
  }
  std::vector<std::string> types() {
    std::vector<std::string> all;
    for (const json& event : events()) all.push_back(event["type"]);
    return all;
  }

  const Placement door{"Door", protocol::TerminalMode::training, {"fr", "en"}};
  testing::ScratchDatabase scratch;
  config::Site site{"site-1", "org-1", "A site", "Europe/Brussels", {"fr"}};
  store::Writer writer{scratch.path()};
  std::int64_t now_ms = morning;
  asio::io_context io;
  std::optional<Registry> registry;
  std::vector<std::string> unopened;
  std::vector<Change> told;
  std::vector<std::string> durable;  // what the database said when the listener was told
};

TEST_F(Terminals, AreUnknownUntilTheyAreGrantedAKey) {
  EXPECT_EQ(registry->find("TC-1"), nullptr);
  EXPECT_FALSE(wait(registry->proven("TC-1", first_key, "0.2.0")));
  ASSERT_TRUE(wait(registry->grant("TC-1", door, first_key, "unix:1000")));
  EXPECT_EQ(entry().keys[current_key], std::nullopt);
  EXPECT_EQ(entry().keys[pending_key], first_key);
  EXPECT_EQ(entry().room, "Door");
  EXPECT_THAT(entry().languages, ElementsAre("fr", "en"));
  EXPECT_EQ(entry().enrolled_ms, std::nullopt);
  EXPECT_THAT(types(), ElementsAre()) << "only a handshake makes it an enrolled terminal";
}

TEST_F(Terminals, AreEnrolledByTheFirstHandshakeWithTheirKey) {
  enrol();
  EXPECT_EQ(entry().keys[current_key], first_key);
  EXPECT_EQ(entry().keys[pending_key], std::nullopt);
  EXPECT_EQ(entry().enrolled_ms, morning);
  EXPECT_EQ(entry().enrolled_by, "unix:1000");
  const auto all = events();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0]["type"], "org.rollcall.terminal.enrolled.v1");
  EXPECT_EQ(all[0]["data"]["firmware"], "0.2.0");
  EXPECT_EQ(all[0]["data"]["actor"], "unix:1000");
  EXPECT_EQ(all[0]["data"]["key_digest"], events::hex(crypto::sha256(key_id(first_key))));
  EXPECT_TRUE(wait(registry->proven("TC-1", first_key, "0.2.0")));
  EXPECT_EQ(events().size(), 1u) << "later handshakes are no enrolments";
}

TEST_F(Terminals, SurviveARestartWithTheirKeys) {
  enrol();
  ASSERT_TRUE(wait(registry->grant("TC-2", {"Hall", protocol::TerminalMode::childcare, {}},
                                   second_key, "desk-1")));
  start();
  EXPECT_EQ(registry->size(), 2u);
  EXPECT_EQ(entry().keys[current_key], first_key);
  EXPECT_EQ(entry("TC-2").keys[pending_key], std::nullopt) << "its window went with the daemon";
  EXPECT_EQ(entry("TC-2").mode, protocol::TerminalMode::childcare);
  EXPECT_THAT(unopened, ElementsAre());
}

TEST_F(Terminals, KeysAreNowhereInTheFilesOfTheDatabase) {
  const crypto::Key key = random_key();
  enrol("TC-1", key);
  ASSERT_TRUE(wait(registry->rotate("TC-1", key, "desk-1")));
  std::size_t files = 0;
  for (const char* ending : {"", "-wal"}) {
    std::ifstream in(scratch.path() + ending, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    files += bytes.empty() ? 0 : 1;
    const std::string_view wanted{reinterpret_cast<const char*>(key.data()), 16};
    EXPECT_EQ(bytes.find(wanted), std::string::npos) << scratch.path() << ending;
  }
  EXPECT_EQ(files, 2u);
}

TEST_F(Terminals, OfAnotherSitesKeyAreKeptWithoutKeys) {
  enrol();
  start(crypto::Key{9});
  EXPECT_THAT(unopened, ElementsAre("TC-1"));
  EXPECT_EQ(entry().keys[current_key], std::nullopt);
  ASSERT_TRUE(wait(registry->move("TC-1", {.room = "Hall"}, "unix:1000")));
  start();
  EXPECT_EQ(entry().keys[current_key], first_key) << "the right site key opens it again";
  EXPECT_EQ(entry().room, "Hall");
}

TEST_F(Terminals, KeepTheOldKeyUntilTheNewOneIsProven) {
  enrol();
  ASSERT_TRUE(wait(registry->grant("TC-1", door, second_key, "desk-1")));
  EXPECT_EQ(entry().keys[current_key], first_key);
  EXPECT_EQ(entry().keys[pending_key], second_key);
  now_ms += 1000;
  ASSERT_TRUE(wait(registry->proven("TC-1", second_key, "0.2.0")));
  EXPECT_EQ(entry().keys[current_key], second_key);
  EXPECT_EQ(entry().key_since_ms, morning + 1000);
  EXPECT_EQ(entry().enrolled_by, "desk-1");
  start();
  EXPECT_EQ(entry().keys[current_key], second_key);
  EXPECT_EQ(entry().keys[pending_key], std::nullopt) << "the older one is forgotten";
  EXPECT_EQ(events().size(), 2u);
}

TEST_F(Terminals, AKeyThatWasReplacedMeanwhileIsNotProven) {
  ASSERT_TRUE(wait(registry->grant("TC-1", door, first_key, "unix:1000")));
  // Both are under way at the same time; the writer takes them in this order.
  auto granted =
      asio::co_spawn(io, registry->grant("TC-1", door, second_key, "unix:1000"), asio::use_future);
  auto proven = asio::co_spawn(io, registry->proven("TC-1", first_key, "0.2.0"), asio::use_future);
  io.restart();
  io.run();
  EXPECT_TRUE(granted.get());
  EXPECT_FALSE(proven.get());
  EXPECT_EQ(entry().keys[current_key], std::nullopt);
  EXPECT_EQ(entry().keys[pending_key], second_key);
}

TEST_F(Terminals, AreMovedWithAnEventThatSaysFromWhere) {
  enrol();
  ASSERT_TRUE(wait(registry->move(
      "TC-1", {.room = "Playroom", .mode = protocol::TerminalMode::childcare}, "desk-1")));
  EXPECT_EQ(entry().room, "Playroom");
  EXPECT_THAT(entry().languages, ElementsAre("fr", "en"));
  const json event = events().back();
  EXPECT_EQ(event["type"], "org.rollcall.terminal.moved.v1");
  EXPECT_EQ(event["data"]["room"], "Playroom");
  EXPECT_EQ(event["data"]["previous"]["room"], "Door");
  EXPECT_EQ(event["data"]["previous"]["mode"], "training");
  ASSERT_TRUE(wait(registry->move("TC-1", {.room = "Playroom"}, "desk-1")));
  EXPECT_EQ(events().size(), 2u) << "to where it stands already is no event";
  const Done nobody = wait(registry->move("TC-9", {.room = "Hall"}, "desk-1"));
  EXPECT_EQ(nobody.error().kind, Refusal::Kind::unknown);
}

TEST_F(Terminals, RotateToTheSameKeyUntilItIsProven) {
  enrol();
  EXPECT_EQ(wait(registry->rotate("TC-1", second_key, "desk-1")), second_key);
  EXPECT_EQ(wait(registry->rotate("TC-1", third_key, "desk-2")), second_key)
      << "the terminal may have stored it already";
  ASSERT_TRUE(wait(registry->proven("TC-1", second_key, "0.2.0")));
  EXPECT_EQ(entry().keys[current_key], second_key);
  EXPECT_EQ(entry().enrolled_by, "unix:1000");
  const json event = events().back();
  EXPECT_EQ(event["type"], "org.rollcall.terminal.key_rotated.v1");
  EXPECT_EQ(event["data"]["actor"], "desk-1");
  EXPECT_NE(event["data"]["key_digest"], event["data"]["previous_key_digest"]);
}

TEST_F(Terminals, CannotRotateWithoutAKeyOrDuringAnEnrolment) {
  EXPECT_EQ(wait(registry->rotate("TC-1", second_key, "desk-1")).error().kind,
            Refusal::Kind::unknown);
  ASSERT_TRUE(wait(registry->grant("TC-1", door, first_key, "unix:1000")));
  EXPECT_THAT(wait(registry->rotate("TC-1", second_key, "desk-1")).error().text,
              HasSubstr("an enrolment of TC-1 is not completed"));
}

TEST_F(Terminals, ThatAreRevokedHaveNoKeyLeftAnywhere) {
  enrol();
  ASSERT_TRUE(wait(registry->rotate("TC-1", second_key, "desk-1")));
  ASSERT_TRUE(wait(registry->revoke("TC-1", "It was stolen.", "desk-1", std::nullopt)));
  EXPECT_EQ(entry().state, State::revoked);
  EXPECT_EQ(entry().keys, (std::array<std::optional<crypto::Key>, 2>{}));
  EXPECT_EQ(told.back(), Change::revoked);
  EXPECT_EQ(durable.back(), "revoked") << "the listener is told of what is durable";
  const json event = events().back();
  EXPECT_EQ(event["type"], "org.rollcall.terminal.retired.v1");
  EXPECT_EQ(event["data"]["emptied"], false);
  EXPECT_TRUE(event["data"]["waiting"].is_null());
  EXPECT_FALSE(wait(registry->revoke("TC-1", "Again.", "desk-1", 0))) << "it is revoked already";
  EXPECT_FALSE(wait(registry->move("TC-1", {.room = "Hall"}, "desk-1")));
  EXPECT_FALSE(wait(registry->rotate("TC-1", third_key, "desk-1")));
  start();
  EXPECT_EQ(entry().state, State::revoked);
  EXPECT_EQ(entry().revoked_reason, "It was stolen.");
  EXPECT_EQ(entry().keys[current_key], std::nullopt);
}

TEST_F(Terminals, ThatWereEmptyWhenRevokedAreToldAsSuch) {
  enrol();
  ASSERT_TRUE(wait(registry->revoke("TC-1", "Replaced.", "desk-1", 0)));
  EXPECT_EQ(events().back()["data"]["emptied"], true);
}

TEST_F(Terminals, ThatWereRevokedComeBackByANewEnrolmentOnly) {
  enrol();
  ASSERT_TRUE(wait(registry->revoke("TC-1", "It was lost.", "desk-1", 3)));
  ASSERT_TRUE(wait(registry->grant("TC-1", door, second_key, "desk-1")));
  EXPECT_EQ(entry().state, State::revoked) << "until its new key is proven";
  ASSERT_TRUE(wait(registry->proven("TC-1", second_key, "0.2.0")));
  EXPECT_EQ(entry().state, State::active);
  EXPECT_EQ(entry().revoked_ms, std::nullopt);
}

TEST_F(Terminals, StandWhereTheyDidUntilTheKeyOfTheirNewEnrolmentIsProven) {
  enrol();
  ASSERT_TRUE(wait(registry->grant("TC-1", {"Hall", protocol::TerminalMode::work_site, {"nl"}},
                                   second_key, "desk-1")));
  EXPECT_EQ(entry().room, "Door");
  ASSERT_TRUE(wait(registry->proven("TC-1", second_key, "0.2.0")));
  EXPECT_EQ(entry().room, "Hall");
  EXPECT_EQ(entry().mode, protocol::TerminalMode::work_site);
  EXPECT_THAT(entry().languages, ElementsAre("nl"));
  EXPECT_EQ(events().back()["data"]["room"], "Hall");
}

TEST_F(Terminals, AGrantThatWasNotConfirmedLeavesEverythingAsItWas) {
  enrol();
  ASSERT_TRUE(wait(registry->grant("TC-1", {"Hall", protocol::TerminalMode::work_site, {}},
                                   second_key, "desk-1")));
  ASSERT_TRUE(wait(registry->withdraw("TC-1")));
  EXPECT_EQ(entry().keys[current_key], first_key);
  EXPECT_EQ(entry().keys[pending_key], std::nullopt);
  EXPECT_EQ(entry().state, State::active);
  EXPECT_EQ(entry().room, "Door");
  ASSERT_TRUE(wait(registry->grant("TC-2", door, second_key, "desk-1")));
  ASSERT_TRUE(wait(registry->withdraw("TC-2")));
  EXPECT_EQ(entry("TC-2").state, State::revoked) << "it never was part of the site";
  EXPECT_THAT(types(), ElementsAre("org.rollcall.terminal.enrolled.v1"));
}

TEST_F(Terminals, OfNoChangeThatWasRefusedIsAnybodyTold) {
  EXPECT_FALSE(wait(registry->revoke("TC-9", "Why not.", "desk-1", 0)));
  EXPECT_FALSE(wait(registry->withdraw("TC-9")));
  EXPECT_THAT(told, ElementsAre());
  EXPECT_EQ(registry->size(), 0u);
}

TEST_F(Terminals, PlacesAreThoseOfTheTransaction) {
  enrol();
  writer.run_now([](store::Database& db) {
    EXPECT_EQ(place_of(db, "TC-1")->room, "Door");
    db.exec("UPDATE registry SET room = 'Hall', mode = 'work_site'");
    EXPECT_EQ(place_of(db, "TC-1")->room, "Hall");
    EXPECT_EQ(place_of(db, "TC-1")->mode, protocol::TerminalMode::work_site);
    EXPECT_FALSE(place_of(db, "TC-9").has_value());
  });
}

}  // namespace
}  // namespace rollcall::registry
