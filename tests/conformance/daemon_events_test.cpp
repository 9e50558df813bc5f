// Every event that the daemon makes keeps to the contract: envelope, data, subject rule and purpose
// of docs/api/events. The real producers run over a database of their own.
#include <chrono>
#include <fstream>
#include <future>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "daemon/assessments/record.hpp"
#include "daemon/attendance/code.hpp"
#include "daemon/attendance/issued_card.hpp"
#include "daemon/attendance/recorder.hpp"
#include "daemon/events/event.hpp"
#include "daemon/recovery/divergence.hpp"
#include "daemon/registry/changes.hpp"
#include "daemon/terminals/journal.hpp"
#include "tests/casesim/schemas.hpp"
#include "tests/unit/daemon/registered.hpp"
#include "tests/unit/daemon/scratch_database.hpp"
#include "tests/unit/daemon/tap_report.hpp"

namespace rollcall {
namespace {

using attendance::HostTime;
using attendance::TapReport;
using nlohmann::json;
using testing::tap;
using Chip = std::array<std::uint8_t, 4>;

constexpr std::int64_t monday_0850 = 1'772'437'800'000;  // 2026-03-02T08:50 in Brussels
constexpr std::int64_t hour_ms = 3'600'000;
constexpr Chip known_card = {1, 2, 3, 4};
constexpr Chip guardian_card = {5, 6, 7, 8};
constexpr Chip stranger = {9, 9, 9, 9};
const std::string site = "site-1";

config::Config site_config() {
  config::Config config;
  config.site = {site, "org-1", "A site", "Europe/Brussels", {"fr", "en"}};
  return config;
}

const casesim::Schemas& schemas() {
  static const casesim::Schemas loaded =
      casesim::Schemas::load(std::string(ROLLCALL_SOURCE_DIR) + "/docs/api").value();
  return loaded;
}

// type -> purpose, from docs/api/events/index.json.
std::map<std::string, std::string> purposes() {
  std::ifstream in(std::string(ROLLCALL_SOURCE_DIR) + "/docs/api/events/index.json");
  const json index = json::parse(in);
  std::map<std::string, std::string> found;
  for (const json& entry : index["types"]) found[entry["type"]] = entry["purpose"];
  return found;
}

class DaemonEvents : public ::testing::Test {
 protected:
  DaemonEvents() {
    writer.run_now([](store::Database& db) {
      testing::register_terminal(db, "TC-1", "Door");
      testing::register_terminal(db, "CH-1", "Playroom", "childcare");
      db.exec(
          "INSERT INTO person (id, role, language, programme, grant_id) VALUES"
          " ('p-1', 'participant', 'fr', 'bilan', 'RRF-1'), ('g-1', 'guardian', 'fr', NULL, NULL)");
      db.exec(
          "INSERT INTO session (id, course, title, room, weekdays, first_day, last_day, start_min,"
          " end_min, half_day, programme) VALUES ('S-AM', 'C', 'Title', 'Door', 'mon tue',"
          " '2026-01-01', '2026-12-31', 540, 750, 'am', 'bilan')");
      db.exec("INSERT INTO enrolment (course, person) VALUES ('C', 'p-1')");
      const auto give = [&db](const Chip& chip, const char* person) {
        db.prepare("INSERT INTO card (token, person, source) VALUES (?, ?, 'roster')")
            .bind(attendance::card_token(key, protocol::ReadingKind::uid, chip), person)
            .run();
      };
      give(known_card, "p-1");
      give(guardian_card, "g-1");
    });
  }

  void take(TapReport report) {
    std::promise<void> answered;
    ASSERT_TRUE(recorder.submit(std::move(report), [&](const attendance::TapResult& result) {
      EXPECT_TRUE(result.error.empty()) << result.error;
      answered.set_value();
    }));
    answered.get_future().wait();
  }

