// `rollcall terminal ...` against a daemon that plays its part of an enrolment.
#include <algorithm>
#include <csignal>

#include <gmock/gmock.h>

#include "tests/unit/provisioning/daemon_double.hpp"

namespace rollcall::provisioning {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class TerminalCli : public DaemonDouble {
 protected:
  static Json window(const std::string& state, const Json& number = nullptr,
                     const Json& reason = nullptr) {
    return {{"serial", "TC-9"}, {"room", "Hall"},   {"mode", "training"},  {"languages", {"fr"}},
            {"state", state},   {"reason", reason}, {"seconds_left", 120}, {"number", number}};
  }
  // A daemon whose window goes through these states, one at each look.
  void goes_through(std::vector<std::string> states) {
    daemon_ = [this, states = std::move(states),
               at = std::size_t{0}](const http::Request& request) mutable {
      if (request.method == "DELETE") return ok(window("failed", nullptr, "it was cancelled"));
      if (request.path == "/api/v1/enrolment/number")
        return ok(after_number_ == "granted" ? window("granted", "482913") : window(after_number_));
      if (request.method == "POST") return ok(window("waiting_for_terminal"));
      const std::string state = states[std::min(at++, states.size() - 1)];
      const bool agreed = state == "granted" || state == "done";
      return ok(window(state, agreed ? Json("482913") : Json(),
                       state == "failed" ? Json("the connection to the terminal broke") : Json()));
    };
  }
  Ran enrol() {
    return rollcall({"terminal", "enrol", "TC-9", "--room", "Hall", "--mode", "training",
                     "--languages", "fr", "--actor", "desk-1"});
  }

  std::string after_number_ = "granted";
};

TEST_F(TerminalCli, EnrolComparesTheNumberAndWaitsForTheTerminal) {
  goes_through(
      {"waiting_for_terminal", "terminal_not_in_window", "number_ready", "granted", "done"});
  type("482 913\n");
  const Ran ran = enrol();
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("The window for TC-9 is open for 120 seconds."));
  EXPECT_THAT(ran.out, HasSubstr("its own enrolment window is not open"));
  EXPECT_THAT(ran.out, HasSubstr("The numbers agree: 482 913. Now confirm on the terminal.\n"));
  EXPECT_THAT(ran.out, HasSubstr("TC-9 is enrolled: Hall, training."));
  EXPECT_EQ(ran.err, "");
  EXPECT_EQ(asked_.front(), "POST /api/v1/enrolment");
}

TEST_F(TerminalCli, EnrolSendsWhereAndWhoAndTheTypedDigits) {
  daemon_ = [](const http::Request&) {
    return http::problem(409, "Conflict", "an enrolment window is open for TC-8");
  };
  const Ran ran = enrol();
  EXPECT_EQ(ran.exit, 1);
  EXPECT_THAT(ran.err, HasSubstr("rollcalld refused: an enrolment window is open for TC-8."));
  EXPECT_EQ(body_, (Json{{"serial", "TC-9"},
                         {"room", "Hall"},
                         {"mode", "training"},
                         {"languages", {"fr"}},
                         {"actor", "desk-1"}}));
}

TEST_F(TerminalCli, WhatIsNotSixDigitsIsNotSentAtAll) {
  goes_through({"number_ready", "number_ready", "number_ready", "number_ready", "done"});
  type("48291\nyes\n482-913\n");
  const Ran ran = enrol();
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(std::ranges::count(asked_, "POST /api/v1/enrolment/number"), 1);
  EXPECT_EQ(body_, (Json{{"number", "482913"}}));
  EXPECT_THAT(ran.out, HasSubstr("That is not six digits; nothing was compared."));
}

TEST_F(TerminalCli, AWrongNumberIsTheEndAndSaysWhatIsSafe) {
  goes_through({"number_ready", "number_wrong"});
  after_number_ = "number_wrong";
  type("482914\n");
  const Ran ran = enrol();
  EXPECT_EQ(ran.exit, 1);
  EXPECT_THAT(ran.err, HasSubstr("The numbers differ."));
  EXPECT_THAT(ran.err, HasSubstr("no new key is accepted"));
  EXPECT_THAT(ran.err, HasSubstr("begin again at both ends"));
  EXPECT_THAT(ran.out, Not(HasSubstr("agree")));
}

TEST_F(TerminalCli, ExpiryAndFailureSayWhatHappened) {
  goes_through({"expired"});
  const Ran late = enrol();
  EXPECT_EQ(late.exit, 1);
  EXPECT_THAT(late.err, HasSubstr("The time is up. Nothing was changed"));
  goes_through({"number_ready", "failed"});
  const Ran broken = enrol();
  EXPECT_EQ(broken.exit, 1);
  EXPECT_THAT(broken.err, HasSubstr("the connection to the terminal broke. Nothing was changed"));
}

TEST_F(TerminalCli, TheEndOfTheInputClosesTheWindowAndNothingSkipsTheNumber) {
  goes_through({"number_ready"});
  stop_typing();
  const Ran ran = enrol();
  EXPECT_EQ(ran.exit, 1);
  EXPECT_EQ(asked_.back(), "DELETE /api/v1/enrolment");
  EXPECT_THAT(ran.err,
              HasSubstr("The input ended before a number was typed. The window is closed."));
  for (const char* flag : {"--yes", "--force", "--number=482913", "--no-compare"}) {
    EXPECT_EQ(
        rollcall({"terminal", "enrol", "TC-9", "--room", "Hall", "--mode", "training", flag}).exit,
        2)
        << flag;
  }
}

