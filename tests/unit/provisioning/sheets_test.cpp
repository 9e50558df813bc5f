// rollcall sheets list, print and certificate, and rollcall person name.
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>

#include "tests/unit/provisioning/daemon_double.hpp"

namespace rollcall::provisioning {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

struct SheetCli : DaemonDouble {
  SheetCli() {
    add("GET", "/api/v1/sheets");
    add("GET", "/api/v1/sheets/{session}/{day}/pdf");
    add("GET", "/api/v1/people/{person}/certificates");
    add("GET", "/api/v1/people/{person}/certificates/pdf");
    add("POST", "/api/v1/people/{person}/name");
    daemon_ = [](const http::Request&) {
      http::Response response;
      response.body = std::string("%PDF-1.5\0 and bytes", 19);
      response.content_type = "application/pdf";
      return response;
    };
  }
  std::string file(const char* name) const { return (folder_.folder() / name).string(); }
  static std::string content(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::stringstream all;
    all << in.rdbuf();
    return all.str();
  }
};

TEST_F(SheetCli, PrintPutsTheFileWhereNobodyElseReadsIt) {
  const std::string out = file("sheet.pdf");
  const Ran ran = rollcall({"sheets", "print", "S/AM", "2026-03-02", "--version", "1", "--language",
                            "fr", "--out", out});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(ran.out, out + "\n");
  EXPECT_EQ(content(out), std::string("%PDF-1.5\0 and bytes", 19));
  EXPECT_EQ(fs::status(out).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(sent_.params.at("session"), "S/AM");
  EXPECT_EQ(sent_.query.at("version"), "1");
  EXPECT_EQ(sent_.query.at("language"), "fr");
}

TEST_F(SheetCli, AFileThatIsThereStaysAndNothingIsAsked) {
  const std::string out = file("mine.pdf");
  std::ofstream(out) << "mine";
  const Ran ran = rollcall({"sheets", "print", "S", "2026-03-02", "--out", out});
  EXPECT_EQ(ran.exit, 2);
  EXPECT_THAT(ran.err, HasSubstr("nothing was asked"));
  EXPECT_TRUE(asked_.empty());
  EXPECT_EQ(content(out), "mine");
}

TEST_F(SheetCli, ATrainerSeesTheirOwnHalfDays) {
  daemon_ = [](const http::Request&) {
    const auto one = [](const char* session, const char* trainer) {
      return nlohmann::ordered_json{{"session", session}, {"half_day", "am"},    {"start", "09:00"},
                                    {"end", "12:30"},     {"title", "Anything"}, {"state", "open"},
                                    {"present", 1},       {"expected", 2},       {"done", 0},
                                    {"trainer", trainer}};
    };
    return ok(
        {{"day", "2026-03-02"}, {"sheets", {one("S-MINE", "p-g99t"), one("S-OTHER", "p-75w5")}}});
  };
  const Ran ran = rollcall({"sheets", "list", "--trainer", "p-g99t"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("S-MINE"));
  EXPECT_THAT(ran.out, ::testing::Not(HasSubstr("S-OTHER")));
  EXPECT_THAT(rollcall({"sheets", "list", "--trainer", "p-kj5r"}).out,
              HasSubstr("No session of p-kj5r takes place on 2026-03-02."));
}

TEST_F(SheetCli, WhatTheDaemonRefusesLeavesNoFile) {
  daemon_ = [](const http::Request&) {
    return http::problem(404, "Not Found", "there is no such version");
  };
  const std::string out = file("none.pdf");
  const Ran ran = rollcall({"sheets", "print", "S", "2026-03-02", "--version", "9", "--out", out});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_THAT(ran.err, HasSubstr("there is no such version"));
  EXPECT_FALSE(fs::exists(out));
}

TEST_F(SheetCli, ACertificateIsAFileOrItsFigures) {
  const std::string out = file("certificate.pdf");
  EXPECT_EQ(rollcall({"sheets", "certificate", "p-1", "--from", "2026-03-01", "--to", "2026-03-31",
                      "--course", "C 1", "--out", out})
                .exit,
            0);
  EXPECT_EQ(asked_.back(), "GET /api/v1/people/p-1/certificates/pdf");
  EXPECT_EQ(sent_.query.at("course"), "C 1");
  EXPECT_EQ(sent_.query.at("to"), "2026-03-31");
  EXPECT_TRUE(fs::exists(out));
  daemon_ = [](const http::Request&) {
    return ok({{"person", "p-1"},
               {"courses",
                {{{"course", "C"},
                  {"modules",
                   {{{"title", "First steps"},
                     {"minutes", 185},
                     {"planned_minutes", 420},
                     {"attended", 1},
                     {"held", 2}}}}}}},
               {"left_out", {{{"session", "S"}, {"day", "2026-03-03"}}}}});
  };
  const Ran ran =
      rollcall({"sheets", "certificate", "p-1", "--from", "2026-03-01", "--to", "2026-03-31"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("3 h 05"));
  EXPECT_THAT(ran.out, HasSubstr("7 h 00"));
  EXPECT_THAT(ran.out,
              HasSubstr("1 half-day is not confirmed and counts for nothing: S 2026-03-03"));
}

TEST_F(SheetCli, ANameIsSeenForAReason) {
  daemon_ = [](const http::Request&) { return ok({{"person", "p-1"}, {"name", "Ann Doe"}}); };
  EXPECT_EQ(rollcall({"person", "name", "p-1"}).exit, 2) << "why?";
  EXPECT_TRUE(asked_.empty());
  const Ran ran = rollcall({"person", "name", "p-1", "--reason", "For the court."});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("p-1 is Ann Doe."));
  EXPECT_EQ(body_["reason"], "For the court.");
  EXPECT_THAT(body_["actor"].get<std::string>(), HasSubstr("unix:"));
}

}  // namespace
}  // namespace rollcall::provisioning
