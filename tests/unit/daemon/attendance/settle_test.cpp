// What a day comes to, in the log: stated, corrected, closed; and what a receiver makes of it.
#include "daemon/attendance/settle.hpp"

#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include "daemon/attendance/assist.hpp"
#include "daemon/attendance/correct.hpp"
#include "daemon/attendance/turn_round.hpp"
#include "daemon/roster/identity.hpp"
#include "tests/unit/daemon/attendance/recording.hpp"
#include "tests/unit/daemon/contract.hpp"

namespace rollcall::attendance::test {
namespace {

using nlohmann::json;
using rollcall::testing::tap;

// The conclusions that stand, as a receiver holds them who applies every correction: by the id of
// the event that first stated each.
class Receiver {
 public:
  void take(const json& event) {
    const std::string type = event["type"];
    const json& data = event["data"];
    if (type == "org.rollcall.attendance.arrived.v1" || type == "org.rollcall.attendance.left.v1" ||
        type == "org.rollcall.attendance.assisted.v1") {
      held_[event["id"]] = told(event, data["direction"]);
    } else if (type == "org.rollcall.attendance.corrected.v1") {
      const std::string id = data["corrects"].is_null() ? event["id"] : data["corrects"];
      ASSERT_NE(data["corrects"].is_null(), held_.contains(id))
          << "a correction names what it corrects";
      if (data["new"].is_null()) {
        held_.erase(id);
      } else {
        held_[id] = told(event, data["direction"]);
      }
    }
  }
  std::multiset<std::string> holds() const {
    std::multiset<std::string> all;
    for (const auto& [id, what] : held_) all.insert(what);
    return all;
  }

 private:
  static std::string told(const json& event, const json& direction) {
    const json& data = event["data"];
    return event["subject"].get<std::string>() + " " + direction.get<std::string>() + " " +
           data["time"]["wall"].get<std::string>() + " " + data["session"].dump();
  }
  std::map<std::string, std::string> held_;
};

struct Settle : Recording {
  void SetUp() override {
    writer.run_now([](store::Database& db) {
      db.exec(
          "INSERT INTO session (id, course, title, room, weekdays, first_day, last_day, start_min, "
          "end_min, half_day)"
          " VALUES ('S-PM', 'C', 'Title', 'Room B', 'mon tue', '2026-01-01', '2026-12-31', 810, "
          "990, 'pm')");
      testing::register_terminal(db, "TC-2", "Room B");
    });
  }

  static std::int64_t at(int hour, int minute) {
    return monday_0850 + (hour * 60 + minute - 530) * minute_ms;
  }

  // Oldest first, with their minute of the day.
  std::vector<std::string> attendance_events() {
    store::Database db(scratch.path(), store::Database::Mode::query_only);
    std::vector<std::string> all;
    auto row = db.prepare(
        "SELECT position, type FROM log WHERE type LIKE 'attendance.%' ORDER BY position");
    std::vector<std::int64_t> positions;
    while (row.step()) positions.push_back(row.integer(0));
    for (const std::int64_t position : positions) {
      const json told = nlohmann::json::parse(events::to_cloudevent(db, "site-1", position, 1));
      EXPECT_TRUE(testing::satisfies_contract(told)) << told.dump(1);
      const std::string type = told["type"];
      std::string text = type.substr(24, type.size() - 27) + " " +
                         told["data"]["time"]["wall"].get<std::string>().substr(11, 5);
      if (type == "org.rollcall.attendance.corrected.v1")
        text += " " + told["data"]["old"].dump() + " -> " + told["data"]["new"].dump();
      all.push_back(text);
    }
    return all;
  }

  json newest() { return testing::newest_event(scratch.path(), "attendance.corrected"); }

  void settle_until(std::int64_t now_ms) {
    host.wall_ms = now_ms;
    writer.run_now([&](store::Database& db) {
      while (settle_due(db, config, host, 3)) {
      }
    });
  }