  // Checks the whole log and returns the types that are in it.
  std::set<std::string> checked_types() {
    store::Database db(scratch.path(), store::Database::Mode::query_only);
    const auto purpose_of = purposes();
    std::set<std::string> types;
    auto row = db.prepare("SELECT position, type, purpose FROM log ORDER BY position");
    while (row.step()) {
      const std::string type = row.text(1);
      const json event = json::parse(events::to_cloudevent(db, site, row.integer(0), 1));
      EXPECT_EQ(schemas().fault("cloudevent.json", event), std::nullopt) << event.dump(1);
      EXPECT_EQ(casesim::event_fault(schemas(), event), std::nullopt) << event.dump(1);
      const auto purpose = purpose_of.find(type);
      EXPECT_EQ(row.text(2), purpose == purpose_of.end() ? "" : purpose->second) << type;
      types.insert(type);
    }
    return types;
  }

  static constexpr crypto::Key key{7};
  testing::ScratchDatabase scratch;
  const config::Config config = site_config();
  store::Writer writer{scratch.path()};
  HostTime host{monday_0850, protocol::ClockTrust::synced, 5, 1};
  attendance::Recorder recorder{writer, config, key, [this] { return host; }};
};

TEST_F(DaemonEvents, OfTapsKeepToTheContract) {
  take(tap(1, monday_0850, known_card));                // arrives
  take(tap(2, monday_0850 + 5000, known_card));         // taps twice
  take(tap(3, monday_0850 + 3 * hour_ms, known_card));  // leaves
  take(tap(4, monday_0850, stranger));                  // nobody
  take(tap(1, monday_0850 + 1000, stranger));           // reused identity
  take(tap(9, monday_0850 + 9 * hour_ms, known_card));  // provisional, no session

  TapReport clockless = tap(10, 0, known_card);  // claims a trust without having a time
  clockless.live = false;
  take(clockless);
  TapReport drifting = tap(11, monday_0850 + 10 * hour_ms, known_card);
  drifting.tap.trust = protocol::ClockTrust::drifting;
  take(drifting);
  TapReport phone = tap(12, monday_0850, {8, 1, 2, 3});
  phone.tap.kind = protocol::ReadingKind::uid_random;
  take(phone);
  TapReport typed = tap(13, monday_0850, {'1', '2', '3', '4'});
  typed.tap.kind = protocol::ReadingKind::code;
  take(typed);
  TapReport childcare = tap(14, monday_0850, guardian_card);
  childcare.serial = "CH-1";
  take(childcare);

  EXPECT_EQ(checked_types(),
            (std::set<std::string>{"tap.recorded", "attendance.arrived", "attendance.left",
                                   "security.identity_reused"}));
}

TEST_F(DaemonEvents, OfAnAttachedCardKeepToTheContract) {
  take(tap(1, monday_0850, stranger));
  take(tap(2, monday_0850 + 2 * hour_ms, stranger));
  attendance::AttachRequest request;
  request.token = attendance::card_token(key, protocol::ReadingKind::uid, stranger);
  request.person = "p-1";
  request.actor = "unix:1000";
  request.reason = "first card";
  const auto attach = [&] {
    attendance::Attached attached;
    writer.run_now([&](store::Database& db) { attached = attach_card(db, config, request, host); });
    return attached.error;
  };
  request.reason = std::string(301, 'x');
  EXPECT_NE(attach(), "") << "longer than the contract allows";
  request.reason = "first card";
  request.actor = "the desk";
  EXPECT_NE(attach(), "") << "not an actor of the contract";
  request.actor = "unix:1000";
  EXPECT_EQ(attach(), "");
  EXPECT_TRUE(checked_types().contains("card.attached"));
}

TEST_F(DaemonEvents, OfIssuedCardsKeepToTheContract) {
  attendance::NewCard card{
      .chip = attendance::card_token(key, protocol::ReadingKind::uid, stranger),
      .token = {1},
      .person = "p-1",
      .replaces = false,
      .terminal = "TC-1",
      .room = "Door",
      .actor = "desk-1",
      .reason = "First day."};
  writer.run_now([&](store::Database& db) {
    ASSERT_TRUE(attendance::issue_card(db, config.site, card, host.time_block()));
    card.token = {2};
    card.replaces = true;
    card.terminal.clear();
    ASSERT_TRUE(attendance::issue_card(db, config.site, card, host.time_block()));
    ASSERT_TRUE(attendance::withdraw_card(db, config.site,
                                          {"p-1", attendance::CardState::lost, "desk-1", "Lost."},
                                          host.time_block()));
  });
  using Kind = attendance::CardProof::Kind;
  for (const Kind kind : {Kind::none, Kind::proven, Kind::not_authentic, Kind::interrupted,
                          Kind::issued_now, Kind::not_issued, Kind::signs_in}) {
    TapReport report = tap(static_cast<std::uint64_t>(kind) + 1, monday_0850 + hour_ms, stranger);
    report.proof = {kind, {2}};
    take(std::move(report));
  }
  EXPECT_EQ(checked_types(), (std::set<std::string>{"card.issued", "card.revoked", "tap.recorded",
                                                    "security.card_refused"}));
}

TEST_F(DaemonEvents, OfTheDeskKeepToTheContract) {
  writer.run_now([&](store::Database& db) {
    int digit = 0;
    ASSERT_TRUE(attendance::issue_code(db, config, key,
                                       {"p-1", attendance::CodeKind::once, "desk-1", "No card."},
                                       host.time_block(), [&] { return digit++ % 10; }));
    ASSERT_TRUE(
        attendance::withdraw_codes(db, config, "p-1", "desk-1", "Seen.", host.time_block()));
  });
  for (std::uint8_t number = 1; number <= 6; ++number) {
    TapReport guess =
        tap(number, monday_0850, {'1', '2', '3', static_cast<std::uint8_t>('0' + number)});
    guess.tap.kind = protocol::ReadingKind::code;
    take(std::move(guess));
  }
  EXPECT_EQ(checked_types(), (std::set<std::string>{"code.issued", "code.withdrawn", "tap.recorded",
                                                    "security.code_guessing"}));
}

TEST_F(DaemonEvents, OfAnUnreadableStoredTapKeepToTheContract) {
  terminals::Unreadable tap;
  tap.serial = "TC-1";
  tap.room = "Door";
  tap.number = 7;
  tap.bytes = {1, 2, 3};
  writer.run_now([&](store::Database& db) {
    keep_unreadable(db, config.site, tap, host);
    tap.number = 8;
    tap.wall_ms = monday_0850;
    tap.opened = true;
    keep_unreadable(db, config.site, tap, host);
  });
  EXPECT_EQ(checked_types(), std::set<std::string>{"security.queue_unreadable"});
}

TEST_F(DaemonEvents, OfTerminalsThatComeAndGoKeepToTheContract) {
  terminals::Arrival arrival;
  arrival.now = host;
  terminals::Connected& who = arrival.connected.emplace();
  who.serial = "TC-1";
  who.room = "Door";
  who.link = "tcp";
  who.state.next_number = UINT64_MAX;
  terminals::Displaced& what = arrival.displaced.emplace();
  what.serial = "TC-1";
  what.room = "Door";
  terminals::Disconnected gone{.serial = "TC-1",
                               .room = "Door",
                               .cause = "",
                               .connected = std::chrono::milliseconds{1},
                               .unanswered = 1};
  writer.run_now([&](store::Database& db) {
    for (std::uint8_t reset = 0; reset < 8; ++reset) {
      who.hello.reset = static_cast<protocol::ResetReason>(reset);
      who.hello.last_update = static_cast<protocol::UpdateOutcome>(reset);
      note(db, config.site, arrival);
    }
    for (const char* cause : {"closed", "lost", "displaced", "refused", "shutdown"}) {
      gone.cause = cause;
      note_disconnected(db, config.site, gone, host);
    }
  });
  EXPECT_EQ(checked_types(), (std::set<std::string>{"terminal.connected", "terminal.disconnected",
                                                    "security.terminal_displaced"}));
}

TEST_F(DaemonEvents, OfEnrolledTerminalsKeepToTheContract) {
  const registry::KeySeal seal(crypto::Key{3});
  const events::TimeBlock now{monday_0850, protocol::ClockTrust::synced, 5, 1};
  writer.run_now([&](store::Database& db) {
    const registry::Ledger ledger{db, seal, config.site, now};
    ledger.grant("TC-9", {"Door", protocol::TerminalMode::training, {}}, crypto::Key{1}, "desk-1");
    EXPECT_TRUE(ledger.prove("TC-9", crypto::Key{1}, "0.1.0"));
    EXPECT_TRUE(ledger.move("TC-9", {.room = "Hall"}, "desk-1"));
    EXPECT_TRUE(ledger.rotate("TC-9", crypto::Key{2}, "unix:1000"));
    EXPECT_TRUE(ledger.prove("TC-9", crypto::Key{2}, "0.1.0"));
    EXPECT_TRUE(ledger.revoke("TC-9", "Broken.", "desk-1", std::nullopt));
  });
  EXPECT_EQ(checked_types(), (std::set<std::string>{"terminal.enrolled", "terminal.moved",
                                                    "terminal.key_rotated", "terminal.retired"}));
}

TEST_F(DaemonEvents, OfADivergedLogKeepToTheContract) {
  using recovery::Cause;
  const recovery::Mark remote{"aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa", 9,
                              "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"};
  writer.run_now([&](store::Database& db) {
    diverge(db, config, Cause::behind, {}, remote, host);  // with an empty log here
    diverge(db, config, Cause::different, {remote}, remote, host);
    diverge(db, config, Cause::fork, {}, std::nullopt, host);
    diverge(db, config, Cause::gap, {}, remote, host);
  });
  EXPECT_EQ(checked_types(), std::set<std::string>{"security.log_diverged"});
}

TEST_F(DaemonEvents, OfAssessmentsKeepToTheContract) {
  const std::string file =
      std::string(ROLLCALL_SOURCE_DIR) + "/examples/brussels/instruments/digital-self-check.json";
  std::ifstream in(file);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  auto parsed = assessments::parse_instrument(file, text);
  ASSERT_TRUE(parsed);
  assessments::Occasion occasion;
  occasion.organisation = config.site.organisation;
  occasion.site = site;
  occasion.room = "Door";
  occasion.tap.serial = "TC-1";
  occasion.language = "fr";
  occasion.due.person = "p-1";
  occasion.due.date = "2026-03-01";
  occasion.due.programme = "bilan";
  occasion.due.instrument = std::make_shared<const assessments::Instrument>(std::move(*parsed));

  using namespace std::chrono_literals;
  assessments::Attempt attempt(*occasion.due.instrument);
  const events::TimeBlock time{monday_0850, protocol::ClockTrust::synced, 5, 1};
  const events::TimeBlock no_clock{std::nullopt, protocol::ClockTrust::unproven, 5, 1};
  std::vector<events::Event> made;
  std::uint64_t number = 0;
  const auto next_tap = [&]() -> const assessments::Occasion& {
    occasion.tap.number = ++number;
    return occasion;
  };
  made.push_back(offered_event(next_tap(), time));
  for (const auto cause :
       {assessments::Cause::later, assessments::Cause::no_answer, assessments::Cause::next_person,
        assessments::Cause::link_lost, assessments::Cause::shutdown}) {
    made.push_back(declined_event(next_tap(), time, cause));
    made.push_back(abandoned_event(next_tap(), no_clock, attempt, cause, 1500ms));
  }
  for (bool first = true; const assessments::Question* question = attempt.next(); first = false) {
    const auto& options = question->options;
    ASSERT_TRUE(attempt.answer(first ? options.back().id : options.front().id, 900ms));
  }
  made.push_back(completed_event(next_tap(), time, attempt, 12s));
  made.push_back(completed_event(next_tap(), no_clock, attempt, 12s));
  writer.run_now([&](store::Database& db) {
    for (const events::Event& event : made) events::append(db, event, monday_0850);
  });
  EXPECT_EQ(checked_types().size(), 4u);
}

}  // namespace
}  // namespace rollcall
