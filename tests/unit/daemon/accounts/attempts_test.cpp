#include "daemon/accounts/attempts.hpp"

#include <gtest/gtest.h>

namespace rollcall::accounts {
namespace {

using namespace std::chrono_literals;

const Origin office{"192.0.2.1", false};
const Origin elsewhere{"203.0.113.9", false};
const Origin here{"127.0.0.1", true};
constexpr Moment start{1h};

// As fast as the waits allow.
Moment guess(Attempts& attempts, const std::string& account, const Origin& origin, int times,
             Moment now) {
  for (int i = 0; i < times; ++i) {
    now += attempts.wait(account, origin, now);
    attempts.begin(account, origin, now);
  }
  return now;
}

TEST(Attempts, TheFirstFewWrongPasswordsCostNothing) {
  Attempts attempts;
  guess(attempts, "manager", office, 3, start);
  EXPECT_EQ(attempts.wait("manager", office, start), 0s);
  attempts.begin("manager", office, start);
  EXPECT_EQ(attempts.wait("manager", office, start), 1s);
}

TEST(Attempts, WaitsDoubleUpToAMinuteAndEndByThemselves) {
  EXPECT_EQ(wait_after(3, 3, 60s), 0s);
  EXPECT_EQ(wait_after(4, 3, 60s), 1s);
  EXPECT_EQ(wait_after(7, 3, 60s), 8s);
  EXPECT_EQ(wait_after(4000000000U, 3, 60s), 60s);
  Attempts attempts;
  const Moment now = guess(attempts, "manager", office, 40, start);
  const auto wait = attempts.wait("manager", office, now);
  EXPECT_GT(wait, 0s);
  EXPECT_LE(wait, longest_wait_of_address);
  EXPECT_EQ(attempts.wait("manager", office, now + wait), 0s);
}

TEST(Attempts, TheRightPasswordEndsTheWaitOfAccountAndAddress) {
  Attempts attempts;
  guess(attempts, "manager", office, 12, start);
  attempts.succeeded("manager", office);
  EXPECT_EQ(attempts.wait("manager", office, start), 0s);
}

TEST(Attempts, ManyAtOnceGainNothing) {
  Attempts attempts;
  for (int i = 0; i < 10; ++i) attempts.begin("manager", office, start);
  EXPECT_GE(attempts.wait("manager", office, start), 32s);
}

TEST(Attempts, WhoTriesManyAccountsFromOneAddressWaitsToo) {
  Attempts attempts;
  for (int i = 0; i < 30; ++i) attempts.begin("name" + std::to_string(i), elsewhere, start);
  EXPECT_GE(attempts.wait("manager", elsewhere, start), 60s);
  EXPECT_EQ(attempts.wait("manager", office, start), 0s);
}

TEST(Attempts, GuessesFromEverywhereNeverKeepTheLastManagerOut) {
  Attempts attempts;
  attempts.begin("manager", office, start);
  attempts.succeeded("manager", office);
  Moment now = start;
  for (int i = 0; i < 500; ++i) {
    const Origin bot{"198.51.100." + std::to_string(i % 250), false};
    attempts.begin("manager", bot, now);
    now += 10ms;
  }
  EXPECT_EQ(attempts.wait("manager", here, now), 0s) << "at the host itself";
  EXPECT_EQ(attempts.wait("manager", office, now), 0s) << "where the manager works";
  EXPECT_LE(attempts.wait("manager", {"192.0.2.77", false}, now), longest_wait_of_account);
}

TEST(Attempts, PeopleAtTheHostWaitTenSecondsAtMost) {
  Attempts attempts;
  const Moment now = guess(attempts, "manager", here, 60, start);
  EXPECT_LE(attempts.wait("manager", here, now), longest_wait_here);
  EXPECT_GT(attempts.wait("manager", here, now), 0s);
}

TEST(Attempts, AnUnknownNameWaitsAsAKnownOne) {
  Attempts attempts;
  attempts.begin("manager", office, start);
  attempts.succeeded("manager", office);
  Attempts other;
  for (int i = 0; i < 6; ++i) {
    attempts.begin("manager", elsewhere, start);
    other.begin("nobody", elsewhere, start);
  }
  EXPECT_EQ(attempts.wait("manager", elsewhere, start), other.wait("nobody", elsewhere, start));
}

TEST(Attempts, AnHourOfPeaceForgetsThem) {
  Attempts attempts;
  const Moment now = guess(attempts, "manager", office, 20, start);
  attempts.begin("manager", office, now + 1h);
  EXPECT_EQ(attempts.wait("manager", office, now + 1h), 0s);
}

TEST(Attempts, MemoryIsBounded) {
  Attempts attempts;
  for (int i = 0; i < 10; ++i) attempts.begin("manager", office, start + 1h);
  for (std::size_t i = 0; i < 2 * Attempts::most_counters; ++i)
    attempts.begin("name" + std::to_string(i), here, start);
  EXPECT_GT(attempts.wait("manager", office, start + 1h), 0s) << "the newest stay";
}

}  // namespace
}  // namespace rollcall::accounts
