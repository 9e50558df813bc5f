// Cards that the site issues, as the command line asks for them.
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/attendance/issued_card.hpp"
#include "tests/unit/daemon/console/contract.hpp"
#include "tests/unit/daemon/console/fixture.hpp"

namespace rollcall::console {
namespace {

using ::testing::HasSubstr;

class CardsRouteTest : public ConsoleTest {
 protected:
  CardsRouteTest() {
    sql("INSERT INTO person (id, role) VALUES ('p-31', 'participant'), ('p-32', 'participant')");
  }
  void give(const std::string& person) {
    writer_->run_now([&](store::Database& db) {
      attendance::NewCard card;
      card.chip.fill(1);
      card.token.fill(2);
      card.person = person;
      card.actor = "desk-1";
      card.reason = "First day.";
      ASSERT_TRUE(attendance::issue_card(db, config_.site, card,
                                         {now_ms_, protocol::ClockTrust::synced, 1, 1}));
    });
  }
  static Json order(const std::string& person, bool replaces = false) {
    return {{"person", person},
            {"serial", "TC-1"},
            {"replaces", replaces},
            {"reason", "First day."},
            {"actor", "desk-1"}};
  }
  static Json withdrawal(const std::string& state) {
    return {{"person", "p-31"}, {"state", state}, {"reason", "Gone."}, {"actor", "desk-1"}};
  }
  static constexpr const char* issue_path = "/api/v1/cards/issue";
  static constexpr const char* withdraw_path = "/api/v1/cards/withdraw";
};

TEST_F(CardsRouteTest, CardsAreListedWithoutWhatIsWrittenOnThem) {
  EXPECT_EQ(json_of(control("GET", "/api/v1/cards"))["cards"].size(), 0u);
  give("p-31");
  const http::Response response = control("GET", "/api/v1/cards");
  const Json cards = json_of(response);
  EXPECT_EQ(Contract::problems("Cards", cards), "");
  ASSERT_EQ(cards["cards"].size(), 1u);
  EXPECT_EQ(cards["cards"][0]["state"], "issued");
  EXPECT_EQ(response.body.find(std::string(64, '2')), std::string::npos);
  EXPECT_EQ(response.body.find("0202020202"), std::string::npos) << "its token is nobody's matter";
  EXPECT_EQ(console_get("/api/v1/cards").status, 403u) << "whose cards are lost is for the desk";
}

TEST_F(CardsRouteTest, ACardIsTakenBackOnce) {
  give("p-31");
  const http::Response response = control("POST", withdraw_path, withdrawal("lost"));
  ASSERT_EQ(response.status, 200u) << response.body;
  EXPECT_EQ(json_of(response), (Json{{"person", "p-31"}, {"state", "lost"}}));
  EXPECT_EQ(json_of(control("GET", "/api/v1/cards"))["cards"][0]["state"], "lost");
  const http::Response again = control("POST", withdraw_path, withdrawal("revoked"));
  EXPECT_EQ(again.status, 409u);
  EXPECT_THAT(again.body, HasSubstr("no issued card in force; nothing was changed"));
}

TEST_F(CardsRouteTest, WrongWithdrawalsAreToldExactly) {
  const auto detail = [&](const char* key, const Json& value) {
    Json body = withdrawal("lost");
    body[key] = value;
    const http::Response response = control("POST", withdraw_path, body);
    EXPECT_EQ(response.status, 400u) << response.body;
    return json_of(response)["detail"].get<std::string>();
  };
  EXPECT_THAT(detail("state", "replaced"), HasSubstr("none of lost, revoked"));
  EXPECT_THAT(detail("person", "Amina Haddad"), HasSubstr("pseudonym"));
  EXPECT_THAT(detail("actor", "Marie Dupont"), HasSubstr("\"actor\""));
  EXPECT_THAT(detail("reason", ""), HasSubstr("\"reason\""));
}

TEST_F(CardsRouteTest, NoCardIsWaitedForThatNobodyMayHave) {
  live_.connected = true;
  EXPECT_EQ(control("POST", issue_path, order("p-99")).status, 409u);
  EXPECT_EQ(control("POST", issue_path, order("p-31", true)).status, 409u);
  give("p-31");
  EXPECT_EQ(control("POST", issue_path, order("p-31")).status, 409u);
  on_reactor([&] { EXPECT_FALSE(issuing_->view()) << "no reader was told to write"; });
  live_.connected = false;
  const http::Response away = control("POST", issue_path, order("p-32"));
  EXPECT_EQ(away.status, 409u);
  EXPECT_THAT(away.body, HasSubstr("TC-1 is not connected; nothing was changed"));
}

TEST_F(CardsRouteTest, EveryStateOfAnIssueIsInTheContract) {
  using cards::IssueState;
  std::set<std::string_view> texts;
  for (int state = 0; state <= static_cast<int>(IssueState::failed); ++state) {
    const std::string_view text = cards::to_text(static_cast<IssueState>(state));
    EXPECT_TRUE(texts.insert(text).second) << text;
    const Json issue{{"serial", "TC-1"},
                     {"person", "p-31"},
                     {"state", text},
                     {"reason", nullptr},
                     {"seconds_left", 0}};
    EXPECT_EQ(Contract::problems("CardIssue", issue), "") << text;
  }
}

TEST_F(CardsRouteTest, IssuingIsSeenAndCanBeStopped) {
  live_.connected = true;
  EXPECT_EQ(control("GET", issue_path).status, 404u);
  const Json begun = json_of(control("POST", issue_path, order("p-31")));
  EXPECT_EQ(Contract::problems("CardIssue", begun), "");
  EXPECT_EQ(begun["state"], "waiting_for_card");
  EXPECT_EQ(begun["seconds_left"], 60);
  const auto expect_state = [&](const char* state) {
    const Json seen = json_of(control("GET", issue_path));
    EXPECT_EQ(seen["state"], state);
    EXPECT_EQ(Contract::problems("CardIssue", seen), "") << state;
  };
  on_reactor([&] {
    EXPECT_TRUE(issuing_->expects("TC-1"));
    issuing_->begun({}, "Door");
  });
  expect_state("issuing");
  EXPECT_EQ(control("DELETE", issue_path).status, 409u) << "the card is there already";
  on_reactor([&] { issuing_->ended(std::unexpected(credentials::CardError::taken)); });
  expect_state("taken");
  EXPECT_EQ(control("POST", issue_path, order("p-31")).status, 200u);
  EXPECT_EQ(json_of(control("DELETE", issue_path))["state"], "cancelled");
  EXPECT_EQ(control("DELETE", issue_path).status, 409u);
}

}  // namespace
}  // namespace rollcall::console
