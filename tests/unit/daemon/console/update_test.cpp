// Asking things of a terminal through the control socket: identify, stats, log, update.
#include <gmock/gmock.h>

#include "daemon/events/event.hpp"
#include "tests/unit/daemon/console/contract.hpp"
#include "tests/unit/daemon/console/fixture.hpp"

namespace rollcall::console {
namespace {

using terminals::UpdateStep;
using ::testing::HasSubstr;

class UpdateTest : public ConsoleTest {
 protected:
  http::Response post_image(const std::string& target, const std::string& image) {
    http::Request request;
    request.method = "POST";
    request.path = target;
    request.body = image;
    request.headers["Content-Type"] = "application/octet-stream";
    auto answer = http::request_unix(socket_, request, std::chrono::seconds{10});
    EXPECT_TRUE(answer) << answer.error().text;
    return answer.value_or(http::Response{});
  }
  http::Response begin(const std::string& query = "version=2.0.0&actor=desk-1",
                       const std::string& image = std::string(5000, 'x')) {
    return post_image("/api/v1/terminals/T-1/update?" + query, image);
  }
  void connect() {
    on_reactor([this] { live_.connected = true; });
  }
  std::string problems() {
    const http::Response update = control("GET", "/api/v1/update");
    return Contract::problems("Update", json_of(update));
  }
};

TEST_F(UpdateTest, AnImageGoesToATerminalThatIsThere) {
  EXPECT_EQ(control("GET", "/api/v1/update").status, 404u);
  EXPECT_THAT(begin().body, HasSubstr("T-1 is not connected; nothing was changed"));
  connect();
  const http::Response begun = begin("version=2.0.0&actor=desk-1&security_counter=7&slot=0");
  ASSERT_EQ(begun.status, 200u) << begun.body;
  EXPECT_EQ(Contract::problems("Update", json_of(begun)), "");
  EXPECT_EQ(json_of(begun)["state"], "offered");
  EXPECT_EQ(json_of(begun)["security_counter"], 7);
  EXPECT_EQ(json_of(begun)["slot"], 0);
  EXPECT_EQ(json_of(begun)["bytes"], 5000);
  EXPECT_EQ(live_.actor, "desk-1");
}

TEST_F(UpdateTest, TheLargestImageIsTakenAndALargerOneIsNot) {
  connect();
  const std::string largest(terminals::max_image_bytes, 'x');
  EXPECT_EQ(begin("version=2&actor=desk-1", largest).status, 200u);
  EXPECT_EQ(live_.image.size(), terminals::max_image_bytes);
  EXPECT_EQ(begin("version=2&actor=desk-1", largest + "x").status, 413u);
}

TEST_F(UpdateTest, EveryStepIsAsTheContractHasIt) {
  connect();
  begin();
  for (const UpdateStep step :
       {UpdateStep::waiting_for_terminal, UpdateStep::offered, UpdateStep::transferring,
        UpdateStep::staged, UpdateStep::refused, UpdateStep::failed}) {
    on_reactor([&] { live_.firmware->step = step; });
    EXPECT_EQ(problems(), "");
  }
  for (std::uint8_t problem = 0; problem <= 8; ++problem) {
    on_reactor([&] {
      live_.firmware->step = UpdateStep::refused;
      live_.firmware->problem = static_cast<protocol::UpdateProblem>(problem);
    });
    EXPECT_EQ(problems(), "") << int{problem};
  }
}

TEST_F(UpdateTest, CanBeCancelledOnce) {
  EXPECT_EQ(control("DELETE", "/api/v1/update").status, 409u);
  connect();
  begin();
  const http::Response cancelled = control("DELETE", "/api/v1/update");
  EXPECT_EQ(json_of(cancelled)["state"], "failed");
  EXPECT_EQ(json_of(cancelled)["reason"], "it was cancelled");
  EXPECT_EQ(control("DELETE", "/api/v1/update").status, 409u);
}

TEST_F(UpdateTest, WhatIsNotAsTheContractHasItChangesNothing) {
  connect();
  for (const char* query :
       {"", "version=2", "actor=desk-1", "version=&actor=desk-1", "version=a%20b&actor=desk-1",
        "version=1234567890123456789012345&actor=desk-1", "version=2&actor=desk-1&slot=2",
        "version=2&actor=desk-1&slot=", "version=2&actor=desk-1&security_counter=-1",
        "version=2&actor=desk-1&security_counter=4294967296"})
    EXPECT_EQ(begin(query).status, 400u) << query;
  EXPECT_EQ(begin("version=2&actor=desk-1", "").status, 400u);
  EXPECT_EQ(post_image("/api/v1/terminals/T-9/update?version=2&actor=desk-1", "x").status, 404u);
  EXPECT_EQ(control("GET", "/api/v1/update").status, 404u);
}

TEST_F(UpdateTest, ATerminalIsFound) {
  const std::string target = "/api/v1/terminals/T-1/identify";
  EXPECT_EQ(control("POST", target).status, 409u);
  connect();
  const http::Response usual = control("POST", target);
  ASSERT_EQ(usual.status, 200u) << usual.body;
  EXPECT_EQ(Contract::problems("Identified", json_of(usual)), "");
  EXPECT_EQ(live_.identified, std::chrono::seconds{15});
  EXPECT_EQ(control("POST", target, {{"seconds", 0}}).status, 200u);
  EXPECT_EQ(live_.identified, std::chrono::seconds{0});
  for (const Json& wrong : {Json(61), Json(-1), Json("9"), Json(1.5)})
    EXPECT_EQ(control("POST", target, {{"seconds", wrong}}).status, 400u);
  EXPECT_EQ(control("POST", "/api/v1/terminals/T-9/identify").status, 404u);
}

TEST_F(UpdateTest, ATerminalTellsItsCounters) {
  const std::string target = "/api/v1/terminals/T-1/stats";
  EXPECT_EQ(control("GET", target).status, 409u);
  connect();
  const http::Response told = control("GET", target);
  ASSERT_EQ(told.status, 200u) << told.body;
  EXPECT_EQ(Contract::problems("TerminalStats", json_of(told)), "");
  EXPECT_EQ(json_of(told)["stats"]["taps"], 41);
  EXPECT_EQ(control("GET", "/api/v1/terminals/T-9/stats").status, 404u);
}

TEST_F(UpdateTest, ATerminalSendsItsLog) {
  const std::string target = "/api/v1/terminals/T-1/log";
  EXPECT_EQ(control("GET", target).status, 409u);
  connect();
  const http::Response told = control("GET", target);
  ASSERT_EQ(told.status, 200u) << told.body;
  EXPECT_EQ(Contract::problems("TerminalLog", json_of(told)), "");
  EXPECT_EQ(json_of(told)["log"], "0.012 info started, boot 7, reset reason 1\n");
  EXPECT_EQ(control("GET", "/api/v1/terminals/T-9/log").status, 404u);
}

}  // namespace
}  // namespace rollcall::console
