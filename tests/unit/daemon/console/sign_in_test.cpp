// Who may ask the console what, and what is put on record of it.
#include <map>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <unistd.h>

#include "daemon/console/guard.hpp"
#include "tests/unit/daemon/console/contract.hpp"
#include "tests/unit/daemon/console/fixture.hpp"

namespace rollcall::console {
namespace {

using accounts::Role;
using ::testing::HasSubstr;
using ::testing::Not;

// What an x-role of the contract means, written down again.
const std::map<std::string, std::set<Role>> takes = {
    {"viewer", {Role::viewer, Role::desk, Role::trainer, Role::manager}},
    {"desk", {Role::desk, Role::manager}},
    {"trainer", {Role::trainer, Role::manager}},
    {"manager", {Role::manager}}};

class SignInTest : public ConsoleTest {
 protected:
  static constexpr const char* good = "three calm words";

  struct Operation {
    std::string method, path, role;
  };
  // Those of the contract, with something in place of their parameters.
  static std::vector<Operation> operations() {
    std::vector<Operation> all;
    for (const std::string& route : Contract::routes()) {
      std::istringstream words(route);
      Operation one;
      words >> one.method >> one.path >> one.role;
      for (const char* parameter : {"{serial}", "{name}"}) {
        if (const auto at = one.path.find(parameter); at != std::string::npos)
          one.path.replace(at, std::string{parameter}.size(), "t-9");
      }
      if (one.path == "/api/v1/people") one.path += "?find=a";
      all.push_back(one);
    }
    return all;
  }

  // With nothing in it, so that nothing comes of it. The stream's head alone: it never ends.
  unsigned try_out(const Operation& operation) {
    const std::string method = operation.path == "/api/v1/stream" ? "HEAD" : operation.method;
    const Json body = operation.method == "POST" ? Json::object() : Json();
    return console_post(operation.path, body, method).status;
  }

