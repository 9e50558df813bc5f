// A log that comes back from the case system: what rests on unproven times is as it was.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "daemon/attendance/assist.hpp"
#include "daemon/attendance/code.hpp"
#include "daemon/attendance/correct.hpp"
#include "daemon/attendance/issued_card.hpp"
#include "daemon/attendance/proven_points.hpp"
#include "daemon/attendance/settle.hpp"
#include "daemon/attendance/turn_round.hpp"
#include "daemon/recovery/import.hpp"
#include "tests/unit/daemon/attendance/recording.hpp"

namespace rollcall::recovery {
namespace {

using attendance::test::minute_ms;
using attendance::test::monday_0850;
using protocol::ClockTrust;
using rollcall::testing::tap;

std::vector<std::string> rows(store::Database& db, const char* query) {
  std::vector<std::string> all;
  auto row = db.prepare(query);
  while (row.step()) all.push_back(row.text(0));
  return all;
}

struct Rebuilt : attendance::test::Recording {
  // Everything of the log, as a page that the case system answers with.
  std::string page() {
    store::Database db(scratch.path(), store::Database::Mode::query_only);
    nlohmann::ordered_json events = nlohmann::ordered_json::array();
    auto row = db.prepare("SELECT position FROM log ORDER BY position");
    while (row.step()) {
      events.push_back(
          nlohmann::ordered_json::parse(events::to_cloudevent(db, "site-1", row.integer(0), 1)));
    }
    return nlohmann::ordered_json{{"events", events}, {"after", nullptr}}.dump();
  }
  // What another database makes of all of it.
  void import_into(store::Database& there, std::size_t expected) {
    store::Database here(scratch.path(), store::Database::Mode::query_only);
    const std::string epoch = rows(here, "SELECT value FROM meta WHERE key = 'log_epoch'").front();
    const auto fetched = read_page(page(), "site-1", epoch, 0);
    ASSERT_TRUE(fetched) << fetched.error();
    EXPECT_EQ(import(there, fetched->events, attendance::TimeZone("Europe/Brussels")), expected);
  }
};

struct RebuiltTimes : Rebuilt {
  static attendance::TapReport timeless(std::uint64_t number, std::uint64_t monotonic_ms,
                                        const std::array<std::uint8_t, 4>& chip) {
    attendance::TapReport report = tap(number, 0, chip);
    report.tap.boot = 4;
    report.tap.monotonic_ms = monotonic_ms;
    report.tap.trust = ClockTrust::unproven;
    return report;
  }
};

struct RebuiltCards : Rebuilt {};

struct RebuiltWords : Rebuilt {
  // The tap, and then the person says that it was the other way.
  void turned(const attendance::TapReport& report) {
    const auto answer = take(report);
    ASSERT_TRUE(answer.turnable);
    const bool in = answer.turnable->direction == attendance::Direction::in;
    const attendance::TurnRequest request{
        .tap = {report.serial, report.tap.epoch, report.tap.number},
        .to = in ? attendance::Direction::out : attendance::Direction::in,
        .answered_ms = answer.turnable->answered_ms};
    writer.run_now([&](store::Database& db) {
      ASSERT_EQ(turn_round(db, config, request, host), attendance::Turned::done);
    });
  }
};

TEST_F(RebuiltTimes, EventsAndWhatRestsOnThemAreTheSame) {
  take(tap(1, monday_0850 - 50 * minute_ms, stranger));
  attendance::TapReport met = timeless(2, 100'000, card_1);
  met.start = attendance::proven_point(4, 700'000, monday_0850, ClockTrust::synced);
  ASSERT_EQ(take(met).outcome, protocol::Outcome::arrived);
  ASSERT_EQ(take(timeless(3, 800'000, stranger)).outcome, protocol::Outcome::see_staff);

  store::Database here(scratch.path(), store::Database::Mode::query_only);
  testing::ScratchDatabase elsewhere;
  store::Database there(elsewhere.path(), store::Database::Mode::read_write);
  import_into(there, 4);

  for (const char* query :
       {"SELECT event_id || type || ifnull(time_ms, '-') FROM log ORDER BY position",
        "SELECT data FROM payload_movement ORDER BY position",
        "SELECT data FROM payload_attendance ORDER BY position",
        "SELECT number || ' ' || boot || ' ' || monotonic_ms || ' ' || trust || ' ' ||"
        " ifnull(time_ms, '-') || ' ' || ifnull(not_before_ms, '-') || ' ' ||"
        " ifnull(not_after_ms, '-') FROM tap ORDER BY number",
        "SELECT person || day || time_ms || direction FROM movement ORDER BY position",
        "SELECT person || since_ms || direction FROM presence ORDER BY person"}) {
    EXPECT_EQ(rows(there, query), rows(here, query)) << query;
    EXPECT_FALSE(rows(here, query).empty()) << query;
  }
  // The next tap is bracketed by what came back as by what was here.
  const attendance::TapPlace next{"TC-1", met.tap.epoch, 4, {5, 1'000}};
  const attendance::Bracket before = bracket_of(here, next, std::nullopt, host);
  const attendance::Bracket after = bracket_of(there, next, std::nullopt, host);
  EXPECT_TRUE(before.not_before_ms);
  EXPECT_EQ(after.not_before_ms, before.not_before_ms);
  EXPECT_EQ(after.not_after_ms, before.not_after_ms);
}

TEST_F(RebuiltCards, ALostCardStaysLostAndTheOneInItsPlaceIsInForce) {
  attendance::NewCard card;
  card.person = "p-1";
  card.actor = "desk-1";
  card.reason = "First day.";
  writer.run_now([&](store::Database& db) {
    for (std::uint8_t number = 1; number <= 3; ++number) {
      card.chip.fill(number);
      card.token.fill(number);
      card.replaces = number == 2;
      if (number == 3) card.person = "p-2";
      host.wall_ms += minute_ms;
      ASSERT_TRUE(attendance::issue_card(db, config.site, card, host.time_block()));
    }
    host.wall_ms += minute_ms;
    ASSERT_TRUE(attendance::withdraw_card(db, config.site,
                                          {"p-2", attendance::CardState::lost, "desk-2", "Lost."},
                                          host.time_block()));
    ASSERT_TRUE(attendance::issue_code(db, config, key,
                                       {"p-1", attendance::CodeKind::lasting, "desk-1", "No card."},
                                       host.time_block(), [] { return 7; }));
    ASSERT_TRUE(attendance::issue_code(db, config, key,
                                       {"p-2", attendance::CodeKind::day, "desk-1", "No card."},
                                       host.time_block(), [] { return 8; }));
    ASSERT_TRUE(
        attendance::withdraw_codes(db, config, "p-2", "desk-1", "Seen.", host.time_block()));
  });
  testing::ScratchDatabase elsewhere;
  store::Database there(elsewhere.path(), store::Database::Mode::read_write);
  import_into(there, 8);
  store::Database here(scratch.path(), store::Database::Mode::query_only);
  for (const char* query :
       {"SELECT hex(token) || hex(chip) || person || state || issued_ms || ' ' || since_ms || actor"
        " || reason FROM issued_card ORDER BY token",
        "SELECT hex(token) || person || kind || issued_ms || ' ' || ifnull(expires_ms, '-') ||"
        " ifnull(withdrawn_ms, '-') FROM code ORDER BY token"}) {
    EXPECT_EQ(rows(there, query), rows(here, query)) << query;
    EXPECT_GE(rows(here, query).size(), 2u) << query;
  }
}

TEST_F(RebuiltWords, TheDayThatRestsOnThemIsTheSameAndStays) {
  turned(tap(1, monday_0850 - 20 * minute_ms, card_1));
  take(tap(2, monday_0850, card_1));
  host.wall_ms = monday_0850 + 215 * minute_ms;  // 12:25
  turned(tap(3, host.wall_ms, card_1));
  take(tap(4, host.wall_ms + 10 * minute_ms, card_1));

  testing::ScratchDatabase elsewhere;
  store::Database there(elsewhere.path(), store::Database::Mode::read_write);
  there.exec("ATTACH '" + scratch.path() + "' AS here");
  for (const std::string table : {"registry", "person", "session", "enrolment"})
    there.exec("INSERT INTO " + table + " SELECT * FROM here." + table);
  there.exec("DETACH here");
  import_into(there, 10);

  const char* words = "SELECT number || ifnull(stated, '-') FROM tap ORDER BY number";
  const char* day =
      "SELECT fact || direction || time_ms || ifnull(session, '-') FROM movement"
      " ORDER BY fact";
  store::Database here(scratch.path(), store::Database::Mode::query_only);
  EXPECT_EQ(rows(there, words), (std::vector<std::string>{"1out", "2-", "3in", "4-"}));
  EXPECT_EQ(rows(there, day), rows(here, day));
  const std::size_t events = rows(there, "SELECT event_id FROM log").size();
  while (attendance::settle_due(there, config, host, 10)) {
  }
  EXPECT_EQ(rows(there, day), rows(here, day)) << "concluded from nothing";
  EXPECT_EQ(rows(there, "SELECT event_id FROM log").size(), events) << "nothing to correct";
}

struct RebuiltCorrections : Rebuilt {
  void say(const char* type, int nth, attendance::Was was) {
    writer.run_now([&](store::Database& db) {
      const std::string id =
          rows(db, (std::string("SELECT event_id FROM log WHERE type = '") + type +
                    "' ORDER BY position LIMIT 1 OFFSET " + std::to_string(nth))
                       .c_str())
              .front();
      const auto done = attendance::correct(db, config, {id, was, "Told so.", "desk-1"}, host);
      ASSERT_TRUE(done) << done.error();
      ASSERT_TRUE(done->changed);
    });
  }
  void enter(int minute) {
    attendance::AssistRequest request;
    request.person = "p-1";
    request.direction = attendance::Direction::out;
    request.cause = "forgotten";
    request.minute = minute;
    request.actor = "desk-1";
    writer.run_now([&](store::Database& db) {
      ASSERT_TRUE(attendance::record_assisted(db, config, request, host));
    });
  }
};

TEST_F(RebuiltCorrections, WhatStaffSaidOfTapsAndTookBackStandsAsItStood) {
  host.wall_ms = monday_0850 + 10 * 60 * minute_ms;
  for (int hour = 0; hour < 4; ++hour)
    take(tap(static_cast<std::uint64_t>(hour) + 1, monday_0850 + hour * 50 * minute_ms, card_1));
  say("tap.recorded", 1, attendance::Was::none);
  say("tap.recorded", 2, attendance::Was::in);
  say("tap.recorded", 3, attendance::Was::none);
  say("tap.recorded", 3, attendance::Was::in);
  enter(12 * 60);
  say("attendance.assisted", 0, attendance::Was::none);
  enter(12 * 60 + 5);

  store::Database here(scratch.path(), store::Database::Mode::query_only);
  testing::ScratchDatabase elsewhere;
  store::Database there(elsewhere.path(), store::Database::Mode::read_write);
  import_into(there, types().size());
  for (const char* query :
       {"SELECT number || stated || stated_by FROM tap WHERE stated IS NOT NULL ORDER BY number",
        "SELECT position || ' ' || direction || stands FROM statement ORDER BY position",
        "SELECT position || ' ' || newest || ' ' || fact || ' ' || closes || time_ms || direction"
        " FROM movement ORDER BY position",
        "SELECT person || since_ms || direction FROM presence"}) {
    EXPECT_EQ(rows(there, query), rows(here, query)) << query;
    EXPECT_FALSE(rows(here, query).empty()) << query;
  }
  EXPECT_EQ(rows(here, "SELECT stands FROM statement ORDER BY position"),
            (std::vector<std::string>{"0", "1"}));
}

TEST(RebuiltStarts, AGreetingSaysAgainThatATerminalWasThere) {
  testing::ScratchDatabase scratch;
  store::Database db(scratch.path(), store::Database::Mode::read_write);
  events::Event connected;
  connected.type = "terminal.connected";
  connected.data = R"({"terminal": "TC-1", "boot": 6, "epoch": "00112233445566778899aabbccddeeff",
      "time": {"wall": "2026-03-02T07:50:00.000Z", "trust": "synced", "monotonic_ms": 5, "boot": 1,
               "not_before": null, "not_after": null}})";
  rebuild_from(db, connected, 1, attendance::TimeZone("Europe/Brussels"));
  EXPECT_EQ(rows(db,
                 "SELECT serial || ' ' || lower(hex(epoch)) || ' ' || boot || ' ' || heard_ms ||"
                 " ' ' || trust FROM terminal_start"),
            std::vector<std::string>{"TC-1 00112233445566778899aabbccddeeff 6 1772437800000 2"});
}

}  // namespace
}  // namespace rollcall::recovery
