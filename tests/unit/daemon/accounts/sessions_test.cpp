#include "daemon/accounts/sessions.hpp"

#include <gtest/gtest.h>

namespace rollcall::accounts {
namespace {

using namespace std::chrono_literals;

constexpr Moment start{100h};

crypto::Digest digest(std::uint8_t first) {
  return {first};
}

Session begun(Moment at, const std::string& account = "account:a") {
  return {account, at, at, at};
}

TEST(Sessions, EndAfterHalfAnHourWithoutARequest) {
  Sessions sessions;
  sessions.add(digest(1), begun(start));
  EXPECT_NE(sessions.find(digest(1), start + 29min), nullptr);
  EXPECT_EQ(sessions.find(digest(1), start + 30min), nullptr);
  EXPECT_EQ(sessions.find(digest(2), start), nullptr);
}

TEST(Sessions, EndAfterTwelveHoursHoweverBusy) {
  Sessions sessions;
  sessions.add(digest(1), begun(start));
  for (auto at = 0min; at < 12h; at += 20min) {
    ASSERT_NE(sessions.find(digest(1), start + at), nullptr) << at.count();
    sessions.touch(digest(1), start + at);
  }
  EXPECT_EQ(sessions.find(digest(1), start + 12h), nullptr);
}

TEST(Sessions, TellTheDatabaseOnceAMinute) {
  Sessions sessions;
  sessions.add(digest(1), begun(start));
  EXPECT_FALSE(sessions.touch(digest(1), start + 59s));
  EXPECT_TRUE(sessions.touch(digest(1), start + 60s));
  EXPECT_FALSE(sessions.touch(digest(1), start + 61s));
  EXPECT_FALSE(sessions.touch(digest(9), start + 90s));
}

TEST(Sessions, OfOneAccountEndTogether) {
  Sessions sessions;
  sessions.add(digest(1), begun(start));
  sessions.add(digest(2), begun(start));
  sessions.add(digest(3), begun(start, "account:b"));
  sessions.end_all_of("account:a");
  EXPECT_EQ(sessions.find(digest(1), start), nullptr);
  EXPECT_NE(sessions.find(digest(3), start), nullptr);
  EXPECT_EQ(sessions.size(), 1u);
}

TEST(Sessions, AreTakenOutWhenTheyHaveEnded) {
  Sessions sessions;
  sessions.add(digest(1), begun(start));
  sessions.add(digest(2), begun(start + 10min));
  EXPECT_EQ(sessions.expire(start + 35min), std::vector{digest(1)});
  EXPECT_EQ(sessions.size(), 1u);
}

TEST(Sessions, AreBoundedAndTheOneUnusedLongestGoes) {
  Sessions sessions;
  for (std::size_t i = 0; i <= most_sessions; ++i) {
    crypto::Digest one{};
    one[0] = static_cast<std::uint8_t>(i);
    one[1] = static_cast<std::uint8_t>(i >> 8);
    sessions.add(one, begun(start + std::chrono::seconds{i}));
  }
  EXPECT_EQ(sessions.size(), most_sessions);
  EXPECT_EQ(sessions.find(crypto::Digest{}, start + 10min), nullptr);
}

}  // namespace
}  // namespace rollcall::accounts