  std::vector<std::string> presence() {
    store::Database db(scratch.path(), store::Database::Mode::query_only);
    std::vector<std::string> all;
    auto row = db.prepare(
        "SELECT person || ' ' || direction || ' ' || room FROM presence ORDER BY person");
    while (row.step()) all.push_back(row.text(0));
    return all;
  }
};

TEST_F(Settle, ADayWithoutSurprisesIsFourConclusionsAndNoCorrection) {
  host.wall_ms = at(17, 0);
  take(tap(1, at(8, 55), card_1));
  take(tap(2, at(12, 31), card_1));
  take(tap(3, at(13, 25), card_1));
  take(tap(4, at(16, 31), card_1));
  settle_until(at(23, 0));
  EXPECT_EQ(attendance_events(), (std::vector<std::string>{"arrived 07:55", "left 11:31",
                                                           "arrived 12:25", "left 15:31"}));
}

TEST_F(Settle, AnArrivalThatBecomesKnownLateWaitsForTheExitBehindIt) {
  host.wall_ms = at(17, 0);
  take(tap(1, at(8, 55), card_1));
  settle_until(at(17, 1));
  EXPECT_EQ(attendance_events(), std::vector<std::string>{"arrived 07:55"});
  settle_until(at(17, 2));
  EXPECT_EQ(attendance_events(), (std::vector<std::string>{"arrived 07:55", "left 11:30"}));
}

TEST_F(Settle, AMissingExitIsClosedWhenItIsDueAndNotBefore) {
  take(tap(1, at(8, 55), card_1));
  settle_until(at(13, 29));
  EXPECT_EQ(attendance_events().size(), 1u);
  EXPECT_EQ(presence(), std::vector<std::string>{"p-1 in Door"});
  settle_until(at(13, 30));
  EXPECT_EQ(attendance_events(), (std::vector<std::string>{"arrived 07:55", "left 11:30"}));
  const json left = testing::newest_event(scratch.path(), "attendance.left");
  EXPECT_EQ(left["data"]["ended_by"], "no_exit_tap");
  EXPECT_EQ(left["data"]["actor"], "rule");
  EXPECT_EQ(left["data"]["terminal"], nullptr);
  EXPECT_EQ(presence(), std::vector<std::string>{"p-1 out Door"});
  settle_until(at(23, 59));
  EXPECT_EQ(attendance_events().size(), 2u) << "once";
}

TEST_F(Settle, AForgottenExitTurnsNothingRoundTheNextMorning) {
  host.wall_ms = at(8, 55);
  take(tap(1, at(8, 55), card_1));
  for (const int day : {1, 7}) {  // without a session, and with one
    host.wall_ms = at(day * 24 + 8, 50);
    EXPECT_EQ(take(tap(static_cast<std::uint64_t>(day) + 1, host.wall_ms, card_1)).outcome,
              protocol::Outcome::arrived);
  }
}

TEST_F(Settle, NobodyIsTakenOutByAClockInDoubt) {
  take(tap(1, at(8, 55), card_1));
  host.trust = protocol::ClockTrust::unproven;
  settle_until(at(20, 0));
  EXPECT_EQ(attendance_events().size(), 1u);
}

TEST_F(Settle, AnExitFromTheQueueTakesThePlaceOfItsClosing) {
  take(tap(1, at(8, 55), card_1));
  settle_until(at(14, 0));
  take(tap(2, at(12, 20), card_1));
  const std::vector<std::string> all = attendance_events();
  ASSERT_EQ(all.size(), 4u);
  EXPECT_TRUE(all[2].starts_with("corrected 11:30")) << all[2];
  EXPECT_EQ(all[3], "left 11:20");
  EXPECT_EQ(newest()["data"]["new"], nullptr);
  EXPECT_EQ(newest()["data"]["direction"], nullptr);
  EXPECT_EQ(newest()["data"]["cause"]["kind"], "late_tap");
  EXPECT_EQ(newest()["data"]["old"]["ended_by"], "no_exit_tap");
}

TEST_F(Settle, ALateArrivalCorrectsTheConclusionsAfterIt) {
  host.wall_ms = at(16, 0);
  ASSERT_EQ(take(tap(2, at(11, 0), card_1)).outcome, protocol::Outcome::arrived);
  take(tap(1, at(9, 0), card_1));
  const json corrected = newest();
  EXPECT_EQ(corrected["data"]["old"], json({{"direction", "in"}}));
  EXPECT_EQ(corrected["data"]["new"], json({{"direction", "out"}}));
  EXPECT_EQ(corrected["data"]["direction"], "out");
  EXPECT_EQ(corrected["data"]["taps"][0]["number"], 2);
  EXPECT_EQ(corrected["data"]["actor"], "rule");
  attendance_events();  // each satisfies the contract
}

TEST_F(Settle, AConclusionThatComesBackIsCorrectedFromNothing) {
  host.wall_ms = at(10, 0);
  take(tap(2, at(9, 0) + 40'000,
           card_1));  // arrival, until an earlier tap of the same minute is known
  take(tap(1, at(9, 0), card_1));
  EXPECT_EQ(newest()["data"]["new"], nullptr) << "the first known tap became a repeat";
  writer.run_now([&](store::Database& db) {
    db.exec("UPDATE tap SET stated = 'none' WHERE number = 1");
    ASSERT_TRUE(
        settle_day(db, config, "p-1", "2026-03-02", {"staff", "not this person", "desk-1"}, host));
  });
  const json corrected = newest();
  EXPECT_EQ(corrected["data"]["corrects"], nullptr);
  EXPECT_EQ(corrected["data"]["old"], nullptr);
  EXPECT_EQ(corrected["data"]["new"]["direction"], "in");
  EXPECT_EQ(corrected["data"]["actor"], "desk-1");
  attendance_events();
}

TEST_F(Settle, TapsOfAnIdThatWasJoinedCountForThePersonThatStays) {
  host.wall_ms = at(13, 0);
  take(tap(1, at(8, 55), card_1));
  writer.run_now([&](store::Database& db) {
    roster::merge(db, "p-1", "p-2", host.wall_ms);
    ASSERT_TRUE(
        settle_day(db, config, "p-2", "2026-03-02", {"roster", "two ids were joined"}, host));
  });
  take(tap(2, at(12, 31), card_1));
  EXPECT_EQ(attendance_events(), (std::vector<std::string>{"arrived 07:55", "left 11:31"}));
  EXPECT_EQ(presence(), std::vector<std::string>{"p-2 out Door"});
}

TEST_F(Settle, WhoIsEnrolledAfterTheTapHasComeForTheSession) {
  writer.run_now([](store::Database& db) { db.exec("DELETE FROM enrolment"); });
  host.wall_ms = at(8, 55);
  take(tap(1, at(8, 55), card_1));
  writer.run_now([](store::Database& db) {
    db.exec("INSERT INTO enrolment (course, person) VALUES ('C', 'p-1')");
    mark_day_unsettled(db, "2026-03-02", "roster");
  });
  settle_until(at(8, 56));
  const json corrected = newest();
  EXPECT_EQ(corrected["data"]["session"], "S-AM");
  EXPECT_EQ(corrected["data"]["old"]["session"], nullptr);
  EXPECT_EQ(corrected["data"]["cause"]["kind"], "roster");
  EXPECT_TRUE(testing::satisfies_contract(corrected)) << corrected.dump(1);
}

TEST_F(Settle, AClassOverMidnightBelongsToTheDayItBeganOn) {
  writer.run_now([](store::Database& db) {
    db.exec(
        "INSERT INTO session (id, course, title, room, weekdays, first_day, last_day, start_min, "
        "end_min, half_day)"
        " VALUES ('S-NIGHT', 'C', 'Title', 'Door', 'mon', '2026-01-01', '2026-12-31', 1320, 1560, "
        "'eve')");
  });
  host.wall_ms = at(27, 0);
  take(tap(1, at(21, 55), card_1));
  const TapResult left = take(tap(2, at(26, 1), card_1));
  EXPECT_EQ(left.outcome, protocol::Outcome::left);
  const json told = testing::newest_event(scratch.path(), "attendance.left");
  EXPECT_EQ(told["data"]["session"], "S-NIGHT");
  EXPECT_EQ(told["data"]["half_day"]["date"], "2026-03-02");
  attendance_events();
}

TEST_F(Settle, OnTheNightTheClockGoesBackHoursAreThoseThatPassed) {
  writer.run_now([&](store::Database& db) {
    db.exec(
        "INSERT INTO session (id, course, title, room, weekdays, first_day, last_day, start_min, "
        "end_min, half_day)"
        " VALUES ('S-NIGHT', 'C', 'Title', 'Door', 'sat', '2026-01-01', '2026-12-31', 1320, 1680, "
        "'eve')");
    const auto person = person_by_id(db, "p-1");
    const TimeZone zone("Europe/Brussels");
    // From 22:00 on 24 October to 04:00 on the 25th, when 2:00 to 3:00 comes twice.
    const PersonDay day = read_day(db, config, zone, *person, "2026-10-24");
    ASSERT_EQ(day.facts.sessions.size(), 1u);
    EXPECT_EQ(day.facts.sessions[0].end_minute - day.facts.sessions[0].start_minute, 7 * 60);
    const PersonDay spring = read_day(db, config, zone, *person, "2026-03-28");
    EXPECT_EQ(spring.facts.sessions[0].end_minute - spring.facts.sessions[0].start_minute, 5 * 60);
  });
}

// Taps of two people at two terminals, some of them from queues and so out of order, movements that
// staff state, and what staff and the people themselves say that taps were. After all, a receiver
// holds what the days come to when they are concluded from nothing.
TEST_F(Settle, AReceiverWithAllCorrectionsHoldsTheDayConcludedFromNothing) {
  const char* given = std::getenv("ROLLCALL_SEED");
  const unsigned long seed = given ? std::strtoul(given, nullptr, 10) : std::random_device{}();
  SCOPED_TRACE("ROLLCALL_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  const auto between = [&](int low, int high) {
    return std::uniform_int_distribution(low, high)(random);
  };
  writer.run_now([&](store::Database& db) {
    db.prepare("INSERT INTO card (token, person, source) VALUES (?, 'p-2', 'roster')")
        .bind(token(stranger))
        .run();
  });
  std::uint64_t number = 0;
  int stated = 0, turned = 0;
  for (int step = 0; step < 400; ++step) {
    const int day = between(0, 9);
    const std::int64_t when = at(day * 24 + between(7, 18), between(0, 59)) + between(0, 59) * 1000;
    host.wall_ms = std::max(host.wall_ms + between(0, 40) * minute_ms, when);
    if (between(1, 12) == 1) {
      AssistRequest request;
      request.person = between(0, 1) == 0 ? "p-1" : "p-2";
      request.direction = between(0, 1) == 0 ? Direction::in : Direction::out;
      request.cause = "no_card";
      request.actor = "desk-1";
      if (between(0, 1) == 0) {  // a day that has passed
        request.day = TimeZone("Europe/Brussels").at(when).day;
        request.minute = between(7 * 60, 18 * 60);
      }
      writer.run_now([&](store::Database& db) {
        static_cast<void>(record_assisted(db, config, request, host));
      });
    } else if (between(1, 8) == 1) {
      writer.run_now([&](store::Database& db) {
        auto row = db.prepare(
            "SELECT event_id FROM log WHERE type IN ('tap.recorded', "
            "'attendance.assisted') ORDER BY position LIMIT 1 OFFSET ?");
        if (!row.bind(between(0, static_cast<int>(number))).step()) return;
        const Was was =
            std::array{Was::in, Was::out, Was::none}[static_cast<unsigned>(between(0, 2))];
        const auto done =
            correct(db, config, {row.text(0), was, "It was told so.", "desk-1"}, host);
        if (done && done->changed) ++stated;
      });
    } else {
      const TapReport report = tap(++number, when, between(0, 1) == 0 ? card_1 : stranger,
                                   between(0, 1) == 0 ? "TC-1" : "TC-2");
      const TapResult answer = take(report);
      if (answer.turnable && between(1, 3) == 1) {
        const TurnRequest other{
            .tap = {report.serial, report.tap.epoch, report.tap.number},
            .to = answer.turnable->direction == Direction::in ? Direction::out : Direction::in,
            .answered_ms = answer.turnable->answered_ms};
        writer.run_now([&](store::Database& db) {
          turned += turn_round(db, config, other, host) == Turned::done ? 1 : 0;
        });
      }
    }
    if (between(1, 6) == 1) settle_until(host.wall_ms);
  }
  settle_until(at(20 * 24, 0));

  Receiver receiver;
  std::multiset<std::string> from_nothing;
  store::Database db(scratch.path(), store::Database::Mode::query_only);
  const TimeZone zone("Europe/Brussels");
  auto row = db.prepare("SELECT max(position) FROM log");
  row.step();
  int corrections = 0;
  for (std::int64_t position = 1; position <= row.integer(0); ++position) {
    const json event = json::parse(events::to_cloudevent(db, "site-1", position, 1));
    if (event["type"] == "org.rollcall.attendance.corrected.v1") ++corrections;
    ASSERT_TRUE(testing::satisfies_contract(event)) << event.dump(1);
    receiver.take(event);
  }
  for (const char* id : {"p-1", "p-2"}) {
    const auto person = person_by_id(db, id);
    for (int day = 0; day < 20; ++day) {
      const PersonDay facts = read_day(db, config, zone, *person, zone.at(at(day * 24, 0)).day);
      for (const DayMovement& movement : conclude_day(facts.facts, host.wall_ms).movements) {
        const auto& session = movement.decision.session;
        from_nothing.insert(
            std::string(id) + (movement.decision.direction == Direction::in ? " in " : " out ") +
            events::rfc3339(movement.at_ms) + " " + (session ? json(session->id) : json()).dump());
      }
    }
  }
  EXPECT_GT(corrections, 10);
  EXPECT_GT(turned, 10);
  EXPECT_GT(stated, 5);
  EXPECT_EQ(receiver.holds(), from_nothing);
}

}  // namespace
}  // namespace rollcall::attendance::test
