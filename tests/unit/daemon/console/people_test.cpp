// What a manager sees of one person, and of a month.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/daemon/console/contract.hpp"
#include "tests/unit/daemon/console/fixture.hpp"

namespace rollcall::console {
namespace {

using accounts::Role;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// A morning of two people, one of them with a name that is not shown; confirmed at its end.
class PeopleTest : public ConsoleTest {
 protected:
  static constexpr std::int64_t minute_ms = 60'000;
  static constexpr const char* hidden = "Hidden Name";

  PeopleTest() {
    sql("INSERT INTO person (id, role, display_name, protected) VALUES"
        " ('p-31', 'participant', 'Amina Haddad', 0), ('p-33', 'participant', '', 1),"
        " ('t-1', 'trainer', 'Nora Peeters', 0), ('p-40', 'participant', '', 0)");
    sql("INSERT INTO session (id, course, title, room, trainer, weekdays, first_day, last_day, "
        "start_min, end_min, half_day) VALUES ('S-AM', 'C', 'First steps', 'Room', 't-1', 'mon "
        "tue', '2026-01-01', '2026-12-31', 510, 690, 'am')");
    sql("INSERT INTO enrolment (course, person) VALUES ('C', 'p-31'), ('C', 'p-33')");
    writer_->run_now([&](store::Database& db) {
      db.prepare("INSERT INTO protected_name (person, sealed) VALUES ('p-33', ?)")
          .bind(names_.seal("p-33", hidden))
          .run();
    });
  }

  void come_and_go(const std::string& person) {
    for (const char* direction : {"in", "out"}) {
      now_ms_ = morning_ms + (*direction == 'i' ? 0 : 180 * minute_ms);
      const Json deed = {
          {"person", person}, {"direction", direction}, {"cause", "no_card"}, {"actor", "t-1"}};
      const http::Response done = control("POST", "/api/v1/attendance/assist", deed);
      ASSERT_EQ(done.status, 200u) << done.body;
    }
  }
  void confirm() {
    now_ms_ = morning_ms + 185 * minute_ms;
    const http::Response done =
        control("POST", "/api/v1/sheets/S-AM/2026-03-02/confirm", {{"actor", "t-1"}});
    ASSERT_EQ(done.status, 200u) << done.body;
  }
  void both_were_there() {
    come_and_go("p-31");
    come_and_go("p-33");
    confirm();
  }

