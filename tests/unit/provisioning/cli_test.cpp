#include "provisioning/cli.hpp"

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "hal/host/http/http.hpp"
#include "tests/unit/daemon/scratch_folder.hpp"

namespace rollcall::provisioning {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

struct Ran {
  int exit;
  std::string out, err;
};

Ran rollcall(std::vector<std::string> arguments) {
  std::ostringstream out;
  std::ostringstream err;
  const int exit = run(arguments, out, err);
  return {exit, out.str(), err.str()};
}

// A daemon that answers as told and remembers what it was asked.
class CliTest : public ::testing::Test {
 protected:
  CliTest() {
    const auto tell =
        [this](const http::Request& request) -> http::asio::awaitable<http::Response> {
      asked_.push_back(request);
      co_return answer_;
    };
    for (const char* path : {"/api/v1/status", "/api/v1/inbox", "/api/v1/delivery/rejected"})
      router_.add("GET", path, tell);
    for (const char* path :
         {"/api/v1/cards/attach", "/api/v1/delivery/retry", "/api/v1/inbox/close"}) {
      router_.add("POST", path, tell);
    }
    socket_ = (folder_.folder() / "control.sock").string();
    server_ = std::make_unique<http::Server>(io_.get_executor(), router_);
    if (const auto listening = server_->listen_unix(socket_, 0600); !listening)
      throw std::runtime_error(listening.error());
    thread_ = std::thread([this] { io_.run(); });
  }
  ~CliTest() override {
    boost::asio::post(io_, [this] { server_->stop(); });
    thread_.join();
  }

  Ran ask(std::vector<std::string> arguments, const Json& answer, unsigned status = 200) {
    answer_.status = status;
    answer_.body = answer.dump();
    arguments.insert(arguments.end(), {"--socket", socket_});
    return rollcall(std::move(arguments));
  }
  Json body() const { return Json::parse(asked_.back().body); }

