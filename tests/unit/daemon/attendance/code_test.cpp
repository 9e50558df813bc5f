#include "daemon/attendance/code.hpp"

#include <algorithm>

#include "daemon/attendance/code_guard.hpp"
#include "tests/unit/daemon/attendance/recording.hpp"
#include "tests/unit/daemon/contract.hpp"

namespace rollcall::attendance::test {
namespace {

struct CodeTest : Recording {
  std::expected<NewCode, std::string> issue(CodeKind kind, const std::string& person = "p-1") {
    std::expected<NewCode, std::string> code;
    writer.run_now([&](store::Database& db) {
      code = issue_code(db, config, key, {person, kind, "desk-1", "no card yet"}, host.time_block(),
                        [this] { return next_digit++ % 10; });
    });
    return code;
  }
  std::expected<int, std::string> withdraw(const std::string& person = "p-1") {
    std::expected<int, std::string> count;
    writer.run_now([&](store::Database& db) {
      count = withdraw_codes(db, config, person, "desk-1", "seen by others", host.time_block());
    });
    return count;
  }
  CardToken token_of(const std::string& digits) const {
    return card_token(key, protocol::ReadingKind::code,
                      {reinterpret_cast<const std::uint8_t*>(digits.data()), digits.size()});
  }
  std::string whose(const std::string& digits, std::int64_t at_ms) {
    store::Database db(scratch.path(), store::Database::Mode::query_only);
    const auto person = person_of_code(db, token_of(digits), at_ms);
    return person ? person->id : "nobody";
  }
  int next_digit = 1;
};

struct CodeTaps : CodeTest {
  TapResult type(std::string digits) {
    host.wall_ms += 1000;
    host.monotonic_ms += 1000;
    TapReport report = testing::tap(++number, host.wall_ms, {});
    report.tap.kind = protocol::ReadingKind::code;
    report.tap.reading.assign(
        {reinterpret_cast<const std::uint8_t*>(digits.data()), digits.size()});
    return take(std::move(report));
  }
  std::uint64_t number = 0;
};

constexpr std::int64_t midnight = monday_0850 + (15 * 60 + 10) * minute_ms;

TEST_F(CodeTest, ALastingCodeIsOfItsPersonUntilItIsWithdrawn) {
  const auto code = issue(CodeKind::lasting);
  ASSERT_TRUE(code) << code.error();
  EXPECT_EQ(code->digits, "12345678");
  EXPECT_EQ(code->expires_ms, std::nullopt);
  EXPECT_EQ(whose("12345678", monday_0850), "p-1");
  EXPECT_EQ(whose("12345679", monday_0850), "nobody");
  host.wall_ms += minute_ms;
  EXPECT_EQ(withdraw(), 1);
  EXPECT_EQ(whose("12345678", host.wall_ms), "nobody");
  EXPECT_EQ(whose("12345678", monday_0850), "p-1") << "it was good then";
  EXPECT_EQ(withdraw().error(), "p-1 has no code in force");
}

TEST_F(CodeTest, ItsEventsAreAsTheContractHasThemAndHoldNoCode) {
  ASSERT_TRUE(issue(CodeKind::lasting));
  ASSERT_TRUE(issue(CodeKind::day));
  ASSERT_EQ(withdraw(), 2);
  ASSERT_EQ(types(), (std::vector<std::string>{"code.issued", "code.issued", "code.withdrawn",
                                               "code.withdrawn"}));
  for (std::int64_t at = 1; at <= 4; ++at) {
    const nlohmann::json told = event(at);
    EXPECT_TRUE(testing::satisfies_contract(told));
    EXPECT_EQ(told.dump().find("12345678"), std::string::npos);
  }
  EXPECT_EQ(event(2)["data"]["expires"], "2026-03-02T23:00:00.000Z");
}

TEST_F(CodeTest, AnotherLastingCodeTakesThePlaceOfTheFirst) {
  const auto first = issue(CodeKind::lasting);
  const auto second = issue(CodeKind::lasting);
  host.wall_ms += 1;
  EXPECT_EQ(whose(first->digits, host.wall_ms), "nobody");
  EXPECT_EQ(whose(second->digits, host.wall_ms), "p-1");
}

TEST_F(CodeTest, ADayCodeEndsAtMidnightOfTheSite) {
  const auto code = issue(CodeKind::day);
  EXPECT_EQ(code->expires_ms, midnight);
  EXPECT_EQ(whose(code->digits, midnight - 1), "p-1");
  EXPECT_EQ(whose(code->digits, midnight), "nobody");
}

TEST_F(CodeTest, MidnightIsRightWhenClocksAreChanged) {
  host.wall_ms = 1'774'738'800'000;  // 2026-03-29T00:00 in Brussels, a day of 23 hours
  EXPECT_EQ(issue(CodeKind::day)->expires_ms, host.wall_ms + 23 * 60 * minute_ms);
  host.wall_ms = 1'792'879'200'000;  // 2026-10-25T00:00 in Brussels, one of 25
  EXPECT_EQ(issue(CodeKind::day)->expires_ms, host.wall_ms + 25 * 60 * minute_ms);
}

TEST_F(CodeTest, ACodeForOneTapIsUsedUp) {
  const auto code = issue(CodeKind::once);
  EXPECT_EQ(whose(code->digits, monday_0850), "p-1");
  writer.run_now([&](store::Database& db) { code_used(db, token_of(code->digits), monday_0850); });
  EXPECT_EQ(whose(code->digits, monday_0850), "nobody");
}

TEST_F(CodeTest, NoTwoPeopleEverHaveTheSame) {
  ASSERT_EQ(issue(CodeKind::lasting)->digits, "12345678");
  next_digit = 1;
  EXPECT_EQ(issue(CodeKind::lasting, "p-2")->digits, "90123456");
}

TEST_F(CodeTest, WhatCannotBeIsRefused) {
  EXPECT_EQ(issue(CodeKind::day, "p-99").error(), "nobody here has the id p-99");
  EXPECT_TRUE(types().empty());
}

TEST_F(CodeTaps, WhoTypesTheirCodeHasArrivedByCode) {
  const auto code = issue(CodeKind::day);
  const TapResult result = type(code->digits);
  EXPECT_EQ(result.outcome, protocol::Outcome::arrived);
  EXPECT_EQ(result.person, "p-1");
  const nlohmann::json arrived = event(3);
  EXPECT_EQ(arrived["type"], "org.rollcall.attendance.arrived.v1");
  EXPECT_EQ(arrived["data"]["method"], "code");
  EXPECT_EQ(arrived["data"]["assurance"], "code");
  EXPECT_EQ(event(2)["data"]["card"], event(1)["data"]["code"])
      << "what was given out is found again";
}

TEST_F(CodeTaps, ACodeForOneTapIsNoUseTwice) {
  const auto code = issue(CodeKind::once);
  EXPECT_EQ(type(code->digits).outcome, protocol::Outcome::arrived);
  EXPECT_EQ(type(code->digits).outcome, protocol::Outcome::repeat);
  host.wall_ms += 5 * minute_ms;
  EXPECT_EQ(type(code->digits).outcome, protocol::Outcome::see_staff);
}

TEST_F(CodeTaps, FiveWrongCodesCloseTheTerminalAndTellStaff) {
  const auto code = issue(CodeKind::lasting);
  for (const char* guess : {"00000001", "00000002", "00000003", "00000004", "00000005"})
    EXPECT_EQ(type(guess).outcome, protocol::Outcome::see_staff);
  EXPECT_EQ(type(code->digits).outcome, protocol::Outcome::see_staff) << "closed for a minute";
  host.wall_ms += 2 * minute_ms;
  host.monotonic_ms += 2 * minute_ms;
  EXPECT_EQ(type(code->digits).outcome, protocol::Outcome::arrived);
  const auto all = types();
  EXPECT_EQ(std::ranges::count(all, "security.code_guessing"), 1);
  const auto told = std::ranges::find(all, "security.code_guessing") - all.begin();
  EXPECT_TRUE(testing::satisfies_contract(event(told + 1)));
  store::Database db(scratch.path(), store::Database::Mode::query_only);
  auto row = db.prepare("SELECT kind, subject FROM inbox");
  ASSERT_TRUE(row.step());
  EXPECT_EQ(row.text(0), "code-guessing");
  EXPECT_EQ(row.text(1), "TC-1");
  EXPECT_FALSE(row.step()) << "no wrong code is a card that waits for its person";
}

TEST_F(CodeTaps, TheSameWrongCodeAgainIsNoOtherGuess) {
  issue(CodeKind::lasting);
  for (int i = 0; i < 10; ++i) type("00000001");
  EXPECT_EQ(std::ranges::count(types(), "security.code_guessing"), 0);
}

TEST(CodeGuard, FiveWrongOnesCloseATerminalForAMinute) {
  using std::chrono::seconds;
  CodeGuard guard;
  for (int i = 1; i < CodeGuard::tries; ++i) EXPECT_FALSE(guard.wrong("A", seconds(i)));
  EXPECT_FALSE(guard.closed("A", seconds(5)));
  EXPECT_TRUE(guard.wrong("A", seconds(5)));
  EXPECT_TRUE(guard.closed("A", seconds(64)));
  EXPECT_FALSE(guard.closed("B", seconds(5)));
  EXPECT_FALSE(guard.closed("A", seconds(65)));
  for (int i = 1; i < CodeGuard::tries; ++i) EXPECT_FALSE(guard.wrong("A", seconds(65 + i)));
  EXPECT_TRUE(guard.wrong("A", seconds(70)));
}

TEST(CodeGuard, SlipsOfPeopleWhoTypeRightInTheEndAreForgotten) {
  using std::chrono::seconds;
  CodeGuard guard;
  for (int i = 0; i < 20; ++i) {
    EXPECT_FALSE(guard.wrong("A", seconds(i)));
    if (i % 4 == 3) guard.right("A");
  }
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(guard.wrong("B", seconds(i)));
  EXPECT_FALSE(guard.wrong("B", seconds(4) + CodeGuard::remembered)) << "those were long ago";
}

}  // namespace
}  // namespace rollcall::attendance::test