  Json audit() { return json_of(control("GET", "/api/v1/audit"))["rows"]; }
  static std::string certificate_of(const std::string& person, const std::string& more = "") {
    return "/api/v1/people/" + person + "/certificates" + more + "?from=2026-03-01&to=2026-03-31";
  }
};

TEST_F(PeopleTest, ACertificateRestsOnConfirmedHalfDaysAlone) {
  come_and_go("p-31");
  now_ms_ = morning_ms + 185 * minute_ms;
  const Json before = json_of(control("GET", certificate_of("p-31")));
  EXPECT_EQ(Contract::problems("Certificates", before), "");
  EXPECT_EQ(before["courses"].size(), 0u);
  ASSERT_EQ(before["left_out"].size(), 1u);
  EXPECT_EQ(before["left_out"][0]["day"], "2026-03-02");
  EXPECT_EQ(control("GET", certificate_of("p-31", "/pdf")).status, 409u);
  confirm();
  const Json after = json_of(control("GET", certificate_of("p-31")));
  EXPECT_EQ(Contract::problems("Certificates", after), "");
  ASSERT_EQ(after["courses"].size(), 1u);
  EXPECT_EQ(after["left_out"].size(), 0u);
  const Json& module = after["courses"][0]["modules"][0];
  EXPECT_EQ(module["title"], "First steps");
  EXPECT_EQ(module["minutes"], 180);
  EXPECT_EQ(module["planned_minutes"], 180);
  EXPECT_EQ(module["attended"], 1);
  EXPECT_EQ(json_of(control("GET", certificate_of("p-31")))["courses"][0]["id"],
            after["courses"][0]["id"])
      << "the same certificate has the same id";
  const http::Response paper = control("GET", certificate_of("p-31", "/pdf"));
  EXPECT_EQ(paper.content_type, "application/pdf");
  EXPECT_EQ(paper.headers.at("Cache-Control"), "no-store");
  EXPECT_THAT(paper.body, StartsWith("%PDF-"));
}

TEST_F(PeopleTest, WrongQuestionsForCertificatesAreTold) {
  EXPECT_EQ(control("GET", certificate_of("nobody")).status, 404u);
  EXPECT_EQ(control("GET", certificate_of("nobody", "/pdf")).status, 404u);
  for (const char* query : {"", "?from=2026-03-01", "?from=2026-03-01&to=March",
                            "?from=2026-03-02&to=2026-03-01", "?from=2020-01-01&to=2026-03-01"}) {
    EXPECT_EQ(control("GET", std::string{"/api/v1/people/p-31/certificates"} + query).status, 400u)
        << query;
  }
}

TEST_F(PeopleTest, SeveralCoursesAreAskedForOneByOne) {
  sql("INSERT INTO session (id, course, title, room, weekdays, first_day, last_day, start_min, "
      "end_min, half_day) VALUES ('S-2', 'D', 'Next steps', 'Room', 'mon', '2026-01-01', "
      "'2026-12-31', 600, 690, 'am')");
  sql("INSERT INTO enrolment (course, person) VALUES ('D', 'p-31')");
  both_were_there();
  ASSERT_EQ(control("POST", "/api/v1/sheets/S-2/2026-03-02/confirm", {{"actor", "t-1"}}).status,
            200u);
  const http::Response which = control("GET", certificate_of("p-31", "/pdf"));
  EXPECT_EQ(which.status, 409u);
  EXPECT_THAT(which.body, HasSubstr("C, D"));
  EXPECT_EQ(control("GET", certificate_of("p-31", "/pdf") + "&course=C").status, 200u);
  EXPECT_EQ(control("GET", certificate_of("p-31", "/pdf") + "&course=E").status, 409u);
}

TEST_F(PeopleTest, ViewsOfOnePersonAreOnRecordWithWhomAndWhen) {
  both_were_there();
  sign_in_as(Role::manager);
  ASSERT_EQ(console_get(certificate_of("p-31", "/pdf")).status, 200u);
  const Json row = audit()[0];
  EXPECT_EQ(row["action"], "GET /api/v1/people/{person}/certificates/pdf");
  EXPECT_EQ(row["subject"], "p-31");
  EXPECT_EQ(row["detail"], "from=2026-03-01 to=2026-03-31");
  EXPECT_EQ(row["role"], "manager");
}

TEST_F(PeopleTest, AHiddenNameIsSeenForAReasonThatIsOnRecordFirst) {
  sign_in_as(Role::manager);
  const http::Response none = console_post("/api/v1/people/p-33/name", Json::object());
  EXPECT_EQ(none.status, 400u);
  EXPECT_THAT(none.body, Not(HasSubstr(hidden)));
  const http::Response seen =
      console_post("/api/v1/people/p-33/name", {{"reason", "The court asks for the certificate."}});
  ASSERT_EQ(seen.status, 200u) << seen.body;
  EXPECT_EQ(json_of(seen)["name"], hidden);
  EXPECT_EQ(seen.headers.at("Cache-Control"), "no-store");
  const http::Response record = control("GET", "/api/v1/audit");
  EXPECT_THAT(record.body, Not(HasSubstr(hidden)));
  const Json row = json_of(record)["rows"][0];
  EXPECT_EQ(row["action"], "POST /api/v1/people/{person}/name");
  EXPECT_EQ(row["subject"], "p-33");
  EXPECT_EQ(row["detail"], "reason: The court asks for the certificate.");
  EXPECT_EQ(row["status"], 200);
}

TEST_F(PeopleTest, WhatIsNotKeptIsNotSeenAndLooksTheSameForEverybody) {
  sign_in_as(Role::manager);
  const Json why = {{"reason", "To write it on paper."}};
  const http::Response nameless = console_post("/api/v1/people/p-40/name", why);
  EXPECT_EQ(nameless.status, 404u);
  sql("DELETE FROM protected_name");
  EXPECT_EQ(console_post("/api/v1/people/p-33/name", why).body, nameless.body);
  EXPECT_EQ(console_post("/api/v1/people/p-99/name", why).status, 404u);
}

TEST_F(PeopleTest, ASealedNameIsItsOwnPersonsAndItsOwnSites) {
  EXPECT_EQ(names_.open("p-33", names_.seal("p-33", hidden)), hidden);
  EXPECT_FALSE(names_.open("p-31", names_.seal("p-33", hidden)));
  EXPECT_FALSE(roster::NameSeal(crypto::Key{8}).open("p-33", names_.seal("p-33", hidden)));
  EXPECT_FALSE(names_.open("p-33", {}));
}

TEST_F(PeopleTest, AHiddenNameStandsInNoOtherAnswer) {
  both_were_there();
  sign_in_as(Role::manager);
  for (const char* path :
       {"/api/v1/overview", "/api/v1/people?find=p-33", "/api/v1/people?find=Hidden",
        "/api/v1/sheets?day=2026-03-02", "/api/v1/sheets/S-AM/2026-03-02",
        "/api/v1/sheets/check?month=2026-03", "/api/v1/audit", "/api/v1/inbox", "/api/v1/cards",
        "/api/v1/people/p-33/certificates?from=2026-03-01&to=2026-03-31", "/metrics"}) {
    const http::Response answer = console_get(path);
    EXPECT_EQ(answer.status, 200u) << path;
    EXPECT_THAT(answer.body, Not(HasSubstr("Hidden"))) << path;
  }
}

TEST_F(PeopleTest, AMonthHasItsSheetsAndFindingsThatNameThem) {
  both_were_there();
  sign_in_as(Role::manager);
  const Json month = json_of(console_get("/api/v1/sheets/check?month=2026-03&language=fr"));
  EXPECT_EQ(Contract::problems("Month", month), "");
  EXPECT_EQ(month["sheets"].size(), 10u);
  EXPECT_EQ(month["sheets"][0]["state"], "confirmed");
  EXPECT_EQ(month["sheets"][1]["state"], "to_come");
  bool names_amina = false, names_hidden_by_code = false;
  for (const Json& finding : month["findings"]) {
    EXPECT_EQ(finding["session"], "S-AM");
    EXPECT_EQ(finding["day"], "2026-03-02");
    if (finding["person"] == "p-31")
      names_amina = finding["name"] == "Amina Haddad" && finding["kind"] == "line_open";
    if (finding["person"] == "p-33") names_hidden_by_code = finding["name"].is_null();
    EXPECT_THAT(finding["text"].get<std::string>(), Not(HasSubstr("Amina")));
  }
  EXPECT_TRUE(names_amina);
  EXPECT_TRUE(names_hidden_by_code);
  EXPECT_THAT(month.dump(), HasSubstr("présence ni signée"));
  EXPECT_EQ(audit()[0]["detail"], "month=2026-03");
}

TEST_F(PeopleTest, OlderVersionsOfASheetArePrintedAndOthersAreNot) {
  both_were_there();
  const std::string paper = "/api/v1/sheets/S-AM/2026-03-02/pdf";
  EXPECT_EQ(control("GET", paper + "?version=1").status, 200u);
  EXPECT_EQ(control("GET", paper + "?version=2").status, 404u);
  EXPECT_EQ(control("GET", paper + "?version=0").status, 400u);
  EXPECT_EQ(control("GET", paper + "?version=x").status, 400u);
  confirm();
  EXPECT_EQ(control("GET", paper + "?version=2").status, 200u);
  EXPECT_NE(control("GET", paper + "?version=1").body, control("GET", paper).body);
}

TEST_F(PeopleTest, TheRecordIsReadByWhoAndByDay) {
  sign_in_as(Role::manager);
  const std::string own = json_of(console_get("/api/v1/session"))["name"];
  ASSERT_EQ(console_get("/api/v1/people?find=amina").status, 200u);
  const auto rows = [this](const std::string& query) {
    return json_of(control("GET", "/api/v1/audit?" + query))["rows"];
  };
  EXPECT_EQ(rows("actor=" + own)[0]["action"], "GET /api/v1/people");
  EXPECT_EQ(rows("actor=nobody").size(), 0u);
  EXPECT_EQ(rows("day=2026-03-03").size(), 0u);
  EXPECT_EQ(rows("day=2026-03-02&actor=" + own + "&subject=p-31").size(), 1u);
  EXPECT_EQ(control("GET", "/api/v1/audit?day=today").status, 400u);
}

}  // namespace
}  // namespace rollcall::console
