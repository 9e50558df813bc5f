// The timetable of a day gone by, corrected by staff; and whether the log says what the days come
// to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/daemon/console/fixture.hpp"

namespace rollcall::console {
namespace {

using ::testing::HasSubstr;

class RosterTest : public ConsoleTest {
 protected:
  RosterTest() {
    sql("INSERT INTO person (id, role) VALUES ('p-1', 'participant');"
        "INSERT INTO session (id, course, title, room, weekdays, first_day, last_day, start_min, "
        "end_min, half_day) VALUES ('S', 'C', 'T', 'R', 'mon tue wed thu fri', '2026-01-05', "
        "'2026-12-31', 540, 750, 'am');"
        "INSERT INTO enrolment (course, person) VALUES ('C', 'p-1');"
        "INSERT INTO registry (serial, state, room, mode, enrolled_ms, enrolled_by) VALUES "
        "('TC-1', 'active', 'Door', 'training', 1, 'unix:0');"
        "INSERT INTO card (token, person, source) VALUES (x'" +
        token(1) + "', 'p-1', 'roster')");
  }
  static constexpr std::int64_t a_day_ms = 86'400'000;
  Json check() {
    return json_of(control("GET", "/api/v1/attendance/check?from=2026-02-01&until=2026-03-31"));
  }
};

TEST_F(RosterTest, ADayGoneByIsCorrectedByWhoeverIsNamed) {
  tap("TC-1", 1, morning_ms);
  now_ms_ += a_day_ms;
  const auto done =
      control("POST", "/api/v1/roster/days/S/2026-03-02",
              {{"state", "held"}, {"start", "10:00"}, {"end", "12:00"}, {"actor", "desk-1"}});
  ASSERT_EQ(done.status, 200u) << done.body;
  EXPECT_EQ(json_of(done)["people"], 1);
  const Json audit = json_of(control("GET", "/api/v1/audit"));
  EXPECT_THAT(audit.dump(), HasSubstr("session=S day=2026-03-02 state=held start=10:00 end=12:00"));
  EXPECT_THAT(audit.dump(), HasSubstr("desk-1"));
}

TEST_F(RosterTest, WhatCannotBeCorrectedIsSaid) {
  const auto correct = [this](const std::string& day, Json body) {
    body["actor"] = "desk-1";
    return control("POST", "/api/v1/roster/days/S/" + day, body);
  };
  EXPECT_EQ(correct("2026-03-02", {{"state", "cancelled"}}).status, 409u) << "today is not over";
  EXPECT_EQ(correct("2026-02-28", {{"state", "cancelled"}}).status, 409u) << "a Saturday";
  EXPECT_EQ(correct("2026-02-27", {{"state", "perhaps"}}).status, 400u);
  EXPECT_EQ(correct("2026-02-27", {{"state", "held"}, {"start", "10:00"}}).status, 400u);
  EXPECT_EQ(correct("2026-02-27", {{"state", "held"}, {"start", "25:00"}, {"end", "9"}}).status,
            400u);
  sign_in_as(accounts::Role::trainer);
  EXPECT_EQ(console_post("/api/v1/roster/days/S/2026-02-27", {{"state", "cancelled"}}).status,
            403u);
}

TEST_F(RosterTest, TheCheckOfDaysFindsWhatTheLogDoesNotSay) {
  tap("TC-1", 1, morning_ms);
  Json found = check();
  EXPECT_EQ(found["days"], 1);
  EXPECT_EQ(found["waiting"], 1) << "the day is not over";
  sql("DELETE FROM unsettled; UPDATE movement SET direction = 'out'");
  found = check();
  EXPECT_EQ(found["differ"], 1);
  EXPECT_THAT(found["differences"][0]["text"].get<std::string>(),
              HasSubstr("comes to in 08:30 S; the log says out"));
  EXPECT_EQ(control("GET", "/api/v1/attendance/check?from=2026-02-30&until=2026-03-01").status,
            400u);
}

TEST_F(RosterTest, WithoutARosterAtHandNothingIsChanged) {
  EXPECT_EQ(control("GET", "/api/v1/roster").status, 503u);
  EXPECT_EQ(control("POST", "/api/v1/roster/removals", {{"actor", "desk-1"}}).status, 503u);
}

}  // namespace
}  // namespace rollcall::console
