// rollcall account and rollcall audit.
#include <gmock/gmock.h>

#include "tests/unit/provisioning/daemon_double.hpp"

namespace rollcall::provisioning {
namespace {

using ::testing::HasSubstr;

struct AccountCli : DaemonDouble {
  AccountCli() {
    add("GET", "/api/v1/accounts");
    add("POST", "/api/v1/accounts");
    for (const char* what : {"password", "role", "enabled"})
      add("POST", std::string{"/api/v1/accounts/{name}/"} + what);
    add("POST", "/api/v1/accounts/{name}/pin");
    add("POST", "/api/v1/accounts/{name}/pin/remove");
    add("POST", "/api/v1/one-time-link");
    add("GET", "/api/v1/audit");
    daemon_ = [this](const http::Request&) { return ok(account_); };
  }
  Json account_ = {{"account", "account:abcdefghjk"},
                   {"name", "desk1"},
                   {"role", "desk"},
                   {"person", "s-1"},
                   {"pin", false},
                   {"created", "2026-03-02T07:30:00.000Z"},
                   {"disabled", nullptr},
                   {"password", "abcd-efgh-jkmn-pqrs"}};
};

TEST_F(AccountCli, AddSaysTheNewPasswordOnce) {
  const Ran ran = rollcall({"account", "add", "desk1", "--role", "desk", "--acts-as", "s-1"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "desk1 has the role desk and acts as s-1.\n"
            "Its password is abcd-efgh-jkmn-pqrs\n"
            "It is shown here and nowhere else.\n");
  EXPECT_EQ(body_["name"], "desk1");
  EXPECT_EQ(body_["person"], "s-1");
  EXPECT_THAT(body_["actor"].get<std::string>(), HasSubstr("unix:"));
}

TEST_F(AccountCli, EachChangeGoesToItsAccount) {
  rollcall({"account", "password", "desk1"});
  EXPECT_EQ(asked_.back(), "POST /api/v1/accounts/desk1/password");
  rollcall({"account", "role", "desk1", "--role", "viewer"});
  EXPECT_EQ(asked_.back(), "POST /api/v1/accounts/desk1/role");
  EXPECT_TRUE(body_["person"].is_null());
  rollcall({"account", "disable", "desk1", "--actor", "s-9"});
  EXPECT_EQ(asked_.back(), "POST /api/v1/accounts/desk1/enabled");
  EXPECT_EQ(body_, (Json{{"enabled", false}, {"actor", "s-9"}}));
  rollcall({"account", "enable", "desk1"});
  EXPECT_EQ(body_["enabled"], true);
  EXPECT_EQ(rollcall({"account", "add", "desk1"}).exit, 2) << "which role?";
}

TEST_F(AccountCli, APinIsMadeAndTakenAway) {
  account_["pin"] = true;
  account_["new_pin"] = "041937";
  EXPECT_EQ(rollcall({"account", "pin", "desk1"}).out,
            "desk1 has the role desk and acts as s-1, with a PIN.\n"
            "The PIN is 041937\n"
            "It is shown here and nowhere else.\n");
  EXPECT_EQ(asked_.back(), "POST /api/v1/accounts/desk1/pin");
  account_["pin"] = false;
  EXPECT_EQ(rollcall({"account", "pin", "desk1", "--remove", "--actor", "s-9"}).out,
            "desk1 has the role desk and acts as s-1.\n");
  EXPECT_EQ(asked_.back(), "POST /api/v1/accounts/desk1/pin/remove");
  EXPECT_EQ(body_, (Json{{"actor", "s-9"}}));
}

TEST_F(AccountCli, ListsAccountsAndWhatWasDone) {
  daemon_ = [this](const http::Request& request) {
    if (request.path == "/api/v1/accounts") return ok({{"accounts", {account_}}});
    return ok({{"rows",
                {{{"id", 7},
                  {"time", "2026-03-02T07:31:00.000Z"},
                  {"account", "desk1"},
                  {"actor", "s-1"},
                  {"role", "desk"},
                  {"action", "POST /api/v1/attendance/assist"},
                  {"subject", "p-1"},
                  {"detail", "cause=no_card"},
                  {"status", 200}}}},
               {"next", nullptr}});
  };
  EXPECT_EQ(rollcall({"account", "list"}).out,
            "NAME   ROLE  ACTS AS  PIN  SINCE                 MAY SIGN IN\n"
            "desk1  desk  s-1      no   2026-03-02 07:30:00Z  yes\n");
  EXPECT_EQ(
      rollcall({"audit", "list", "--subject", "p-1"}).out,
      "TIME                  WHO    ROLE  WHAT                            ABOUT  DETAIL       "
      "  ANSWER\n"
      "2026-03-02 07:31:00Z  desk1  desk  POST /api/v1/attendance/assist  p-1    "
      "cause=no_card  200\n");
  EXPECT_EQ(sent_.query.at("subject"), "p-1");
}

TEST_F(AccountCli, LinkSaysWhereToGoAndHowLong) {
  daemon_ = [](const http::Request&) {
    return ok({{"address", "http://127.0.0.1:8480/#first-manager=ab"}, {"hours", 24}});
  };
  EXPECT_EQ(rollcall({"account", "link"}).out,
            "Open this once, within 24 hours, to make the first manager:\n"
            "  http://127.0.0.1:8480/#first-manager=ab\n");
}

}  // namespace
}  // namespace rollcall::provisioning