  Json audit() { return json_of(control("GET", "/api/v1/audit"))["rows"]; }
};

TEST_F(SignInTest, WithoutSignInOnlyWhatIsForNobodyIsServed) {
  for (const Operation& operation : operations()) {
    const unsigned status = try_out(operation);
    const std::string what = operation.method + " " + operation.path;
    if (operation.role == "nobody") {
      EXPECT_NE(status, 401u) << what;
    } else if (operation.role == "local") {
      EXPECT_EQ(status, 404u) << what;
    } else {
      EXPECT_EQ(status, 401u) << what;
    }
  }
  for (const char* page : {"/", "/console.js", "/lib/html.js", "/metrics"})
    EXPECT_EQ(console("GET", page, {{"Host", "localhost"}}).status, 200u) << page;
}

class RoleByRoute : public SignInTest, public ::testing::WithParamInterface<Role> {};

TEST_P(RoleByRoute, IsAsTheContractHasIt) {
  const Role role = GetParam();
  sign_in_as(role);
  for (const Operation& operation : operations()) {
    const unsigned status = try_out(operation);
    const std::string what =
        std::string{to_text(role)} + ": " + operation.method + " " + operation.path;
    if (operation.role == "local") {
      EXPECT_EQ(status, 404u) << what;
    } else if (operation.role == "nobody" || takes.at(operation.role).contains(role)) {
      EXPECT_NE(status, 401u) << what;
      EXPECT_NE(status, 403u) << what;
      EXPECT_NE(status, 405u) << what;
    } else {
      EXPECT_EQ(status, 403u) << what;
    }
    if (what.find("DELETE /api/v1/session") != std::string::npos) sign_in_as(role);
  }
}

INSTANTIATE_TEST_SUITE_P(Every, RoleByRoute, ::testing::ValuesIn(accounts::all_roles),
                         [](const auto& role) { return std::string{to_text(role.param)}; });

TEST_F(SignInTest, RefusalsAreProblemsThatSayWhatToDo) {
  const http::Response nobody = console("GET", "/api/v1/overview", {{"Host", "localhost"}});
  EXPECT_EQ(nobody.content_type.substr(0, 24), "application/problem+json");
  EXPECT_EQ(Contract::problems("Problem", json_of(nobody)), "");
  EXPECT_THAT(nobody.body, HasSubstr("sign in first"));
  sign_in_as(Role::viewer);
  const http::Response viewer = console_get("/api/v1/people?find=a");
  EXPECT_EQ(Contract::problems("Problem", json_of(viewer)), "");
  EXPECT_THAT(viewer.body, HasSubstr("needs the role desk"));
}

TEST_F(SignInTest, TheCookieIsForThisHostAndNoScript) {
  const Json body = {{"name", "nobody"}, {"password", "x"}};
  const http::Headers json = {{"Host", "127.0.0.1"}, {"Content-Type", "application/json"}};
  EXPECT_FALSE(
      console("POST", "/api/v1/session", json, body.dump()).headers.contains("Set-Cookie"));
  sign_in_as(Role::desk);
  const http::Response out = console_post("/api/v1/session", nullptr, "DELETE");
  EXPECT_THAT(out.headers.at("Set-Cookie"),
              HasSubstr("rollcall=; Path=/; HttpOnly; SameSite=Strict"));
  EXPECT_THAT(out.headers.at("Set-Cookie"), HasSubstr("Max-Age=0"));
  EXPECT_EQ(console_get("/api/v1/overview").status, 401u);
}

TEST_F(SignInTest, AFormOfAnotherSiteSignsNobodyIn) {
  const std::string body = R"({"name": "name1", "password": "x"})";
  EXPECT_EQ(console("POST", "/api/v1/session",
                    {{"Host", "127.0.0.1"}, {"Content-Type", "text/plain"}}, body)
                .status,
            400u);
  EXPECT_EQ(console("POST", "/api/v1/session",
                    {{"Host", "127.0.0.1"},
                     {"Content-Type", "application/json"},
                     {"Origin", "http://evil.example"}},
                    body)
                .status,
            403u);
}

TEST_F(SignInTest, AChangeNeedsTheTokenOfItsSession) {
  sign_in_as(Role::manager);
  const std::string body = "{}";
  http::Headers headers = {{"Host", "127.0.0.1"}, {"Cookie", cookie_}};
  EXPECT_EQ(console("POST", "/api/v1/delivery/retry", headers, body).status, 403u);
  headers["X-Rollcall-Token"] = std::string(64, '0');
  EXPECT_EQ(console("POST", "/api/v1/delivery/retry", headers, body).status, 403u);
  EXPECT_TRUE(retried_.empty());
  headers["X-Rollcall-Token"] = token_;
  EXPECT_EQ(console("POST", "/api/v1/delivery/retry", headers, body).status, 200u);
  headers["Origin"] = "http://evil.example";
  EXPECT_EQ(console("POST", "/api/v1/delivery/retry", headers, body).status, 403u);
  EXPECT_EQ(retried_.size(), 1u);
}

TEST_F(SignInTest, WrongPasswordAndUnknownNameAreAnsweredAlikeThenWithAWait) {
  sign_in_as(Role::desk);
  const std::string name = json_of(console_get("/api/v1/session"))["name"];
  const auto attempt = [this](const std::string& who) {
    const Json body = {{"name", who}, {"password", "wrong words all of them"}};
    return console("POST", "/api/v1/session",
                   {{"Host", "127.0.0.1"}, {"Content-Type", "application/json"}}, body.dump());
  };
  const http::Response wrong = attempt(name);
  const http::Response unknown = attempt("somebody.else");
  EXPECT_EQ(wrong.status, 401u);
  EXPECT_EQ(unknown.status, wrong.status);
  EXPECT_EQ(unknown.body, wrong.body);
  http::Response last = wrong;
  for (int i = 0; i < 8 && last.status == 401; ++i) last = attempt(name);
  EXPECT_EQ(last.status, 429u);
  EXPECT_GE(std::stoi(last.headers.at("Retry-After")), 1);
}

TEST_F(SignInTest, WhoDecidesIsWhoIsSignedInWhateverTheRequestSays) {
  tap("T-1", 9, morning_ms);
  sign_in_as(Role::desk);
  const Json session = json_of(console_get("/api/v1/session"));
  EXPECT_EQ(Contract::problems("SignedIn", session), "");
  const Json close = {{"id", 1}, {"actor", "somebody-else"}};
  ASSERT_EQ(console_post("/api/v1/inbox/close", close).status, 200u);
  std::string closed_by;
  writer_->run_now([&](store::Database& db) {
    auto row = db.prepare("SELECT closed_by FROM inbox WHERE id = 1");
    row.step();
    closed_by = row.text(0);
  });
  EXPECT_EQ(closed_by, session["actor"].get<std::string>());
}

TEST_F(SignInTest, ViewsAndChangesAreOnRecordWithoutNames) {
  sql("INSERT INTO person (id, role, display_name) VALUES ('p-1', 'participant', 'Amina Haddad'),"
      " ('s-1', 'staff', 'Bruno Peeters')");
  sign_in_as(Role::desk);
  ASSERT_EQ(console_get("/api/v1/people?find=amina").status, 200u);
  const Json assist = {{"person", "p-1"}, {"direction", "in"}, {"cause", "no_card"}};
  ASSERT_EQ(console_post("/api/v1/attendance/assist", assist).status, 200u);
  ASSERT_EQ(console_post("/api/v1/attendance/assist", assist).status, 409u);
  const http::Response response = control("GET", "/api/v1/audit");
  EXPECT_EQ(Contract::problems("Audit", json_of(response)), "");
  EXPECT_THAT(response.body, Not(HasSubstr("mina")));
  const Json rows = audit();
  EXPECT_EQ(rows[0]["action"], "GET /api/v1/audit") << "looking at the record is on record";
  EXPECT_EQ(rows[1]["status"], 409);
  EXPECT_EQ(rows[2]["action"], "POST /api/v1/attendance/assist");
  EXPECT_EQ(rows[2]["status"], 200);
  EXPECT_EQ(rows[2]["subject"], "p-1");
  EXPECT_EQ(rows[2]["role"], "desk");
  EXPECT_EQ(rows[2]["detail"], "direction=in cause=no_card");
  EXPECT_EQ(rows[3]["action"], "GET /api/v1/people");
  EXPECT_EQ(rows[3]["subject"], "p-1");
  EXPECT_EQ(json_of(control("GET", "/api/v1/audit?subject=p-1"))["rows"].size(), 3u);
  EXPECT_EQ(control("GET", "/api/v1/audit?before=x").status, 400u);
}

TEST_F(SignInTest, ThroughTheControlSocketTheRecordNamesTheLocalAccount) {
  ASSERT_EQ(control("GET", "/api/v1/people?find=a").status, 200u);
  const Json rows = audit();
  EXPECT_EQ(rows[0]["role"], "local");
  EXPECT_EQ(rows[0]["actor"], "unix:" + std::to_string(getuid()));
  control("POST", "/api/v1/inbox/close", {{"id", 1}, {"actor", "desk-1"}});
  EXPECT_EQ(audit()[0]["actor"], "desk-1");
}

TEST_F(SignInTest, TheFirstManagerComesByALinkThatTheControlSocketMakes) {
  on_reactor([this] { api_->opened(8480); });
  const http::Response made = control("POST", "/api/v1/one-time-link", Json::object());
  ASSERT_EQ(made.status, 200u) << made.body;
  const std::string address = json_of(made)["address"];
  ASSERT_THAT(address, HasSubstr("http://127.0.0.1:8480/#first-manager="));
  const Json body = {
      {"link", address.substr(address.find('=') + 1)}, {"name", "sophie"}, {"password", good}};
  const http::Headers json = {{"Host", "127.0.0.1"}, {"Content-Type", "application/json"}};
  const http::Response first = console("POST", "/api/v1/first-manager", json, body.dump());
  ASSERT_EQ(first.status, 200u) << first.body;
  EXPECT_EQ(json_of(first)["role"], "manager");
  EXPECT_EQ(console("POST", "/api/v1/first-manager", json, body.dump()).status, 401u);
  EXPECT_EQ(control("POST", "/api/v1/one-time-link", Json::object()).status, 409u);
}

TEST_F(SignInTest, ManagersMakeAndEndAccountsAndTheLastOneStays) {
  sign_in_as(Role::manager);
  const std::string own = json_of(console_get("/api/v1/session"))["name"];
  const http::Response added =
      console_post("/api/v1/accounts", {{"name", "front"}, {"role", "desk"}, {"person", nullptr}});
  ASSERT_EQ(added.status, 200u) << added.body;
  EXPECT_EQ(Contract::problems("AccountWithPassword", json_of(added)), "");
  const http::Response off = console_post("/api/v1/accounts/front/enabled", {{"enabled", false}});
  EXPECT_EQ(Contract::problems("Account", json_of(off)), "");
  EXPECT_EQ(console_post("/api/v1/accounts/nobody/enabled", {{"enabled", false}}).status, 404u);
  const http::Response last = console_post("/api/v1/accounts/" + own + "/role", {{"role", "desk"}});
  EXPECT_EQ(last.status, 409u);
  EXPECT_THAT(last.body, HasSubstr("last manager"));
  EXPECT_EQ(json_of(console_get("/api/v1/accounts"))["accounts"].size(), 2u);
}

class CardSignInTest : public SignInTest {
 protected:
  // An account with a PIN, of somebody who has a card.
  CardSignInTest() {
    sql("INSERT INTO person (id, role, display_name) VALUES ('s-1', 'staff', 'Bruno Peeters')");
    sign_in_as(Role::manager);
    console_post("/api/v1/accounts", {{"name", "bruno"}, {"role", "desk"}, {"person", "s-1"}});
    const http::Response made = console_post("/api/v1/accounts/bruno/pin", Json::object());
    EXPECT_EQ(Contract::problems("AccountWithPin", json_of(made)), "") << made.body;
    pin_ = json_of(made)["new_pin"];
    on_reactor([this] { live_.connected = true; });
  }