TEST_F(TerminalCli, CtrlCClosesTheWindow) {
  goes_through({"number_ready"});
  std::thread impatient([] {
    std::this_thread::sleep_for(std::chrono::milliseconds{700});
    ::kill(::getpid(), SIGINT);
  });
  const Ran ran = enrol();
  impatient.join();
  EXPECT_EQ(ran.exit, 130);
  EXPECT_EQ(asked_.back(), "DELETE /api/v1/enrolment");
  EXPECT_THAT(ran.err, HasSubstr("You closed the window. The window is closed."));
}

TEST_F(TerminalCli, ADaemonThatGoesAwayIsTold) {
  goes_through({"waiting_for_terminal"});
  daemon_ = [first = true](const http::Request&) mutable {
    if (std::exchange(first, false)) return ok(window("waiting_for_terminal"));
    http::Response gone;
    gone.drop = true;
    return gone;
  };
  const Ran ran = enrol();
  EXPECT_EQ(ran.exit, 3);
  EXPECT_THAT(ran.err, HasSubstr("The window closes by itself"));
}

TEST_F(TerminalCli, ListShowsWhoIsThereAndHowOldTheKeysAre) {
  const Json never = {{"serial", "TC-1"},
                      {"room", "Door"},
                      {"mode", "training"},
                      {"languages", Json::array()},
                      {"state", "active"},
                      {"connected", true},
                      {"last_seen", "2026-03-02T08:01:02.123Z"},
                      {"enrolled", nullptr},
                      {"enrolled_by", nullptr},
                      {"key_age_s", 273600},
                      {"new_key", "rotation"},
                      {"revoked", nullptr},
                      {"revoked_by", nullptr},
                      {"revoked_reason", nullptr}};
  Json gone = never;
  gone["serial"] = "TC-2";
  gone["state"] = "revoked";
  gone["connected"] = false;
  gone["languages"] = {"fr", "nl"};
  gone["key_age_s"] = nullptr;
  gone["new_key"] = nullptr;
  gone["revoked"] = "2026-03-02T08:01:02.123Z";
  gone["revoked_by"] = "desk-1";
  gone["revoked_reason"] = "It was stolen.";
  daemon_ = [&](const http::Request&) { return ok({{"terminals", {never, gone}}}); };
  const Ran ran = rollcall({"terminal", "list"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(
      ran.out,
      "TERMINAL  ROOM  MODE      LANGUAGES   STATE    CONNECTED  LAST SEEN             KEY AGE\n"
      "TC-1      Door  training  the site's  active   yes        2026-03-02 08:01:02Z  3 d 4 h, "
      "a new one waits\n"
      "TC-2      Door  training  fr,nl       revoked  no         2026-03-02 08:01:02Z  -\n"
      "\n"
      "TC-2 was revoked 2026-03-02 08:01:02Z by desk-1: It was stolen.\n");
}

TEST_F(TerminalCli, MoveSendsOnlyWhatIsGiven) {
  daemon_ = [](const http::Request&) {
    return ok({{"serial", "TC-1"}, {"room", "Hall"}, {"mode", "training"}, {"languages", {"fr"}}});
  };
  const Ran ran = rollcall({"terminal", "move", "TC-1", "--room", "Hall", "--actor", "desk-1"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(asked_.back(), "POST /api/v1/terminals/TC-1/move");
  EXPECT_EQ(body_, (Json{{"room", "Hall"}, {"actor", "desk-1"}}));
  EXPECT_THAT(ran.out, HasSubstr("TC-1 stands in Hall now, for training, in fr."));
  rollcall({"terminal", "move", "TC-1", "--mode", "childcare", "--languages", "nl,fr"});
  EXPECT_EQ(body_["languages"], (Json{"nl", "fr"}));
  EXPECT_EQ(body_["mode"], "childcare");
  EXPECT_THAT(body_["actor"].get<std::string>(), HasSubstr("unix:"));
  EXPECT_EQ(rollcall({"terminal", "move", "TC-1", "--mode", "school"}).exit, 2);
}

TEST_F(TerminalCli, RotateSaysWhichKeysAreAccepted) {
  daemon_ = [](const http::Request&) {
    return ok({{"serial", "TC-1"}, {"handed_over", true}, {"reason", nullptr}});
  };
  EXPECT_THAT(rollcall({"terminal", "rotate-key", "TC-1"}).out,
              HasSubstr("TC-1 has stored its new key"));
  daemon_ = [](const http::Request&) {
    return ok({{"serial", "TC-1"}, {"handed_over", false}, {"reason", "the connection broke"}});
  };
  const Ran broken = rollcall({"terminal", "rotate-key", "TC-1"});
  EXPECT_EQ(broken.exit, 1);
  EXPECT_THAT(broken.out, HasSubstr("both accepted"));
}

TEST_F(TerminalCli, RevokeNeedsAReasonAndTellsWhatMayBeLost) {
  EXPECT_EQ(rollcall({"terminal", "revoke", "TC-1"}).exit, 2);
  daemon_ = [](const http::Request&) { return ok({{"serial", "TC-1"}, {"waiting", nullptr}}); };
  const Ran ran =
      rollcall({"terminal", "revoke", "TC-1", "--reason", "It was stolen.", "--actor", "desk-1"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(body_, (Json{{"reason", "It was stolen."}, {"actor", "desk-1"}}));
  EXPECT_THAT(ran.out, HasSubstr("nobody knows whether taps wait in it"));
}

}  // namespace
}  // namespace rollcall::provisioning
