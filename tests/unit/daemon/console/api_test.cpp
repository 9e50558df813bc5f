#include <filesystem>
#include <future>
#include <set>

#include <gmock/gmock.h>

#include "daemon/console/guard.hpp"
#include "tests/unit/daemon/console/contract.hpp"
#include "tests/unit/daemon/console/fixture.hpp"

namespace rollcall::console {
namespace {

using namespace std::chrono_literals;
using protocol::Outcome;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::int64_t minute_ms = 60'000;

TEST(ConsoleRoutes, AreExactlyThoseOfTheContract) {
  std::set<std::string> served;
  for (const RouteInfo& route : routes()) {
    served.insert(std::string{route.method} + " " + std::string{route.path} + " " +
                  std::string{to_text(route.needs)});
  }
  EXPECT_EQ(served, Contract::routes());
}

TEST_F(ConsoleTest, EmptySiteHasAnOverviewAsTheContractHasIt) {
  const Json overview = json_of(console_get("/api/v1/overview"));
  EXPECT_EQ(Contract::problems("Overview", overview), "");
  EXPECT_EQ(overview["site"]["time"], "2026-03-02T07:30:00.000Z");
  EXPECT_EQ(overview["terminals"][0]["state"], "never");
  EXPECT_EQ(overview["terminals"][1]["page"], "http://127.0.0.1:8491/");
  EXPECT_EQ(overview["delivery"]["state"], "off");
}

class MorningTest : public ConsoleTest {
 protected:
  MorningTest() {
    sql("INSERT INTO person (id, role, display_name, protected) VALUES ('p-1', 'participant', "
        "'Amina Haddad', 0),"
        " ('p-2', 'participant', 'Bruno Peeters', 1), ('p-3', 'trainer', '', 0)");
    sql("INSERT INTO session (id, course, title, room, weekdays, first_day, last_day, start_min, "
        "end_min, half_day)"
        " VALUES ('s-1', 'c-1', 'ICT basics', 'Room 1', 'mon tue', '2026-01-05', '2026-06-30', "
        "540, 720, 'am'),"
        " ('s-2', 'c-1', 'Not today', 'Room 1', 'wed', '2026-01-05', '2026-06-30', 540, 720, "
        "'am')");
    sql("INSERT INTO enrolment (course, person) VALUES ('c-1', 'p-1'), ('c-1', 'p-2')");
    sql("INSERT INTO card (token, person, source) VALUES (x'" + token(1) +
        "', 'p-1', 'roster'), (x'" + token(2) + "', 'p-2', 'roster')");
  }
};

TEST_F(MorningTest, OverviewShowsWhoIsPresentAndNeverTheNameOfAProtectedPerson) {
  EXPECT_EQ(tap("T-1", 1, morning_ms - 3 * minute_ms), Outcome::arrived);
  EXPECT_EQ(tap("T-1", 2, morning_ms - 2 * minute_ms), Outcome::arrived);
  EXPECT_EQ(tap("T-1", 2, morning_ms - 2 * minute_ms + 5000), Outcome::repeat);
  EXPECT_EQ(tap("T-2", 9, morning_ms - minute_ms), Outcome::see_staff);
  const http::Response response = console_get("/api/v1/overview");
  EXPECT_THAT(response.body, Not(HasSubstr("Bruno")));
  const Json overview = json_of(response);
  EXPECT_EQ(Contract::problems("Overview", overview), "");
  ASSERT_EQ(overview["present"].size(), 2u);
  EXPECT_EQ(overview["present"][0]["name"], "Amina Haddad");
  EXPECT_EQ(overview["present"][0]["title"], "ICT basics");
  EXPECT_EQ(overview["present"][1]["person"], "p-2");
  EXPECT_TRUE(overview["present"][1]["name"].is_null());
  ASSERT_EQ(overview["sessions"].size(), 1u);
  EXPECT_EQ(overview["sessions"][0]["start"], "09:00");
  EXPECT_EQ(overview["sessions"][0]["present"], 2);
  EXPECT_EQ(overview["sessions"][0]["enrolled"], 2);
  ASSERT_EQ(overview["taps"].size(), 4u);
  EXPECT_EQ(overview["taps"][0]["outcome"], "see_staff");
  EXPECT_EQ(overview["taps"][0]["room"], "Room 2");
  EXPECT_TRUE(overview["taps"][2]["name"].is_null());
  EXPECT_EQ(overview["taps"][2]["person"], "p-2");
  EXPECT_TRUE(overview["taps"][3]["reason"].is_string());
  EXPECT_EQ(overview["inbox"].size(), 1u);
  EXPECT_EQ(overview["counts"]["taps"], 4);
  EXPECT_EQ(overview["counts"]["taps_today"], 4);
  EXPECT_EQ(overview["counts"]["repeat"], 1);
  EXPECT_EQ(overview["counts"]["repeats_today"], 1);
  EXPECT_EQ(overview["counts"]["events"], 6);
}

TEST_F(MorningTest, CountsGoOnFromWhereTheyWereAndBeginAnewEachDay) {
  tap("T-1", 1, morning_ms);
  EXPECT_EQ(json_of(console_get("/api/v1/overview"))["counts"]["taps_today"], 1);
  tap("T-1", 1, morning_ms + 1000);
  Json counts = json_of(console_get("/api/v1/overview"))["counts"];
  EXPECT_EQ(counts["taps_today"], 2);
  EXPECT_EQ(counts["repeat"], 1);
  now_ms_ = morning_ms + 24 * 60 * minute_ms;
  tap("T-1", 1, now_ms_);
  const Json overview = json_of(console_get("/api/v1/overview"));
  EXPECT_EQ(overview["counts"]["taps"], 3);
  EXPECT_EQ(overview["counts"]["taps_today"], 1);
  EXPECT_EQ(overview["counts"]["repeats_today"], 0);
}

TEST_F(MorningTest, YesterdaysForgottenExitIsNotPresentToday) {
  tap("T-1", 1, morning_ms);
  now_ms_ = morning_ms + 24 * 60 * minute_ms;
  EXPECT_EQ(json_of(console_get("/api/v1/overview"))["present"].size(), 0u);
}

TEST_F(ConsoleTest, TerminalsKeepWhatWasKnownBeforeTheStart) {
  sql("INSERT INTO terminal (serial, firmware, boot, last_seen_ms) VALUES ('T-1', '0.1.0', 3, "
      "1772400000000)");
  on_reactor([this] {
    TerminalView view;
    view.serial = "T-2";
    view.online = true;
    view.last_seen_ms = morning_ms;
    view.waiting = 4;
    terminals_ = {view};
  });
  const Json terminals = json_of(console_get("/api/v1/overview"))["terminals"];
  EXPECT_EQ(terminals[0]["state"], "offline");
  EXPECT_EQ(terminals[0]["firmware"], "0.1.0");
  EXPECT_EQ(terminals[1]["state"], "online");
  EXPECT_EQ(terminals[1]["waiting"], 4);
}

TEST_F(ConsoleTest, StatusIsAsTheContractHasItAndNamesNobody) {
  sql("INSERT INTO person (id, role, display_name) VALUES ('p-1', 'participant', 'Amina Haddad')");
  on_reactor([this] {
    delivery_.state = delivery::State::waiting;
    delivery_.waiting = 12;
    delivery_.rejected = {{"unknown-person", 3}, {"schema", 1}};
    delivery_.last_error = "the case system answered 503";
  });
  const http::Response response = control("GET", "/api/v1/status");
  const Json status = json_of(response);
  EXPECT_EQ(Contract::problems("Status", status), "");
  EXPECT_EQ(status["delivery"]["rejected"], 4);
  EXPECT_EQ(status["delivery"]["state"], "waiting");
  EXPECT_THAT(response.body, Not(HasSubstr("Amina")));
}

TEST_F(ConsoleTest, RequestsOfStrangersAreRefusedOnEveryPath) {
  for (const char* path : {"/", "/api/v1/overview", "/api/v1/stream", "/metrics", "/console.js"}) {
    EXPECT_EQ(console_get(path, {{"Host", "evil.example"}}).status, 403u) << path;
    EXPECT_EQ(console_get(path, {{"Host", "127.0.0.1.evil.example"}}).status, 403u) << path;
  }
  EXPECT_EQ(
      console_get("/api/v1/overview", {{"Host", "127.0.0.1"}, {"Origin", "http://evil.example"}})
          .status,
      403u);
  EXPECT_EQ(console_get("/api/v1/overview", {{"Host", "127.0.0.1"}, {"Origin", "null"}}).status,
            403u);
  EXPECT_EQ(
      console_get("/api/v1/overview", {{"Host", "localhost:9"}, {"Origin", "http://localhost:9"}})
          .status,
      200u);
}

TEST(ConsoleGuard, OwnHostsAreLoopbackNamesWithAnyPort) {
  for (const char* own :
       {"127.0.0.1", "127.0.0.1:8480", "localhost", "localhost:1", "[::1]:8480", "[::1]"}) {
    EXPECT_TRUE(is_own_host(own)) << own;
  }
  for (const char* other : {"", ":8480", "localhost.", "localhost:8480.evil.example", "::1",
                            "10.0.0.1", "127.0.0.2", "[::1].evil.example", "evil.example:8480"}) {
    EXPECT_FALSE(is_own_host(other)) << other;
  }
}

TEST_F(ConsoleTest, EveryAnswerCarriesTheSecurityHeaders) {
  for (const char* path : {"/", "/api/v1/overview", "/nothing"}) {
    const http::Response response = console_get(path);
    EXPECT_THAT(response.headers.at("Content-Security-Policy"), HasSubstr("frame-ancestors 'none'"))
        << path;
    EXPECT_THAT(response.headers.at("Content-Security-Policy"), Not(HasSubstr("unsafe"))) << path;
    EXPECT_EQ(response.headers.at("X-Content-Type-Options"), "nosniff") << path;
    EXPECT_EQ(response.headers.at("Referrer-Policy"), "no-referrer") << path;
  }
  EXPECT_EQ(console_get("/api/v1/overview").headers.at("Cache-Control"), "no-store");
}

TEST_F(ConsoleTest, ControlSocketIsForItsOwnerOnly) {
  EXPECT_EQ(std::filesystem::status(socket_).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(MorningTest, AttachingACardNamesItsEarlierTapsWithTheirOwnTimes) {
  tap("T-1", 9, morning_ms - minute_ms);
  const Json body = {{"token", token(9).substr(0, 10)},
                     {"person", "p-3"},
                     {"reason", "new card"},
                     {"actor", "desk-1"}};
  const http::Response response = control("POST", "/api/v1/cards/attach", body);
  ASSERT_EQ(response.status, 200u) << response.body;
  EXPECT_EQ(json_of(response)["earlier_taps"], 1);
  EXPECT_EQ(json_of(response)["token"], token(9));
  const Json overview = json_of(console_get("/api/v1/overview"));
  EXPECT_EQ(overview["taps"][0]["person"], "p-3");
  EXPECT_EQ(overview["taps"][0]["time"], "2026-03-02T07:29:00.000Z");
  EXPECT_EQ(overview["inbox"].size(), 0u);
  const http::Response again = control("POST", "/api/v1/cards/attach", body);
  EXPECT_EQ(again.status, 409u);
  EXPECT_THAT(again.body, HasSubstr("nothing was changed"));
}

TEST_F(MorningTest, ACardCanBeNamedByOneOfItsTaps) {
  tap("T-1", 9, morning_ms);
  const Json which = {
      {"terminal", "T-1"},
      {"epoch", std::string(32, 'e').replace(1, 31, "1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1")},
      {"number", 1}};
  const http::Response response =
      control("POST", "/api/v1/cards/attach",
              {{"tap", which}, {"person", "p-3"}, {"reason", "new card"}, {"actor", "desk-1"}});
  ASSERT_EQ(response.status, 200u) << response.body;
  EXPECT_EQ(json_of(response)["token"], token(9));
}

TEST_F(MorningTest, WrongAttachmentsAreToldExactly) {
  const auto detail = [&](const Json& body) {
    return json_of(control("POST", "/api/v1/cards/attach", body))["detail"].get<std::string>();
  };
  const Json rest = {{"person", "p-1"}, {"reason", "r"}, {"actor", "a"}};
  const auto with = [&](const Json& more) {
    Json all = rest;
    all.update(more);
    return all;
  };
  EXPECT_THAT(detail(rest), HasSubstr("either \"token\" or \"tap\""));
  EXPECT_THAT(detail(with({{"token", "abc"}})), HasSubstr("first 8 or more"));
  EXPECT_THAT(detail(with({{"token", "zzzzzzzz"}})), HasSubstr("hex digits"));
  EXPECT_THAT(detail(with({{"token", "00000000"}})), HasSubstr("was ever tapped here"));
  EXPECT_THAT(detail(with({{"tap", {{"terminal", "T-1"}, {"epoch", "00"}, {"number", 1}}}})),
              HasSubstr("32 hex digits"));
  EXPECT_THAT(detail({{"token", "00000000"}, {"reason", "r"}, {"actor", "a"}}),
              HasSubstr("\"person\" is missing"));
  EXPECT_THAT(detail(Json::array()), HasSubstr("must be a JSON object"));
  tap("T-1", 9, morning_ms);
  EXPECT_THAT(detail({{"token", token(9)}, {"person", "p-99"}, {"reason", "r"}, {"actor", "a"}}),
              HasSubstr("p-99"));
}

TEST_F(MorningTest, InboxIsListedAndClosedOnce) {
  tap("T-1", 9, morning_ms);
  const Json inbox = json_of(control("GET", "/api/v1/inbox"));
  EXPECT_EQ(Contract::problems("Inbox", inbox), "");
  ASSERT_EQ(inbox["open"], 1);
  const Json close = {{"id", inbox["items"][0]["id"]}, {"actor", "desk-1"}};
  EXPECT_EQ(json_of(control("POST", "/api/v1/inbox/close", close))["was_open"], true);
  EXPECT_EQ(json_of(control("POST", "/api/v1/inbox/close", close))["was_open"], false);
  EXPECT_EQ(json_of(control("GET", "/api/v1/inbox"))["open"], 0);
  EXPECT_EQ(control("POST", "/api/v1/inbox/close", {{"id", 99}, {"actor", "desk-1"}}).status, 404u);
  EXPECT_EQ(control("POST", "/api/v1/inbox/close", {{"id", "1"}, {"actor", "desk-1"}}).status,
            400u);
}

TEST_F(MorningTest, RejectedEventsAreListedByReasonInOrder) {
  tap("T-1", 1, morning_ms);
  tap("T-1", 2, morning_ms + minute_ms);
  sql("INSERT INTO delivery (position, batch, attempt, state, reason, detail) VALUES"
      " (1, 'b', 1, 'rejected', 'unknown-person', 'nobody has this id'), (2, 'b', 1, 'accepted', "
      "NULL, NULL),"
      " (3, 'b', 2, 'rejected', 'schema', NULL)");
  const Json all = json_of(control("GET", "/api/v1/delivery/rejected"));
  EXPECT_EQ(Contract::problems("Rejected", all), "");
  EXPECT_EQ(all["total"], 2);
  EXPECT_EQ(all["reasons"], (Json{{"unknown-person", 1}, {"schema", 1}}));
  ASSERT_EQ(all["events"].size(), 2u);
  EXPECT_EQ(all["events"][0]["person"], "p-1");
  EXPECT_EQ(all["events"][1]["attempt"], 2);
  EXPECT_EQ(json_of(control("GET", "/api/v1/delivery/rejected?reason=schema"))["events"].size(),
            1u);
  EXPECT_EQ(json_of(control("GET", "/api/v1/delivery/rejected?after=1"))["events"].size(), 1u);
  EXPECT_EQ(control("GET", "/api/v1/delivery/rejected?after=x").status, 400u);
}

TEST_F(ConsoleTest, RetryHandsTheReasonToDelivery) {
  EXPECT_EQ(json_of(control("POST", "/api/v1/delivery/retry",
                            {{"reason", "unknown-person"}, {"actor", "desk-1"}}))["events"],
            7);
  EXPECT_EQ(json_of(control("POST", "/api/v1/delivery/retry", {{"actor", "desk-1"}}))["events"], 7);
  EXPECT_EQ(retried_, (std::vector<std::optional<std::string>>{"unknown-person", std::nullopt}));
}

TEST_F(ConsoleTest, NobodyDecidesWithoutBeingNamed) {
  EXPECT_EQ(control("POST", "/api/v1/delivery/retry", Json::object()).status, 400u);
  EXPECT_EQ(control("POST", "/api/v1/inbox/close", {{"id", 1}}).status, 400u);
  EXPECT_TRUE(retried_.empty());
}

TEST_F(MorningTest, MetricsTellWhatTheDatabaseHolds) {
  tap("T-1", 1, morning_ms);
  tap("T-2", 9, morning_ms);
  on_reactor([this] { links_.bad_frames = 3; });
  const http::Response response = console_get("/metrics");
  EXPECT_EQ(response.status, 200u);
  EXPECT_THAT(response.body, HasSubstr("rollcall_people_present 1\n"));
  EXPECT_THAT(response.body, HasSubstr("rollcall_log_events 3\n"));
  EXPECT_THAT(response.body, HasSubstr("rollcall_inbox_open_items 1\n"));
  EXPECT_THAT(response.body, HasSubstr("rollcall_terminals{state=\"never\"} 2\n"));
  EXPECT_THAT(response.body, HasSubstr("rollcall_link_errors_total{kind=\"bad_frame\"} 3\n"));
}

TEST_F(MorningTest, StreamFollowsATapWithinASecond) {
  // One listener inside the process: what an SSE client receives is what is published here.
  std::promise<std::string> heard;
  std::shared_ptr<void> hold;
  const http::Router::Match match = api_->console().match("GET", "/api/v1/stream");
  ASSERT_TRUE(match.stream);
  bool told = false;
  on_reactor([&] {
    hold = match.stream->subscribe([&] {
      if (!told && match.stream->latest().find("p-1") != std::string::npos) {
        told = true;
        heard.set_value(match.stream->latest());
      }
    });
  });
  tap("T-1", 1, morning_ms);
  auto future = heard.get_future();
  ASSERT_EQ(future.wait_for(2s), std::future_status::ready);
  EXPECT_EQ(Contract::problems("Overview", Json::parse(future.get())), "");
  on_reactor([&] { hold.reset(); });
}

TEST_F(MorningTest, StreamPublishesAtMostFourTimesASecond) {
  const http::Router::Match match = api_->console().match("GET", "/api/v1/stream");
  int published = 0;
  std::shared_ptr<void> hold;
  on_reactor([&] { hold = match.stream->subscribe([&] { ++published; }); });
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; std::chrono::steady_clock::now() - start < 1s; ++i)
    tap("T-1", static_cast<std::uint8_t>(i), morning_ms + i);
  on_reactor([&] { hold.reset(); });
  EXPECT_GE(published, 2);
  EXPECT_LE(published, 6);
}

}  // namespace
}  // namespace rollcall::console
