#include "daemon/attendance/assist.hpp"

#include "tests/unit/daemon/attendance/recording.hpp"
#include "tests/unit/daemon/contract.hpp"

namespace rollcall::attendance::test {
namespace {

struct AssistTest : Recording {
  AssistRequest forgot_card() const {
    AssistRequest request;
    request.person = "p-1";
    request.cause = "no_card";
    request.actor = "s-3";
    return request;
  }
  std::expected<Assisted, std::string> record(const AssistRequest& request) {
    std::expected<Assisted, std::string> result;
    writer.run_now(
        [&](store::Database& db) { result = record_assisted(db, config, request, host); });
    return result;
  }
  std::string refusal(const AssistRequest& request) {
    const auto result = record(request);
    return result ? "recorded" : result.error();
  }
};

TEST_F(AssistTest, AnArrivalIsRecordedAsAssistedAndByWhom) {
  const auto assisted = record(forgot_card());
  ASSERT_TRUE(assisted) << assisted.error();
  EXPECT_EQ(assisted->time_ms, monday_0850);
  EXPECT_EQ(assisted->session, "S-AM");
  EXPECT_EQ(assisted->room, "Door");
  ASSERT_EQ(types(), std::vector<std::string>{"attendance.assisted"});
  const nlohmann::json told = event(1);
  EXPECT_TRUE(testing::satisfies_contract(told));
  EXPECT_EQ(told["subject"], "p-1");
  EXPECT_EQ(told["data"]["method"], "assisted");
  EXPECT_EQ(told["data"]["assurance"], "staff");
  EXPECT_EQ(told["data"]["actor"], "s-3");
  EXPECT_EQ(told["data"]["cause"], "no_card");
  EXPECT_EQ(told["data"]["half_day"]["part"], "am");
  EXPECT_EQ(told["data"]["taps"].size(), 0u);
}

TEST_F(AssistTest, TheSameAgainChangesNothing) {
  ASSERT_TRUE(record(forgot_card()));
  EXPECT_EQ(refusal(forgot_card()), "this person is recorded as here already");
  EXPECT_EQ(types().size(), 1u);
}

TEST_F(AssistTest, ALaterTapGoesOnFromIt) {
  ASSERT_TRUE(record(forgot_card()));
  host.wall_ms += 130 * minute_ms;
  const TapResult tapped = take(testing::tap(1, host.wall_ms, card_1));
  EXPECT_EQ(tapped.outcome, protocol::Outcome::left);
}

TEST_F(AssistTest, ATimeOfTodayThatHasPassedMayBeStated) {
  AssistRequest request = forgot_card();
  request.minute = 8 * 60 + 40;
  const auto assisted = record(request);
  ASSERT_TRUE(assisted) << assisted.error();
  EXPECT_EQ(assisted->time_ms, monday_0850 - 10 * minute_ms);
  const nlohmann::json told = event(1);
  EXPECT_EQ(told["data"]["time"]["wall"], "2026-03-02T07:40:00.000Z");
  EXPECT_EQ(told["data"]["entered"], "2026-03-02T07:50:00.000Z");
  EXPECT_TRUE(testing::satisfies_contract(told));
}

TEST_F(AssistTest, WhatCannotBeIsRefused) {
  AssistRequest request = forgot_card();
  request.minute = 8 * 60 + 51;
  EXPECT_EQ(refusal(request), "that is no time of today that has passed");
  request = forgot_card();
  request.direction = Direction::out;
  EXPECT_EQ(refusal(request), "this person is not recorded as here; record how they came first");
  request = forgot_card();
  request.person = "p-99";
  EXPECT_EQ(refusal(request), "nobody here has the id p-99");
  request = forgot_card();
  request.cause = "because";
  EXPECT_NE(refusal(request).find("no_card, card_unreadable"), std::string::npos);
  request = forgot_card();
  request.actor = "Marie Dupont";
  EXPECT_NE(refusal(request).find("who records it is needed"), std::string::npos);
  EXPECT_TRUE(types().empty());
}

TEST_F(AssistTest, NothingThatTurnsALaterTapRoundIsTaken) {
  host.wall_ms += 30 * minute_ms;
  ASSERT_EQ(take(testing::tap(1, host.wall_ms, card_1)).outcome, protocol::Outcome::arrived);
  AssistRequest request = forgot_card();
  request.minute = 9 * 60;
  EXPECT_EQ(refusal(request),
            "what is recorded at 09:20 would then mean the opposite; say first what it was");
}

TEST_F(AssistTest, AForgottenArrivalIsPutBeforeTheExitThatWasTapped) {
  host.wall_ms += 220 * minute_ms;
  ASSERT_EQ(take(testing::tap(1, host.wall_ms, card_1)).outcome, protocol::Outcome::left);
  AssistRequest request = forgot_card();
  request.minute = 9 * 60;
  ASSERT_TRUE(record(request));
  EXPECT_EQ(types(),
            (std::vector<std::string>{"tap.recorded", "attendance.left", "attendance.assisted"}));
}

// On 29 March 2026 clocks go from 02:00 to 03:00.
TEST_F(AssistTest, ATimeThatTheDayDidNotHaveIsRefused) {
  host.wall_ms = 1'774'749'600'000;  // 04:00 in Brussels
  AssistRequest request = forgot_card();
  request.minute = 2 * 60 + 30;
  EXPECT_EQ(refusal(request), "that is no time of today that has passed");
  request.minute = 3 * 60 + 30;
  const auto assisted = record(request);
  ASSERT_TRUE(assisted) << assisted.error();
  EXPECT_EQ(assisted->time_ms, host.wall_ms - 30 * minute_ms);
}

}  // namespace
}  // namespace rollcall::attendance::test
