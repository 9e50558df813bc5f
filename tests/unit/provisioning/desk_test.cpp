// rollcall person and rollcall attendance.
#include <gmock/gmock.h>

#include "tests/unit/provisioning/daemon_double.hpp"

namespace rollcall::provisioning {
namespace {

using ::testing::HasSubstr;

struct DeskCli : DaemonDouble {
  DeskCli() {
    add("GET", "/api/v1/people");
    add("POST", "/api/v1/attendance/assist");
  }
};

TEST_F(DeskCli, FindListsWhoWasFound) {
  daemon_ = [](const http::Request&) {
    return ok(
        {{"people",
          {{{"person", "p-31"}, {"name", "Amina Haddad"}, {"role", "participant"}, {"here", true}},
           {{"person", "p-33"}, {"name", nullptr}, {"role", "participant"}, {"here", false}}}},
         {"more", true}});
  };
  const Ran ran = rollcall({"person", "find", "ami na"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(sent_.query.at("find"), "ami na");
  EXPECT_EQ(ran.out,
            "PERSON  NAME          ROLE         HERE\n"
            "p-31    Amina Haddad  participant  yes\n"
            "p-33    -             participant  no\n"
            "There are more; give more letters.\n");
}

TEST_F(DeskCli, AssistSaysWhoWhatWhyAndBy) {
  daemon_ = [](const http::Request&) {
    return ok({{"person", "p-31"},
               {"direction", "in"},
               {"time", "2026-03-02T07:55:00.000Z"},
               {"room", "Door"},
               {"session", "S-AM"}});
  };
  const Ran ran = rollcall(
      {"attendance", "assist", "p-31", "--cause", "no_card", "--at", "08:55", "--actor", "desk-1"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "p-31 came at 2026-03-02 07:55:00Z, Door, for S-AM. It is recorded as assisted.\n");
  EXPECT_EQ(body_, (Json{{"person", "p-31"},
                         {"direction", "in"},
                         {"cause", "no_card"},
                         {"at", "08:55"},
                         {"actor", "desk-1"}}));
}

TEST_F(DeskCli, WhatTheDaemonRefusesIsSaid) {
  daemon_ = [](const http::Request&) {
    return http::problem(409, "Conflict",
                         "this person is recorded as here already; nothing was changed");
  };
  const Ran ran = rollcall({"attendance", "assist", "p-31", "--cause", "no_card", "--left"});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_EQ(body_["direction"], "out");
  EXPECT_THAT(ran.err, HasSubstr("recorded as here already"));
}

TEST_F(DeskCli, WithoutACauseNothingIsAsked) {
  EXPECT_EQ(rollcall({"attendance", "assist", "p-31"}).exit, 2);
  EXPECT_TRUE(asked_.empty());
}

}  // namespace
}  // namespace rollcall::provisioning
