// rollcall person and rollcall attendance.
#include <filesystem>

#include <gmock/gmock.h>

#include "tests/unit/provisioning/daemon_double.hpp"

namespace rollcall::provisioning {
namespace {

using ::testing::HasSubstr;

struct DeskCli : DaemonDouble {
  DeskCli() {
    add("GET", "/api/v1/people");
    add("POST", "/api/v1/attendance/assist");
    add("POST", "/api/v1/codes");
    add("POST", "/api/v1/codes/withdraw");
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

TEST_F(DeskCli, ACodeIsReadOutInTwoHalves) {
  daemon_ = [](const http::Request&) {
    return ok({{"person", "p-31"},
               {"code", "12345678"},
               {"kind", "day"},
               {"expires", "2026-03-02T23:00:00.000Z"}});
  };
  const Ran ran =
      rollcall({"code", "issue", "p-31", "--reason", "card at home", "--actor", "desk-1"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "The code of p-31 is 1234 5678. It is good until tonight.\n"
            "It is shown here and nowhere else.\n");
  EXPECT_EQ(body_["kind"], "day");
  rollcall({"code", "issue", "p-31", "--reason", "r", "--once"});
  EXPECT_EQ(body_["kind"], "once");
  rollcall({"code", "issue", "p-31", "--reason", "r", "--lasting"});
  EXPECT_EQ(body_["kind"], "lasting");
  EXPECT_EQ(rollcall({"code", "issue", "p-31", "--reason", "r", "--lasting", "--once"}).exit, 2);
}

TEST_F(DeskCli, WithdrawingSaysHowMany) {
  daemon_ = [](const http::Request&) { return ok({{"person", "p-31"}, {"withdrawn", 2}}); };
  EXPECT_EQ(rollcall({"code", "withdraw", "p-31", "--reason", "seen"}).out,
            "2 codes of p-31 are no longer accepted.\n");
}

struct CodeCli : DeskCli {
  CodeCli() {
    daemon_ = [this](const http::Request&) {
      ++asked_;
      return ok({{"person", "p-31"},
                 {"code", "10223344"},
                 {"kind", "day"},
                 {"expires", "2026-03-02T23:00:00.000Z"},
                 {"page",
                  {{{"language", "fr"},
                    {"title", "Votre code"},
                    {"use", "Montrez-le"},
                    {"valid", "Valable le 02/03/2026"}}}}});
    };
  }
  Ran issue(std::vector<std::string> more) {
    std::vector<std::string> all{"code", "issue", "p-31", "--reason", "The card is at home."};
    all.insert(all.end(), more.begin(), more.end());
    return rollcall(all);
  }
  int asked_ = 0;
};

TEST_F(CodeCli, PageIsANewFileForItsOwnerAlone) {
  const std::filesystem::path page = folder_.folder() / "code.svg";
  const Ran ran = issue({"--qr", page});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("1022 3344"));
  ASSERT_TRUE(std::filesystem::exists(page));
  EXPECT_GT(std::filesystem::file_size(page), 1000u);
  EXPECT_EQ(std::filesystem::status(page).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  const auto before = std::filesystem::file_size(page);
  const Ran again = issue({"--qr", page});
  EXPECT_EQ(again.exit, 2);
  EXPECT_THAT(again.err, HasSubstr("code.svg cannot be made: File exists; no code was given out"));
  EXPECT_EQ(std::filesystem::file_size(page), before);
  EXPECT_EQ(asked_, 1);
}

TEST_F(CodeCli, WhatCannotBeDrawnIsNoCodeGivenOut) {
  for (const char* wrong : {"code.txt", "code", "/nowhere/code.svg"}) {
    const Ran ran = issue({"--qr", wrong});
    EXPECT_EQ(ran.exit, 2) << wrong;
    EXPECT_THAT(ran.err, HasSubstr("no code was given out"));
  }
  EXPECT_EQ(rollcall({"--json", "code", "issue", "p-31", "--reason", "x", "--qr", "-"}).exit, 2);
  EXPECT_EQ(asked_, 0);
}

TEST_F(CodeCli, NoPageIsLeftWhenTheDaemonRefuses) {
  daemon_ = [](const http::Request&) {
    return http::problem(409, "Conflict", "nobody here has the id p-31; nothing was changed");
  };
  const std::filesystem::path page = folder_.folder() / "code.png";
  EXPECT_EQ(issue({"--qr", page}).exit, 1);
  EXPECT_FALSE(std::filesystem::exists(page));
}

TEST_F(CodeCli, TerminalShowsIt) {
  const Ran ran = issue({"--qr", "-"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("\u2588"));
}

}  // namespace
}  // namespace rollcall::provisioning
