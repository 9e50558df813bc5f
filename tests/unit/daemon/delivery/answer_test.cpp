#include "daemon/delivery/answer.hpp"

#include <gtest/gtest.h>

#include "daemon/delivery/backoff.hpp"

namespace rollcall::delivery {
namespace {

using namespace std::chrono_literals;

Answer answer(unsigned status, std::string_view body, std::string_view retry_after = {}) {
  return understand({status, body, retry_after}, {"a", "b"}, 0);
}
bool disbelieved(std::string_view receipt) {
  const Answer got = answer(200, receipt);
  const auto* again = std::get_if<TryAgain>(&got);
  return again != nullptr && again->bad_receipt;
}

TEST(Receipts, ThatNameEveryEventOnceAreBelieved) {
  const Answer got = answer(
      200,
      R"({"receipt":"r","accepted":["b"],"rejected":[{"id":"a","type":"schema","detail":"x"}],"checkpoint":null})");
  const auto& receipt = std::get<Receipt>(got);
  EXPECT_EQ(receipt.id, "r");
  EXPECT_EQ(receipt.accepted, 1u);
  ASSERT_EQ(receipt.rejected.size(), 1u);
  EXPECT_EQ(receipt.rejected[0].reason, "schema");
}

TEST(Receipts, ThatSayTooMuchOrTooLittleAreNot) {
  for (
      const char* bad : {
          "",
          "[]",
          "{}",
          "nonsense",
          R"({"receipt":"r","accepted":["a"],"rejected":[],"checkpoint":null})",
          R"({"receipt":"r","accepted":["a","b","c"],"rejected":[],"checkpoint":null})",
          R"({"receipt":"r","accepted":["a","b","b"],"rejected":[],"checkpoint":null})",
          R"({"receipt":"r","accepted":["a","b"],"rejected":[{"id":"a","type":"schema","detail":""}],"checkpoint":null})",
          R"({"receipt":"r","accepted":["a"],"rejected":[{"id":"b","type":"mood","detail":""}],"checkpoint":null})",
          R"({"receipt":"r","accepted":["a"],"rejected":["b"],"checkpoint":null})",
          R"({"receipt":"r","accepted":["a",7],"rejected":[],"checkpoint":null})",
          R"({"receipt":"","accepted":["a","b"],"rejected":[],"checkpoint":null})",
          R"({"receipt":"r","accepted":["a","b"],"rejected":[]})",
          R"({"receipt":"r","accepted":["a","b"],"rejected":[],"checkpoint":{"x":1}})",
          R"({"accepted":["a","b"],"rejected":[],"checkpoint":null})",
      }) {
    EXPECT_TRUE(disbelieved(bad)) << bad;
  }
}

TEST(Answers, AreToldApartByStatusAndType) {
  EXPECT_TRUE(std::holds_alternative<Split>(answer(413, "")));
  EXPECT_TRUE(std::holds_alternative<KeyReused>(answer(422, "{}")));
  for (const unsigned status : {400u, 401u, 403u, 404u, 415u, 301u, 204u}) {
    EXPECT_TRUE(std::holds_alternative<Refused>(answer(status, "{}"))) << status;
  }
  for (const unsigned status : {408u, 429u, 500u, 502u, 503u, 599u}) {
    EXPECT_TRUE(std::holds_alternative<TryAgain>(answer(status, "<html>"))) << status;
  }
  const Answer fork =
      answer(409, R"({"type":"urn:rollcall:problem:fork","epoch":"e","sequence":4,"event":"x"})");
  EXPECT_EQ(std::get<Fork>(fork).sequence, 4);
  const Answer gap = answer(409, R"({"type":"urn:rollcall:problem:gap","epoch":"e","expected":9})");
  EXPECT_EQ(std::get<Gap>(gap).expected, 9);
  EXPECT_TRUE(std::holds_alternative<Refused>(answer(409, R"({"type":"about:blank"})")));
}

TEST(Answers, TellStaffWhatTheCaseSystemSaid) {
  const Answer got = answer(403, R"({"title":"Forbidden","detail":"another site's certificate"})");
  EXPECT_EQ(std::get<Refused>(got).why,
            "the case system answered 403: Forbidden: another site's certificate");
}

TEST(Pauses, GrowToTheirLimitWithFullJitter) {
  const auto most = [](unsigned failures) {
    std::chrono::milliseconds highest{0};
    for (std::uint64_t random = 0; random < 70000; ++random) {
      const auto pause = pause_before_retry(failures, 500ms, 60s, random, std::nullopt);
      EXPECT_GE(pause, 0ms);
      highest = std::max(highest, pause);
    }
    return highest;
  };
  EXPECT_EQ(most(0), 500ms);
  EXPECT_EQ(most(1), 1000ms);
  EXPECT_EQ(most(2), 2000ms);
  EXPECT_GT(most(7), 59s);
  EXPECT_LE(most(1000000), 60s);
  EXPECT_EQ(pause_before_retry(3, 0ms, 0ms, 12345, std::nullopt), 0ms);
}

TEST(Pauses, AreNeverShorterThanAskedFor) {
  EXPECT_EQ(pause_before_retry(0, 500ms, 60s, 0, 30s), 30s);
  EXPECT_EQ(pause_before_retry(0, 500ms, 60s, 0, std::chrono::hours{1000}), longest_pause);
}

TEST(Pauses, UnderstandBothFormsOfRetryAfter) {
  EXPECT_EQ(parse_retry_after("120", 0), 2min);
  EXPECT_EQ(parse_retry_after("0", 0), 0ms);
  EXPECT_EQ(parse_retry_after("99999999999999999999", 0), longest_pause);
  EXPECT_EQ(parse_retry_after("-1", 0), std::nullopt);
  EXPECT_EQ(parse_retry_after("soon", 0), std::nullopt);
  EXPECT_EQ(parse_retry_after("", 0), std::nullopt);
  // 1994-11-06T08:49:37Z = 784111777
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", 784111767000), 10s);
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", 999999999000), 0ms);
}

}  // namespace
}  // namespace rollcall::delivery