  http::Response post(const std::string& path, const Json& body) {
    return console("POST", path, {{"Host", "127.0.0.1"}, {"Content-Type", "application/json"}},
                   body.dump());
  }
  http::Response begin(const std::string& pin) {
    return post("/api/v1/session/card", {{"name", "bruno"}, {"pin", pin}});
  }
  http::Response enter(const std::string& ticket) {
    return post("/api/v1/session/card/entry", {{"ticket", ticket}});
  }
  std::string ticket() { return json_of(begin(pin_))["ticket"]; }
  bool show_card(const std::string& person = "s-1") {
    bool shown = false;
    on_reactor([&] { shown = sign_ins_.shown("T-1", person, std::chrono::steady_clock::now()); });
    return shown;
  }

  std::string pin_;
};

TEST_F(CardSignInTest, NameAndPinThenThePersonsOwnCardSignThemIn) {
  const Json rooms = json_of(console("GET", "/api/v1/session/card", {{"Host", "127.0.0.1"}}));
  EXPECT_EQ(rooms, (Json{{"rooms", {"Room 1"}}}));
  const http::Response begun = begin(pin_);
  ASSERT_EQ(begun.status, 202u) << begun.body;
  EXPECT_EQ(json_of(begun)["rooms"], rooms["rooms"]);
  EXPECT_FALSE(begun.headers.contains("Set-Cookie"));
  const std::string ticket = json_of(begun)["ticket"];
  const http::Response waiting = enter(ticket);
  EXPECT_EQ(waiting.status, 202u);
  EXPECT_EQ(Contract::problems("CardAwaited", json_of(waiting)), "");
  EXPECT_FALSE(show_card("s-2"));
  ASSERT_TRUE(show_card());
  const http::Response in = enter(ticket);
  ASSERT_EQ(in.status, 200u) << in.body;
  EXPECT_EQ(Contract::problems("SignedIn", json_of(in)), "");
  EXPECT_EQ(json_of(in)["actor"], "s-1");
  EXPECT_THAT(in.headers.at("Set-Cookie"), HasSubstr("HttpOnly; SameSite=Strict"));
  EXPECT_EQ(enter(ticket).status, 401u) << "it lets in once";
  const Json record = audit();
  EXPECT_EQ(record[0]["action"], "POST /api/v1/session/card/entry");
  EXPECT_EQ(record[1]["action"], "POST /api/v1/session/card");
  EXPECT_EQ(record[1]["status"], 202);
}

TEST_F(CardSignInTest, WithoutAReaderThatWorksNobodyIsAskedForACard) {
  on_reactor([this] { live_.connected = false; });
  const http::Response refused = begin(pin_);
  EXPECT_EQ(refused.status, 404u) << refused.body;
  EXPECT_THAT(refused.body, HasSubstr("sign in with your password"));
  const Json stolen = {{"actor", "desk-1"}, {"reason", "It was stolen."}};
  ASSERT_EQ(control("POST", "/api/v1/terminals/T-1/revoke", stolen).status, 200u);
  const Json rooms = json_of(console("GET", "/api/v1/session/card", {{"Host", "127.0.0.1"}}));
  EXPECT_EQ(rooms, (Json{{"rooms", Json::array()}}));
}

TEST_F(CardSignInTest, NeitherAWrongPinNorAnAccountWithoutOneIsWaitedFor) {
  const std::string wrong = pin_ == "000000" ? "000001" : "000000";
  EXPECT_EQ(begin(wrong).status, 401u);
  EXPECT_FALSE(show_card());
  ASSERT_EQ(console_post("/api/v1/accounts/bruno/pin/remove", Json::object()).status, 200u);
  EXPECT_EQ(begin(pin_).status, 401u);
  http::Response last;
  for (int i = 0; i < 8 && last.status != 429; ++i) last = begin(wrong);
  EXPECT_EQ(last.status, 429u) << "counted as wrong passwords are";
  const Json nobodys = {{"name", "name1"}, {"role", "desk"}, {"person", nullptr}};
  console_post("/api/v1/accounts", nobodys);
  const http::Response refused = console_post("/api/v1/accounts/name1/pin", Json::object());
  EXPECT_EQ(refused.status, 409u) << refused.body;
}

TEST_F(CardSignInTest, OneWaitsForACardAtATimeAndMayCancel) {
  const std::string first = ticket();
  EXPECT_EQ(begin(pin_).status, 409u);
  EXPECT_EQ(audit()[0]["status"], 409) << "a manager can see that somebody has the PIN";
  EXPECT_EQ(post("/api/v1/session/card/cancel", {{"ticket", first}}).status, 200u);
  EXPECT_FALSE(show_card());
  EXPECT_EQ(enter(first).status, 401u);
  EXPECT_EQ(begin(pin_).status, 202u);
}

TEST_F(CardSignInTest, WhatChangedMeanwhileLetsNobodyIn) {
  const std::string old_pin = ticket();
  pin_ = json_of(console_post("/api/v1/accounts/bruno/pin", Json::object()))["new_pin"];
  EXPECT_EQ(enter(old_pin).status, 401u) << "another PIN";
  const std::string disabled = ticket();
  ASSERT_TRUE(show_card());
  console_post("/api/v1/accounts/bruno/enabled", {{"enabled", false}});
  EXPECT_EQ(enter(disabled).status, 401u);
  console_post("/api/v1/accounts/bruno/enabled", {{"enabled", true}});
  const std::string another = ticket();
  ASSERT_TRUE(show_card());
  sql("INSERT INTO person (id, role, display_name) VALUES ('s-2', 'staff', 'Carla Rossi')");
  console_post("/api/v1/accounts/bruno/role", {{"role", "desk"}, {"person", "s-2"}});
  EXPECT_EQ(enter(another).status, 401u) << "it acts as another person now";
  EXPECT_FALSE(json_of(console_get("/api/v1/accounts"))["accounts"][0]["pin"]);
}

TEST_F(SignInTest, AStreamEndsWithItsSession) {
  sign_in_as(Role::viewer);
  const http::Router::Match match = api_->console().match("GET", "/api/v1/stream");
  ASSERT_TRUE(match.stream && match.admission->still);
  http::Request request;
  request.method = "GET";
  request.headers["Cookie"] = cookie_;
  std::optional<http::Response> refused;
  on_reactor([&] { refused = match.admission->still(request); });
  EXPECT_FALSE(refused);
  console_post("/api/v1/session", nullptr, "DELETE");
  on_reactor([&] { refused = match.admission->still(request); });
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 401u);
}

http::Request asked(const std::string& path, const std::string& host, const std::string& origin,
                    bool from_here) {
  http::Request request;
  request.method = "GET";
  request.path = path;
  request.headers["Host"] = host;
  if (!origin.empty()) request.headers["Origin"] = origin;
  request.peer = "192.0.2.1";
  request.from_here = from_here;
  return request;
}

TEST(ConsoleGuard, WithTlsOnlyTheConfiguredNameAndItsOwnPagesAreAnswered) {
  config::Console console;
  console.address = "0.0.0.0";
  console.certificate = console.key = "tls.pem";
  console.host = "rollcall.example.org";
  const auto refused = [&](const std::string& host, const std::string& origin) {
    return refuse_strangers(asked("/", host, origin, false), console).has_value();
  };
  EXPECT_FALSE(refused("rollcall.example.org:8480", "https://rollcall.example.org:8480"));
  EXPECT_FALSE(refused("rollcall.example.org", ""));
  EXPECT_TRUE(refused("rollcall.example.org", "http://rollcall.example.org"));
  EXPECT_TRUE(refused("evil.example", ""));
  EXPECT_TRUE(refused("rollcall.example.org.evil.example", ""));
}

TEST(ConsoleGuard, KioskPagesAreForTheMachineWithTheReader) {
  const config::Console console;
  EXPECT_FALSE(refuse_strangers(asked("/kiosk/HALL", "localhost", "", true), console));
  EXPECT_TRUE(refuse_strangers(asked("/kiosk/HALL", "localhost", "", false), console));
}

}  // namespace
}  // namespace rollcall::console
