// The desk finds somebody without a card and records that they came.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/console/code_words.hpp"
#include "tests/unit/daemon/console/contract.hpp"
#include "tests/unit/daemon/console/fixture.hpp"

namespace rollcall::console {
namespace {

using ::testing::HasSubstr;

class DeskTest : public ConsoleTest {
 protected:
  DeskTest() {
    sql("INSERT INTO person (id, role, display_name, protected) VALUES"
        " ('p-31', 'participant', 'Amina Haddad', 0), ('p-32', 'participant', 'Hamid Amini', 0),"
        " ('p-33', 'participant', 'Amina Protected', 1)");
  }
  static constexpr int most_found = 20;
  Json find(const std::string& text) {
    return json_of(control("GET", "/api/v1/people?find=" + http::percent_encode(text)));
  }
};

TEST_F(DeskTest, PeopleAreFoundByPartsOfTheirNames) {
  const Json found = find("aMIN");
  EXPECT_EQ(Contract::problems("People", found), "");
  ASSERT_EQ(found["people"].size(), 2u);
  EXPECT_EQ(found["people"][0]["person"], "p-31");
  EXPECT_EQ(found["people"][1]["name"], "Hamid Amini");
  EXPECT_EQ(found["more"], false);
}

TEST_F(DeskTest, AProtectedPersonIsFoundByThePseudonymAndHasNoName) {
  EXPECT_EQ(find("Protected")["people"].size(), 0u);
  const Json found = find("p-33");
  ASSERT_EQ(found["people"].size(), 1u);
  EXPECT_EQ(found["people"][0]["name"], nullptr);
}

TEST_F(DeskTest, ASearchForNothingOrTooMuchIsTold) {
  EXPECT_EQ(control("GET", "/api/v1/people").status, 400u);
  EXPECT_EQ(control("GET", "/api/v1/people?find=").status, 400u);
  EXPECT_EQ(control("GET", "/api/v1/people?find=" + std::string(101, 'a')).status, 400u);
  EXPECT_EQ(console_get("/api/v1/people?find=a").status, 403u) << "names are not for viewers";
}

TEST_F(DeskTest, ManyAreCut) {
  for (int i = 0; i < most_found + 1; ++i) {
    sql("INSERT INTO person (id, role, display_name) VALUES ('q-" + std::to_string(i) +
        "', 'participant', 'Same Name')");
  }
  const Json found = find("same");
  EXPECT_EQ(found["people"].size(), static_cast<std::size_t>(most_found));
  EXPECT_EQ(found["more"], true);
}

TEST_F(DeskTest, AnArrivalIsRecordedOnceAndSeen) {
  const Json wanted = {{"person", "p-31"},
                       {"direction", "in"},
                       {"cause", "no_card"},
                       {"room", "Desk"},
                       {"actor", "desk-1"}};
  const http::Response response = control("POST", "/api/v1/attendance/assist", wanted);
  ASSERT_EQ(response.status, 200u) << response.body;
  EXPECT_EQ(Contract::problems("Assisted", json_of(response)), "");
  EXPECT_EQ(json_of(response)["time"], "2026-03-02T07:30:00.000Z");
  EXPECT_EQ(find("p-31")["people"][0]["here"], true);
  EXPECT_EQ(json_of(console_get("/api/v1/overview"))["present"][0]["person"], "p-31");
  const http::Response again = control("POST", "/api/v1/attendance/assist", wanted);
  EXPECT_EQ(again.status, 409u);
  EXPECT_THAT(again.body, HasSubstr("nothing was changed"));
}

TEST_F(DeskTest, WrongRequestsAreToldExactly) {
  const Json right = {
      {"person", "p-31"}, {"direction", "in"}, {"cause", "no_card"}, {"actor", "desk-1"}};
  const auto detail = [&](const char* key, const Json& value) {
    Json body = right;
    body[key] = value;
    const http::Response response = control("POST", "/api/v1/attendance/assist", body);
    EXPECT_EQ(response.status, 400u) << response.body;
    return json_of(response)["detail"].get<std::string>();
  };
  EXPECT_THAT(detail("direction", "up"), HasSubstr("\"in\" or \"out\""));
  for (const char* at : {"8:55", "0855", "24:00", "12:60", "ab:cd", "12:345"})
    EXPECT_THAT(detail("at", at), HasSubstr("\"at\" is"));
  EXPECT_THAT(detail("room", ""), HasSubstr("\"room\""));
  EXPECT_THAT(detail("actor", "Marie Dupont"), HasSubstr("\"actor\""));
  EXPECT_THAT(detail("person", nullptr), HasSubstr("\"person\" is missing"));
}

TEST_F(DeskTest, ACodeIsToldOnceAndWithdrawn) {
  const Json wanted = {
      {"person", "p-31"}, {"kind", "lasting"}, {"reason", "no card yet"}, {"actor", "desk-1"}};
  const http::Response response = control("POST", "/api/v1/codes", wanted);
  ASSERT_EQ(response.status, 200u) << response.body;
  const Json code = json_of(response);
  EXPECT_EQ(Contract::problems("IssuedCode", code), "");
  EXPECT_EQ(code["code"].get<std::string>().size(), 8u);
  EXPECT_EQ(code["expires"], nullptr);
  EXPECT_EQ(code["page"][0]["valid"], "Valable jusqu’à son retrait") << "in the person's language";
  const Json withdrawal = {{"person", "p-31"}, {"reason", "seen"}, {"actor", "desk-1"}};
  EXPECT_EQ(json_of(control("POST", "/api/v1/codes/withdraw", withdrawal))["withdrawn"], 1);
  EXPECT_EQ(control("POST", "/api/v1/codes/withdraw", withdrawal).status, 409u);
}

TEST(CodeWords, AreInThePersonsLanguageFirstAndSayTheLastDay) {
  const config::Site site{"s", "o", "S", "Europe/Brussels", {"en", "fr", "nl"}};
  constexpr std::int64_t midnight = 1'772'492'400'000;  // 2026-03-03T00:00 in Brussels
  const auto day = code_words(site, "fr", attendance::CodeKind::day, midnight);
  ASSERT_EQ(day.size(), 2u);
  EXPECT_EQ(day[0]["language"], "fr");
  EXPECT_EQ(day[0]["title"], "Votre code");
  EXPECT_EQ(day[0]["valid"], "Valable le 02/03/2026");
  EXPECT_EQ(day[1]["valid"], "Good on 02/03/2026");
  const auto once = code_words(site, "", attendance::CodeKind::once, midnight);
  EXPECT_EQ(once[0]["valid"], "Good once, on 02/03/2026");
  const auto lasting = code_words({"s", "o", "S", "Europe/Brussels", {"nl"}}, "nl",
                                  attendance::CodeKind::lasting, std::nullopt);
  ASSERT_EQ(lasting.size(), 1u) << "English, when there is nothing else";
  EXPECT_EQ(lasting[0]["valid"], "Good until it is withdrawn");
}

TEST_F(DeskTest, WrongRequestsForCodesAreTold) {
  const Json right = {
      {"person", "p-31"}, {"kind", "day"}, {"reason", "no card"}, {"actor", "desk-1"}};
  const auto status = [&](const char* key, const Json& value) {
    Json body = right;
    body[key] = value;
    return control("POST", "/api/v1/codes", body).status;
  };
  EXPECT_EQ(status("kind", "ever"), 400u);
  EXPECT_EQ(status("reason", ""), 400u);
  EXPECT_EQ(status("actor", "Marie Dupont"), 400u);
  EXPECT_EQ(status("person", "p-99"), 409u);
}

}  // namespace
}  // namespace rollcall::console
