// What staff record and correct of attendance, as the console has it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/attendance/settle.hpp"
#include "tests/unit/daemon/console/contract.hpp"
#include "tests/unit/daemon/console/fixture.hpp"

namespace rollcall::console {
namespace {

using accounts::Role;
using ::testing::HasSubstr;
using ::testing::Not;

class AttendanceTest : public ConsoleTest {
 protected:
  AttendanceTest() {
    sql("INSERT INTO person (id, role, display_name, protected) VALUES"
        " ('p-31', 'participant', 'Amina Haddad', 0), ('p-32', 'participant', 'Hamid Amini', 0),"
        " ('p-33', 'participant', 'Amina Protected', 1)");
    sql("INSERT INTO session (id, course, title, room, weekdays, first_day, last_day, start_min,"
        " end_min, half_day) VALUES ('S-AM', 'C', 'First steps', 'Room 1', 'mon', '2026-01-01',"
        " '2026-12-31', 540, 750, 'am')");
    sql("INSERT INTO enrolment (course, person) VALUES ('C', 'p-31'), ('C', 'p-32'), ('C', "
        "'p-33')");
    sql("INSERT INTO card (token, person, source) VALUES (x'" + token(1) + "', 'p-31', 'roster')");
  }
  static constexpr std::int64_t minute_ms = 60'000;
  static std::int64_t at(int hour, int minute) {
    return morning_ms + (hour * 60 + minute - 510) * minute_ms;
  }
  Json day_of(const std::string& person, const std::string& day = "2026-03-02") {
    const http::Response response = control("GET", "/api/v1/attendance/" + person + "/" + day);
    EXPECT_EQ(response.status, 200u) << response.body;
    const Json day_json = json_of(response);
    EXPECT_EQ(Contract::problems("PersonDay", day_json), "");
    return day_json;
  }
  http::Response correct(const Json& event, const char* was) {
    return control(
        "POST", "/api/v1/attendance/correct",
        {{"event", event}, {"was", was}, {"reason", "Only passed by."}, {"actor", "desk-1"}});
  }
  Json many(const Json& people, const char* direction = "in") {
    const http::Response response = control("POST", "/api/v1/attendance/assist-many",
                                            {{"people", people},
                                             {"direction", direction},
                                             {"cause", "terminal_down"},
                                             {"reason", "The terminal was down."},
                                             {"session", "S-AM"},
                                             {"actor", "desk-1"}});
    EXPECT_EQ(response.status, 200u) << response.body;
    EXPECT_EQ(Contract::problems("ManyAssisted", json_of(response)), "");
    return json_of(response);
  }
  Json evacuation() {
    const Json list = json_of(control("GET", "/api/v1/evacuation"));
    EXPECT_EQ(Contract::problems("Evacuation", list), "");
    return list;
  }
  Json waiting() {
    const Json list = json_of(control("GET", "/api/v1/attendance/waiting"));
    EXPECT_EQ(Contract::problems("Waiting", list), "");
    return list;
  }
};

TEST_F(AttendanceTest, ADayShowsWhatWasTappedEnteredAndCorrectedWithOldValues) {
  now_ms_ = at(13, 0);
  tap("T-1", 1, at(8, 55));
  tap("T-1", 1, at(9, 30));
  const Json before = day_of("p-31");
  ASSERT_EQ(before["entries"].size(), 2u);
  EXPECT_EQ(before["entries"][0]["counts"]["direction"], "in");
  EXPECT_EQ(before["entries"][1]["counts"]["direction"], "out");
  EXPECT_EQ(before["entries"][1]["answered"], "left");
  EXPECT_EQ(before["sessions"][0]["minutes"], 30);

  const http::Response done = correct(before["entries"][1]["event"], "none");
  ASSERT_EQ(done.status, 200u) << done.body;
  EXPECT_EQ(Contract::problems("Corrected", json_of(done)), "");
  EXPECT_EQ(json_of(correct(before["entries"][1]["event"], "none"))["changed"], false);

  const Json after = day_of("p-31");
  const Json& entry = after["entries"][1];
  EXPECT_EQ(entry["counts"], nullptr);
  EXPECT_EQ(entry["stands"], false);
  EXPECT_EQ(entry["stated"], (Json{{"was", "none"}, {"by", "staff"}}));
  ASSERT_EQ(entry["corrections"].size(), 1u);
  EXPECT_EQ(entry["corrections"][0]["actor"], "desk-1");
  EXPECT_EQ(entry["corrections"][0]["reason"], "Only passed by.");
  EXPECT_EQ(entry["corrections"][0]["old"]["direction"], "out");
  EXPECT_EQ(entry["corrections"][0]["new"], nullptr);
  EXPECT_EQ(after["first_day"], "2026-01-30");
}

TEST_F(AttendanceTest, AProtectedPersonHasNoNameAnywhere) {
  now_ms_ = at(9, 10);
  many({"p-33", "p-31"});
  EXPECT_EQ(day_of("p-33")["name"], nullptr);
  sign_in_as(Role::manager);
  for (const char* path :
       {"/api/v1/attendance/p-33/today", "/api/v1/attendance/group/S-AM/2026-03-02",
        "/api/v1/evacuation", "/api/v1/attendance/waiting"}) {
    const http::Response response = console_get(path);
    EXPECT_EQ(response.status, 200u) << path;
    EXPECT_THAT(response.body, Not(HasSubstr("Amina Protected"))) << path;
  }
}

TEST_F(AttendanceTest, LookingAtADayIsPutOnRecordForThePerson) {
  sign_in_as(Role::desk);
  ASSERT_EQ(console_get("/api/v1/attendance/p-31/2026-03-02").status, 200u);
  ASSERT_EQ(console_get("/api/v1/evacuation").status, 200u);
  const Json rows = json_of(control("GET", "/api/v1/audit"))["rows"];
  EXPECT_EQ(rows[0]["action"], "GET /api/v1/evacuation");
  EXPECT_EQ(rows[1]["action"], "GET /api/v1/attendance/{person}/{day}");
  EXPECT_EQ(rows[1]["subject"], "p-31");
  EXPECT_EQ(rows[1]["detail"], "day=2026-03-02");
}

TEST_F(AttendanceTest, ManyAreRecordedAtOnceAndWhoWasHereIsTold) {
  now_ms_ = at(9, 10);
  tap("T-1", 1, at(8, 55));
  const Json group = json_of(control("GET", "/api/v1/attendance/group/S-AM/today"));
  EXPECT_EQ(Contract::problems("Group", group), "");
  ASSERT_EQ(group["people"].size(), 3u);
  EXPECT_EQ(group["people"][0]["state"], "here");
  EXPECT_EQ(group["people"][1]["state"], "expected");
  EXPECT_EQ(group["people"][2]["name"], nullptr);

  const Json told = many({"p-31", "p-32", "p-33", "p-32"});
  EXPECT_EQ(told["recorded"], 2);
  ASSERT_EQ(told["people"].size(), 3u) << "each once";
  EXPECT_EQ(told["people"][0]["why"], "this person is recorded as here already");
  EXPECT_EQ(many({"p-31", "p-32", "p-33"})["recorded"], 0) << "again nothing is changed";
  now_ms_ = at(12, 0);
  EXPECT_EQ(many({"p-31", "p-32", "p-33"}, "out")["recorded"], 3);
}

TEST_F(AttendanceTest, WrongRequestsAreToldAndChangeNothing) {
  const Json right = {{"people", {"p-31"}},
                      {"direction", "in"},
                      {"cause", "off_site"},
                      {"reason", "Excursion."},
                      {"actor", "desk-1"}};
  const auto status = [&](const char* key, const Json& value) {
    Json body = right;
    body[key] = value;
    return control("POST", "/api/v1/attendance/assist-many", body).status;
  };
  EXPECT_EQ(status("people", Json::array()), 400u);
  EXPECT_EQ(status("people", {"Marie Dupont"}), 400u);
  EXPECT_EQ(status("people", Json::array({7})), 400u);
  EXPECT_EQ(status("reason", ""), 400u);
  EXPECT_EQ(status("day", "yesterday"), 400u);
  EXPECT_EQ(control("GET", "/api/v1/attendance/p-31/soon").status, 400u);
  EXPECT_EQ(control("GET", "/api/v1/attendance/p-99/today").status, 404u);
  EXPECT_EQ(control("GET", "/api/v1/attendance/group/S-99/today").status, 404u);
  EXPECT_EQ(correct("none", "in").status, 409u);
  EXPECT_EQ(correct("none", "sideways").status, 400u);
}

TEST_F(AttendanceTest, AnExitThatNobodyTappedWaitsUntilItIsGivenOrConfirmed) {
  now_ms_ = at(9, 0);
  tap("T-1", 1, at(8, 55));
  now_ms_ = at(14, 0);
  tap("T-1", 2, at(14, 0));
  writer_->run_now([&](store::Database& db) {
    while (attendance::settle_due(db, config_, {now_ms_, protocol::ClockTrust::synced, 0, 1}, 5)) {
    }
  });
  const Json list = waiting();
  ASSERT_EQ(list["missing_exits"].size(), 1u);
  EXPECT_EQ(list["missing_exits"][0]["name"], "Amina Haddad");
  EXPECT_EQ(list["missing_exits"][0]["arrived"], "2026-03-02T07:55:00.000Z");
  const Json exit = {{"person", "p-31"}, {"direction", "out"},  {"cause", "forgotten"},
                     {"at", "12:20"},    {"day", "2026-03-02"}, {"reason", "Forgot to tap."},
                     {"actor", "desk-1"}};
  const http::Response given = control("POST", "/api/v1/attendance/assist", exit);
  ASSERT_EQ(given.status, 200u) << given.body;
  EXPECT_EQ(waiting()["missing_exits"].size(), 0u);
}

TEST_F(AttendanceTest, TheListForAnEvacuationDoubtsWhomItCannotCount) {
  now_ms_ = at(9, 0);
  tap("T-1", 1, at(8, 55));
  tap("T-2", 9, at(8, 57));  // nobody's card
  many({"p-33"});
  terminals_ = {{"T-1", true, now_ms_, "1.0", 0, 512}};
  const Json before = evacuation();
  EXPECT_EQ(before["made"], "2026-03-02 09:00");
  EXPECT_EQ(before["counts"], (Json{{"inside", 2}, {"in_doubt", 0}, {"unknown_cards", 1}}));
  ASSERT_EQ(before["rooms"].size(), 2u);
  EXPECT_EQ(before["rooms"][0]["people"][0]["since"], "08:55");
  EXPECT_EQ(before["rooms"][1]["cards"][0]["card"], token(9).substr(0, 8));
  ASSERT_EQ(before["away"].size(), 1u);
  EXPECT_EQ(before["away"][0]["serial"], "T-2");

  now_ms_ = at(14, 0);
  writer_->run_now([&](store::Database& db) {
    while (attendance::settle_due(db, config_, {now_ms_, protocol::ClockTrust::synced, 0, 1}, 5)) {
    }
  });
  const Json after = evacuation();
  EXPECT_EQ(after["counts"]["inside"], 0);
  EXPECT_EQ(after["counts"]["in_doubt"], 2) << "who was taken out by rule may be inside";
  EXPECT_EQ(after["rooms"][0]["people"][0]["doubt"], "no_exit_tap");
}

}  // namespace
}  // namespace rollcall::console
