// rollcall card.
#include <gmock/gmock.h>

#include "tests/unit/provisioning/daemon_double.hpp"

namespace rollcall::provisioning {
namespace {

using ::testing::HasSubstr;

struct CardCli : DaemonDouble {
  CardCli() {
    add("GET", "/api/v1/cards");
    add("POST", "/api/v1/cards/withdraw");
    for (const char* method : {"POST", "GET", "DELETE"}) add(method, "/api/v1/cards/issue");
  }
  // The daemon is at the next of these each time that it is asked, and stays at the last.
  void goes_through(std::vector<std::string> states, const Json& reason = nullptr) {
    daemon_ = [this, states = std::move(states), reason](const http::Request&) {
      const std::string& state = states[std::min(step_++, states.size() - 1)];
      return ok({{"serial", "TC-1"},
                 {"person", "p-31"},
                 {"state", state},
                 {"reason", reason},
                 {"seconds_left", 60}});
    };
  }
  Ran issue(const char* how = "issue") {
    return rollcall({"card", how, "--person", "p-31", "--terminal", "TC-1", "--reason",
                     "First day.", "--actor", "desk-1"});
  }
  std::size_t step_ = 0;
};

TEST_F(CardCli, IssuingTellsWhatToDoAndWhenItIsDone) {
  goes_through({"waiting_for_card", "issuing", "issuing", "storing", "done"});
  const Ran ran = issue();
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "Hold the card to TC-1 and keep it there until this says that it is done (60 seconds). "
            "Ctrl-C ends it. Do it where nobody else stands near.\n"
            "The card is there; keep it at the reader.\n"
            "The card is p-31's now. From now on it has to prove its key.\n");
  EXPECT_EQ(body_, (Json{{"person", "p-31"},
                         {"serial", "TC-1"},
                         {"replaces", false},
                         {"reason", "First day."},
                         {"actor", "desk-1"}}));
}

TEST_F(CardCli, ReplacingSaysThatTheOneBeforeIsOver) {
  goes_through({"waiting_for_card", "done"});
  EXPECT_THAT(issue("replace").out, HasSubstr("The one before is no longer accepted."));
  EXPECT_EQ(body_["replaces"], true);
}

TEST_F(CardCli, EachOtherEndSaysWhyAndThatNothingIsChanged) {
  const std::pair<const char*, const char*> ends[] = {
      {"taken", "issued before"},     {"refused", "MIFARE DESFire EV1"},
      {"card_gone", "hold the card"}, {"expired", "No card came in time"},
      {"cancelled", "was cancelled"}, {"failed", "the disk is full"}};
  for (const auto& [state, says] : ends) {
    step_ = 0;
    goes_through({"waiting_for_card", state}, "the disk is full");
    const Ran ran = issue();
    EXPECT_EQ(ran.exit, 1) << state;
    EXPECT_THAT(ran.err, HasSubstr(says));
    EXPECT_THAT(ran.err, HasSubstr("Nobody was given a card"));
    EXPECT_THAT(ran.out, Not(HasSubstr("now."))) << state;
  }
}

TEST_F(CardCli, AnotherDesksCardIsNotTakenForThisOne) {
  daemon_ = [this](const http::Request&) {
    return ok({{"serial", "TC-1"},
               {"person", step_++ == 0 ? "p-31" : "p-77"},
               {"state", step_ == 1 ? "waiting_for_card" : "done"},
               {"reason", nullptr},
               {"seconds_left", 60}});
  };
  const Ran ran = issue();
  EXPECT_EQ(ran.exit, 1);
  EXPECT_THAT(ran.err, HasSubstr("Another card has taken the place of this one."));
}

TEST_F(CardCli, ADaemonThatGoesAwayLeavesNoDoubt) {
  daemon_ = [this](const http::Request&) {
    if (step_++ == 0) {
      return ok({{"serial", "TC-1"},
                 {"person", "p-31"},
                 {"state", "waiting_for_card"},
                 {"reason", nullptr},
                 {"seconds_left", 60}});
    }
    return http::problem(503, "Service Unavailable", "the daemon stops");
  };
  const Ran ran = issue();
  EXPECT_NE(ran.exit, 0);
  EXPECT_THAT(ran.err, HasSubstr("Whether the card was issued says `rollcall card list`"));
}

TEST_F(CardCli, LostAndRevokedSayWhoWhyAndBy) {
  for (const auto& [command, state] : {std::pair{"lost", "lost"}, std::pair{"revoke", "revoked"}}) {
    daemon_ = [state](const http::Request&) { return ok({{"person", "p-31"}, {"state", state}}); };
    const Ran ran = rollcall(
        {"card", command, "--person", "p-31", "--reason", "On the tram.", "--actor", "desk-1"});
    EXPECT_EQ(ran.exit, 0) << ran.err;
    EXPECT_THAT(ran.out, HasSubstr(std::string("The card of p-31 is ") + state));
    EXPECT_EQ(body_, (Json{{"person", "p-31"},
                           {"state", state},
                           {"reason", "On the tram."},
                           {"actor", "desk-1"}}));
  }
}

TEST_F(CardCli, TheListShowsNoWholeToken) {
  daemon_ = [](const http::Request&) {
    return ok({{"cards",
                {{{"person", "p-31"},
                  {"card", std::string(64, 'a')},
                  {"state", "issued"},
                  {"issued", "2026-03-02T07:50:00.000Z"},
                  {"since", "2026-03-02T07:50:00.000Z"},
                  {"by", "desk-1"},
                  {"reason", "First\x1b[2Jday"}}}}});
  };
  const Ran ran = rollcall({"card", "list"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("p-31    aaaaaaaa  issued"));
  EXPECT_THAT(ran.out, Not(HasSubstr("aaaaaaaaa")));
  EXPECT_THAT(ran.out, Not(HasSubstr("\x1b"))) << "whoever wrote it does not command the terminal";
}

TEST_F(CardCli, WithoutAPersonOrAReasonNothingIsAsked) {
  EXPECT_EQ(rollcall({"card", "lost", "--person", "p-31"}).exit, 2);
  EXPECT_EQ(rollcall({"card", "issue", "--person", "p-31", "--reason", "r"}).exit, 2);
  EXPECT_TRUE(asked_.empty());
}

}  // namespace
}  // namespace rollcall::provisioning
