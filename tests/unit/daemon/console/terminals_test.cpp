// Terminals through the control socket: list, move, rotate-key, revoke, enrol.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <gmock/gmock.h>

#include "daemon/events/event.hpp"
#include "tests/unit/daemon/console/contract.hpp"
#include "tests/unit/daemon/console/fixture.hpp"

namespace rollcall::console {
namespace {

using terminals::WindowState;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* who = "desk-1";

class TerminalsTest : public ConsoleTest {
 protected:
  // T-3 with a key, as after an enrolment.
  void enrol() {
    const registry::Placement hall{"Hall", protocol::TerminalMode::work_site, {"nl"}};
    ASSERT_TRUE(on_io(registry_->grant("T-3", hall, crypto::Key{1}, "unix:1000")));
    ASSERT_TRUE(on_io(registry_->proven("T-3", crypto::Key{1}, "0.2.0")));
  }
  template <class Result>
  Result on_io(boost::asio::awaitable<Result> work) {
    return boost::asio::co_spawn(io_, std::move(work), boost::asio::use_future).get();
  }
  Json list() { return json_of(control("GET", "/api/v1/terminals"))["terminals"]; }
  Json one(const std::string& serial) {
    for (const Json& terminal : list())
      if (terminal["serial"] == serial) return terminal;
    return {};
  }
  http::Response post(const std::string& target, const Json& body) {
    return control("POST", target, body);
  }
  http::Response open(const std::string& serial = "T-9") {
    return post("/api/v1/enrolment",
                {{"serial", serial}, {"room", "Hall"}, {"mode", "training"}, {"actor", who}});
  }
  void now_is(WindowState state, const std::string& reason = "") {
    on_reactor([&] {
      live_.now->state = state;
      live_.now->reason = reason;
    });
  }
  std::string last_event() {
    store::Database db(database_.path(), store::Database::Mode::query_only);
    auto row = db.prepare("SELECT type FROM log ORDER BY position DESC LIMIT 1");
    return row.step() ? row.text(0) : "";
  }
};

TEST_F(TerminalsTest, AreListedAsTheContractHasIt) {
  enrol();
  now_ms_ = morning_ms + 90'000;
  on_reactor([this] { terminals_ = {TerminalView{"T-3", true, morning_ms, "0.2.0", 4, 20000}}; });
  const Json answer = json_of(control("GET", "/api/v1/terminals"));
  EXPECT_EQ(Contract::problems("Terminals", answer), "");
  EXPECT_EQ(answer["terminals"].size(), 3u);
  const Json three = one("T-3");
  EXPECT_EQ(three["connected"], true);
  EXPECT_EQ(three["key_age_s"], 90);
  EXPECT_EQ(three["languages"], Json::array({"nl"}));
  EXPECT_EQ(three["enrolled_by"], "unix:1000");
  EXPECT_TRUE(one("T-1")["last_seen"].is_null());
}

TEST_F(TerminalsTest, AreNotChangedThroughTheConsole) {
  for (const char* path : {"/api/v1/terminals", "/api/v1/enrolment"})
    EXPECT_EQ(console_get(path).status, 403u) << path;
}

TEST_F(TerminalsTest, MoveIsDurableAndKeepsWhatIsNotGiven) {
  enrol();
  const http::Response moved =
      post("/api/v1/terminals/T-3/move", {{"room", "Salle Maelbeek"}, {"actor", who}});
  ASSERT_EQ(moved.status, 200u) << moved.body;
  EXPECT_EQ(Contract::problems("TerminalPlace", json_of(moved)), "");
  EXPECT_EQ(json_of(moved)["mode"], "work_site");
  EXPECT_EQ(one("T-3")["room"], "Salle Maelbeek");
  EXPECT_EQ(last_event(), "terminal.moved");
  EXPECT_EQ(json_of(console_get("/api/v1/overview"))["terminals"][2]["room"], "Salle Maelbeek");
}

TEST_F(TerminalsTest, WhatIsNotAsTheContractHasItChangesNothing) {
  const Json nothing = {{"actor", who}};
  EXPECT_EQ(post("/api/v1/terminals/T-1/move", nothing).status, 400u);
  EXPECT_EQ(post("/api/v1/terminals/T-1/move", {{"room", "Hall"}}).status, 400u) << "who?";
  EXPECT_EQ(post("/api/v1/terminals/T-1/move", {{"room", "a\nb"}, {"actor", who}}).status, 400u);
  EXPECT_EQ(post("/api/v1/terminals/T-1/move", {{"mode", "school"}, {"actor", who}}).status, 400u);
  EXPECT_EQ(
      post("/api/v1/terminals/T-1/move", {{"languages", {"français"}}, {"actor", who}}).status,
      400u);
  EXPECT_EQ(post("/api/v1/terminals/T%201/move", {{"room", "Hall"}, {"actor", who}}).status, 400u);
  EXPECT_EQ(post("/api/v1/terminals/T-1/revoke", nothing).status, 400u) << "why?";
  EXPECT_EQ(post("/api/v1/terminals/T-9/move", {{"room", "Hall"}, {"actor", who}}).status, 404u);
  EXPECT_EQ(post("/api/v1/terminals/T-9/revoke", {{"reason", "Lost."}, {"actor", who}}).status,
            404u);
  EXPECT_EQ(post("/api/v1/terminals/T-9/rotate-key", nothing).status, 404u);
  EXPECT_EQ(last_event(), "");
}

TEST_F(TerminalsTest, RevokeTellsHowManyTapsWaitedWhenThatIsKnown) {
  on_reactor([this] {
    terminals_ = {TerminalView{"T-1", true, morning_ms, "0.2.0", 4, 20000},
                  TerminalView{"T-2", false, morning_ms, "0.2.0", 9, 20000}};
  });
  const http::Response here =
      post("/api/v1/terminals/T-1/revoke", {{"reason", "It was stolen."}, {"actor", who}});
  ASSERT_EQ(here.status, 200u) << here.body;
  EXPECT_EQ(Contract::problems("Revoked", json_of(here)), "");
  EXPECT_EQ(json_of(here)["waiting"], 4);
  EXPECT_EQ(last_event(), "terminal.retired");
  const http::Response away =
      post("/api/v1/terminals/T-2/revoke", {{"reason", "It was stolen."}, {"actor", who}});
  EXPECT_TRUE(json_of(away)["waiting"].is_null());
  EXPECT_EQ(one("T-1")["revoked_reason"], "It was stolen.");
  EXPECT_EQ(json_of(console_get("/api/v1/overview"))["terminals"].size(), 0u);
  const http::Response again =
      post("/api/v1/terminals/T-1/revoke", {{"reason", "Again."}, {"actor", who}});
  EXPECT_EQ(again.status, 409u);
  EXPECT_THAT(again.body, HasSubstr("revoked already; nothing was changed"));
}

TEST_F(TerminalsTest, AKeyIsRotatedOnlyToATerminalThatIsThere) {
  enrol();
  const http::Response away = post("/api/v1/terminals/T-3/rotate-key", {{"actor", who}});
  EXPECT_EQ(away.status, 409u);
  EXPECT_THAT(away.body, HasSubstr("T-3 is not connected; nothing was changed"));
  EXPECT_TRUE(one("T-3")["new_key"].is_null());
  on_reactor([this] { live_.connected = true; });
  const http::Response done = post("/api/v1/terminals/T-3/rotate-key", {{"actor", who}});
  ASSERT_EQ(done.status, 200u) << done.body;
  EXPECT_EQ(Contract::problems("KeyHandedOver", json_of(done)), "");
  EXPECT_EQ(json_of(done)["handed_over"], true);
  EXPECT_EQ(one("T-3")["new_key"], "rotation");
  EXPECT_EQ(Contract::problems("Terminals", json_of(control("GET", "/api/v1/terminals"))), "");
}

TEST_F(TerminalsTest, AKeyThatMayHaveArrivedIsHandedOverAgain) {
  enrol();
  on_reactor([this] {
    live_.connected = true;
    live_.breaks = true;
  });
  const Json broken = json_of(post("/api/v1/terminals/T-3/rotate-key", {{"actor", who}}));
  EXPECT_EQ(broken["handed_over"], false);
  EXPECT_EQ(broken["reason"], "the connection broke");
  on_reactor([this] { live_.breaks = false; });
  EXPECT_EQ(json_of(post("/api/v1/terminals/T-3/rotate-key", {{"actor", who}}))["handed_over"],
            true);
  on_reactor([this] {
    ASSERT_EQ(live_.keys.size(), 2u);
    EXPECT_EQ(live_.keys[0], live_.keys[1]);
    EXPECT_NE(live_.keys[0], crypto::Key{1});
  });
}

TEST_F(TerminalsTest, AnEnrolmentNeverTellsTheNumberBeforeItWasTyped) {
  EXPECT_EQ(control("GET", "/api/v1/enrolment").status, 404u);
  ASSERT_EQ(open().status, 200u);
  for (const WindowState state : {WindowState::waiting_for_terminal,
                                  WindowState::terminal_not_in_window, WindowState::number_ready}) {
    now_is(state);
    const http::Response window = control("GET", "/api/v1/enrolment");
    EXPECT_EQ(Contract::problems("EnrolmentWindow", json_of(window)), "");
    EXPECT_THAT(window.body, Not(HasSubstr("482913")));
  }
  const http::Response typed = post("/api/v1/enrolment/number", {{"number", "482913"}});
  EXPECT_EQ(Contract::problems("EnrolmentWindow", json_of(typed)), "");
  EXPECT_EQ(json_of(typed)["state"], "granted");
  EXPECT_EQ(json_of(typed)["number"], "482913");
}

TEST_F(TerminalsTest, AWrongNumberEndsTheAttempt) {
  open();
  now_is(WindowState::number_ready);
  const http::Response typed = post("/api/v1/enrolment/number", {{"number", "482914"}});
  EXPECT_EQ(json_of(typed)["state"], "number_wrong");
  EXPECT_THAT(typed.body, Not(HasSubstr("482913")));
  EXPECT_EQ(post("/api/v1/enrolment/number", {{"number", "482913"}}).status, 409u);
}

TEST_F(TerminalsTest, WhatIsNoNumberIsNotComparedAtAll) {
  open();
  now_is(WindowState::number_ready);
  for (const char* typed : {"48291", "4829131", "48291x", "", " 82913"})
    EXPECT_EQ(post("/api/v1/enrolment/number", {{"number", typed}}).status, 400u) << typed;
  EXPECT_EQ(post("/api/v1/enrolment/number", {{"number", 482913}}).status, 400u);
  EXPECT_EQ(json_of(control("GET", "/api/v1/enrolment"))["state"], "number_ready");
}

TEST_F(TerminalsTest, OneWindowIsOpenAtATimeAndCanBeClosed) {
  ASSERT_EQ(open("T-9").status, 200u);
  const http::Response other = open("T-8");
  EXPECT_EQ(other.status, 409u);
  EXPECT_THAT(other.body, HasSubstr("open for T-9"));
  const http::Response closed = control("DELETE", "/api/v1/enrolment");
  EXPECT_EQ(json_of(closed)["state"], "failed");
  EXPECT_EQ(json_of(closed)["reason"], "it was cancelled");
  EXPECT_EQ(control("DELETE", "/api/v1/enrolment").status, 409u);
  EXPECT_EQ(open("T-8").status, 200u);
}

TEST_F(TerminalsTest, AnEnrolmentNeedsSerialRoomModeAndWho) {
  const Json whole = {{"serial", "T-9"}, {"room", "Hall"}, {"mode", "training"}, {"actor", who}};
  for (const char* key : {"serial", "room", "mode", "actor"}) {
    Json body = whole;
    body.erase(key);
    EXPECT_EQ(post("/api/v1/enrolment", body).status, 400u) << key;
  }
  EXPECT_EQ(control("GET", "/api/v1/enrolment").status, 404u);
}

TEST_F(TerminalsTest, AFullDiskIsToldAsSuch) {
  open();
  now_is(WindowState::number_ready);
  on_reactor([this] { live_.disk_full = true; });
  const http::Response typed = post("/api/v1/enrolment/number", {{"number", "482913"}});
  EXPECT_EQ(typed.status, 503u);
  EXPECT_THAT(typed.body, HasSubstr("disk is full"));
}

}  // namespace
}  // namespace rollcall::console
