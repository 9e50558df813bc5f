// `rollcall terminal update`, `identify`, `stats` and `log` against a daemon that plays its part.
#include <algorithm>
#include <csignal>
#include <fstream>

#include <gmock/gmock.h>

#include "tests/unit/provisioning/daemon_double.hpp"

namespace rollcall::provisioning {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class UpdateCli : public DaemonDouble {
 protected:
  UpdateCli() { write(std::string(1000, 'x')); }

  std::string file() const { return (folder_.folder() / "image.bin").string(); }
  void write(const std::string& image) const { std::ofstream(file(), std::ios::binary) << image; }
  static Json seen(const std::string& state, int sent = 0, const Json& problem = nullptr,
                   const Json& reason = nullptr) {
    return {{"serial", "TC-9"}, {"version", "2.0.0"},    {"bytes", 1000},      {"digest", "ab12"},
            {"slot", 1},        {"security_counter", 0}, {"state", state},     {"problem", problem},
            {"reason", reason}, {"sent", sent},          {"seconds_left", 120}};
  }
  // A daemon whose update is seen so, one after the other; the last for good.
  void goes_through(std::vector<Json> steps) {
    daemon_ = [steps = std::move(steps),
               at = std::size_t{0}](const http::Request& request) mutable {
      if (request.method == "DELETE") return ok(seen("failed", 0, nullptr, "it was cancelled"));
      return ok(steps[std::min(at++, steps.size() - 1)]);
    };
  }
  Ran update(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"terminal",  "update", "TC-9",    "--image", file(),
                                       "--version", "2.0.0",  "--actor", "desk-1"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return rollcall(arguments);
  }
};

TEST_F(UpdateCli, TellsHowFarItIsAndThatNothingWasStarted) {
  goes_through({seen("offered"), seen("transferring", 0), seen("transferring", 550),
                seen("waiting_for_terminal", 550), seen("offered", 550), seen("transferring", 900),
                seen("staged", 1000)});
  const Ran ran = update();
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(ran.err, "");
  EXPECT_THAT(ran.out, HasSubstr("The image is offered to TC-9. Ctrl-C stops it.\n"
                                 "TC-9 wants it; it is on its way.\n50 %\n"
                                 "The connection broke. The image goes on where TC-9 has got to"));
  EXPECT_THAT(ran.out, HasSubstr("90 %\nTC-9 holds 2.0.0 in slot 1, whole and as it was sent (1000 "
                                 "bytes). Nothing has started it"));
}

TEST_F(UpdateCli, SendsTheImageAndWhatWasGiven) {
  std::string first;
  std::size_t size = 0;
  daemon_ = [&](const http::Request& request) {
    first = request.path;
    size = request.body.size();
    EXPECT_EQ(request.query.at("version"), "2.0.0");
    EXPECT_EQ(request.query.at("security_counter"), "7");
    EXPECT_EQ(request.query.at("slot"), "0");
    EXPECT_EQ(request.query.at("actor"), "desk-1");
    return ok(seen("staged", 1000));
  };
  EXPECT_EQ(update({"--security-counter", "7", "--slot", "0"}).exit, 0);
  EXPECT_EQ(first, "/api/v1/terminals/TC-9/update");
  EXPECT_EQ(size, 1000u);
  daemon_ = [&](const http::Request& request) {
    EXPECT_FALSE(request.query.contains("slot")) << "the daemon chooses the one not in use";
    return ok(seen("staged", 1000));
  };
  EXPECT_EQ(update().exit, 0);
}

TEST_F(UpdateCli, EachRefusalSaysWhatToDoAndWhatIsSafe) {
  std::vector<std::string> told;
  for (const char* problem : {"unsupported", "too_large", "too_old", "wrong_slot", "digest",
                              "storage", "signature", "unknown"}) {
    goes_through({seen("offered"), seen("refused", 0, problem)});
    const Ran ran = update();
    EXPECT_EQ(ran.exit, 1);
    EXPECT_THAT(ran.err, HasSubstr("TC-9 did not take the image: "));
    EXPECT_THAT(ran.err, HasSubstr("goes on with the firmware that it runs"));
    told.push_back(ran.err);
  }
  std::ranges::sort(told);
  EXPECT_EQ(std::ranges::adjacent_find(told), told.end());
}

TEST_F(UpdateCli, AFailureSaysWhyAndThatItMayBeRepeated) {
  goes_through({seen("transferring", 300),
                seen("failed", 300, nullptr, "the terminal did not answer in time")});
  const Ran ran = update();
  EXPECT_EQ(ran.exit, 1);
  EXPECT_THAT(ran.err, HasSubstr("The image did not come through: the terminal did not answer in "
                                 "time. The terminal goes on"));
  daemon_ = [](const http::Request&) {
    return http::problem(409, "Conflict", "TC-9 is not connected; nothing was changed");
  };
  const Ran away = update();
  EXPECT_EQ(away.exit, 1);
  EXPECT_EQ(away.err, "rollcalld refused: TC-9 is not connected; nothing was changed.\n");
}

TEST_F(UpdateCli, AFileThatIsNoImageIsNotSentAtAll) {
  goes_through({seen("staged")});
  write("");
  EXPECT_THAT(update().err, HasSubstr("is empty. Nothing was sent"));
  write(std::string((std::size_t{4} << 20) + 1, 'x'));
  EXPECT_THAT(update().err, HasSubstr("larger than 4 MiB"));
  const Ran missing =
      rollcall({"terminal", "update", "TC-9", "--image", file() + ".no", "--version", "2"});
  EXPECT_EQ(missing.exit, 2);
  EXPECT_THAT(missing.err, HasSubstr("cannot be read"));
  const Ran folder = rollcall(
      {"terminal", "update", "TC-9", "--image", folder_.folder().string(), "--version", "2"});
  EXPECT_EQ(folder.exit, 2);
  EXPECT_TRUE(asked_.empty());
  write(std::string(std::size_t{4} << 20, 'x'));
  EXPECT_EQ(update().exit, 0) << "the largest";
}

TEST_F(UpdateCli, CtrlCStopsIt) {
  goes_through({seen("transferring", 300)});
  std::thread impatient([] {
    std::this_thread::sleep_for(std::chrono::milliseconds{700});
    ::kill(::getpid(), SIGINT);
  });
  const Ran ran = update();
  impatient.join();
  EXPECT_EQ(ran.exit, 130);
  EXPECT_EQ(asked_.back(), "DELETE /api/v1/update");
  EXPECT_THAT(ran.err, HasSubstr("You stopped it. The terminal goes on"));
}

TEST_F(UpdateCli, ADaemonThatGoesAwayIsTold) {
  daemon_ = [first = true](const http::Request&) mutable {
    if (std::exchange(first, false)) return ok(seen("transferring", 300));
    http::Response gone;
    gone.drop = true;
    return gone;
  };
  const Ran ran = update();
  EXPECT_EQ(ran.exit, 3);
  EXPECT_THAT(ran.err, HasSubstr("give the same command again"));
}

TEST_F(UpdateCli, InJsonOnlyTheEndIsTold) {
  goes_through({seen("offered"), seen("transferring", 500), seen("staged", 1000)});
  const Ran ran = update({"--json"});
  EXPECT_EQ(Json::parse(ran.out)["state"], "staged");
  goes_through({seen("offered"), seen("refused", 0, "too_old")});
  EXPECT_EQ(Json::parse(update({"--json"}).out)["problem"], "too_old");
}

TEST_F(UpdateCli, IdentifySaysForHowLong) {
  daemon_ = [this](const http::Request&) {
    return ok({{"serial", "TC-9"}, {"seconds", body_.at("seconds")}});
  };
  EXPECT_THAT(rollcall({"terminal", "identify", "TC-9"}).out,
              HasSubstr("TC-9 blinks and sounds for 15 seconds."));
  EXPECT_EQ(asked_.back(), "POST /api/v1/terminals/TC-9/identify");
  EXPECT_EQ(rollcall({"terminal", "identify", "TC-9", "--seconds", "0"}).out,
            "TC-9 is quiet again.\n");
  EXPECT_EQ(rollcall({"terminal", "identify", "TC-9", "--seconds", "61"}).exit, 2);
}

TEST_F(UpdateCli, StatsAreATable) {
  Json stats = {{"uptime_ms", 273'600'000}};
  int count = 0;
  for (const char* key :
       {"taps", "not_accepted", "gave_up", "late_answers", "retransmissions", "bad_frames",
        "bad_tags", "bad_messages", "screens_stored", "storage_errors", "reader_errors"})
    stats[key] = ++count;
  daemon_ = [&](const http::Request&) { return ok({{"serial", "TC-9"}, {"stats", stats}}); };
  const Ran ran = rollcall({"terminal", "stats", "TC-9"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.out,
              HasSubstr("TC-9\nCOUNT  SINCE ITS START, 3 d 4 h AGO\n1      taps recorded\n"));
  EXPECT_THAT(ran.out, HasSubstr("11     reader operations that failed\n"));
}

TEST_F(UpdateCli, ALogIsPrintedLineByLine) {
  std::string asked;
  daemon_ = [&](const http::Request& request) {
    asked = request.path;
    return ok(
        {{"serial", "TC-9"}, {"log", "0.001 info started\n2.500 warning link \x1b[31mdown\n"}});
  };
  const Ran ran = rollcall({"terminal", "log", "TC-9"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(asked, "/api/v1/terminals/TC-9/log");
  EXPECT_THAT(ran.out, ::testing::StartsWith("0.001 info started\n2.500 warning link "));
  EXPECT_THAT(ran.out, Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace rollcall::provisioning