  testing::ScratchFolder folder_;
  boost::asio::io_context io_{1};
  http::Router router_;
  http::Response answer_;
  std::vector<http::Request> asked_;
  std::unique_ptr<http::Server> server_;
  std::string socket_;
  std::thread thread_;
};

TEST_F(CliTest, AttachSendsTheCardThePersonWhyAndWho) {
  const Ran ran =
      ask({"card", "attach", "9f31c0de", "p-7", "--reason", "new card", "--actor", "desk-1"},
          {{"token", "9f31c0de00"}, {"person", "p-7"}, {"earlier_taps", 2}});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(
      ran.out,
      "The card belongs to p-7. Its 2 earlier taps are that person's now, with their own times.\n");
  EXPECT_EQ(
      body(),
      (Json{
          {"token", "9f31c0de"}, {"person", "p-7"}, {"reason", "new card"}, {"actor", "desk-1"}}));
}

TEST_F(CliTest, WhoActsIsTheLocalAccountUnlessNamed) {
  const Ran ran = ask({"inbox", "close", "4"}, {{"id", 4}, {"closed", true}, {"was_open", true}});
  EXPECT_EQ(ran.out, "Closed 4.\n");
  EXPECT_THAT(body()["actor"].get<std::string>(), HasSubstr("unix:"));
}

TEST_F(CliTest, RetryPassesTheReason) {
  EXPECT_THAT(ask({"delivery", "retry", "--reason", "unknown-person"}, {{"events", 20}}).out,
              HasSubstr("20 events are on the way again"));
  EXPECT_EQ(body()["reason"], "unknown-person");
  EXPECT_THAT(body()["actor"].get<std::string>(), HasSubstr("unix:"));
  EXPECT_THAT(ask({"delivery", "retry"}, {{"events", 0}}).out, HasSubstr("nothing was sent again"));
  EXPECT_FALSE(body().contains("reason"));
}

TEST_F(CliTest, RejectedIsFilteredByTheDaemon) {
  const Json none = {
      {"total", 0}, {"reasons", Json::object()}, {"events", Json::array()}, {"next", nullptr}};
  EXPECT_EQ(ask({"delivery", "rejected", "--reason", "a b&c"}, none).exit, 0);
  EXPECT_EQ(asked_.back().query.at("reason"), "a b&c");
}

TEST_F(CliTest, JsonIsPassedThroughForPrograms) {
  const Ran ran = ask({"--json", "inbox"}, {{"open", 0}, {"items", Json::array()}});
  EXPECT_EQ(Json::parse(ran.out)["open"], 0);
  EXPECT_EQ(
      Json::parse(ask({"inbox", "--json"}, {{"open", 0}, {"items", Json::array()}}).out)["open"],
      0);
}

TEST_F(CliTest, RefusalIsTheDaemonsOwnSentence) {
  const Ran ran = ask(
      {"card", "attach", "9f31c0de", "p-99", "--reason", "r"},
      {{"title", "Conflict"}, {"detail", "nobody here has the id p-99; nothing was changed"}}, 409);
  EXPECT_EQ(ran.exit, 1);
  EXPECT_EQ(ran.err, "rollcalld refused: nobody here has the id p-99; nothing was changed.\n");
}

TEST_F(CliTest, AnswersInAnotherShapeAreNotGuessedAt) {
  EXPECT_EQ(ask({"inbox"}, {{"hello", 1}}).exit, 1);
  EXPECT_EQ(ask({"inbox"}, Json::array()).exit, 1);
}

TEST_F(CliTest, SocketIsFoundThroughTheConfiguration) {
  const std::string file = (folder_.folder() / "rollcall.toml").string();
  std::ofstream{file}
      << "data_dir = \".\"\n[site]\nid = \"a\"\norganisation = \"o\"\nname = \"n\"\n"
         "timezone = \"Europe/Brussels\"\n[links]\nlisten = [\"unix:t.sock\"]\n";
  answer_.body = R"({"open": 0, "items": []})";
  EXPECT_EQ(rollcall({"--config", file, "inbox"}).out, "Nothing waits for staff.\n");
}

TEST(Cli, WrongConfigurationIsToldAndNothingIsAsked) {
  const Ran ran = rollcall({"--config", "/nonexistent.toml", "status"});
  EXPECT_EQ(ran.exit, 78);
  EXPECT_THAT(ran.err, HasSubstr("/nonexistent.toml:1: cannot be read"));
}

TEST(Cli, MissingDaemonIsToldWithWhatIsSafeAndWhatToDo) {
  const Ran ran = rollcall({"--socket", "/nonexistent/control.sock", "status"});
  EXPECT_EQ(ran.exit, 3);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err,
            "rollcalld is not running here: there is no socket /nonexistent/control.sock. Nothing "
            "was asked or changed; "
            "terminals keep every tap meanwhile.\n"
            "Start it with `rollcalld --config FILE`, or say where its socket is: --socket PATH or "
            "--config FILE.\n");
}

TEST(Cli, WrongCommandLinesAskNothing) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{},
                                                    {"fly"},
                                                    {"card", "attach", "9f31c0de"},
                                                    {"card", "attach", "9f31c0de", "p-7"},
                                                    {"inbox", "close"},
                                                    {"inbox", "close", "x"},
                                                    {"delivery"},
                                                    {"status", "extra"}}) {
    EXPECT_EQ(rollcall(arguments).exit, 2) << ::testing::PrintToString(arguments);
  }
}

TEST(Cli, HelpTellsTheExitCodes) {
  const Ran ran = rollcall({"--help"});
  EXPECT_EQ(ran.exit, 0);
  EXPECT_THAT(ran.out, HasSubstr("3   no daemon answered"));
  EXPECT_THAT(rollcall({"--version"}).out, HasSubstr("rollcall 0."));
}

}  // namespace
}  // namespace rollcall::provisioning
