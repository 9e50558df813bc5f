#include "daemon/cards/card_sign_ins.hpp"

#include <gtest/gtest.h>

namespace rollcall::cards {
namespace {

using namespace std::chrono_literals;
using Moment = CardSignIns::Moment;
using Opened = CardSignIns::Opened;

constexpr Moment start{100h};

struct Waits : ::testing::Test {
  bool open(const std::string& person, Moment now = start) {
    return waits.open("ticket of " + person, "account:" + person, person, now) == Opened::yes;
  }
  bool shown(const std::string& person, Moment now = start) {
    const CardSignIns::Wait* found = waits.find("ticket of " + person, now);
    return found != nullptr && found->shown;
  }
  CardSignIns waits{{"desk", "TC-1"}};
};

TEST_F(Waits, TheCardOfThePersonAtAReaderOfTheSiteIsWhatTheyWaitFor) {
  ASSERT_TRUE(open("s-1"));
  EXPECT_FALSE(waits.shown("desk", "s-2", start)) << "somebody else's card";
  EXPECT_FALSE(waits.shown("door", "s-1", start)) << "a reader that is not for signing in";
  EXPECT_FALSE(shown("s-1"));
  EXPECT_TRUE(waits.shown("TC-1", "s-1", start));
  EXPECT_TRUE(shown("s-1"));
  EXPECT_FALSE(waits.shown("desk", "s-1", start + 5s)) << "a tap like any other";
}

TEST_F(Waits, SomebodyElseCannotWaitForTheSameCardMeanwhile) {
  ASSERT_TRUE(open("s-1"));
  EXPECT_EQ(waits.open("another", "account:x", "s-1", start + 29s), Opened::by_another);
  EXPECT_TRUE(waits.shown("desk", "s-1", start + 29s));
  EXPECT_EQ(waits.find("another", start + 29s), nullptr);
}

TEST_F(Waits, ACardInTheLastSecondIsStillAskedFor) {
  ASSERT_TRUE(open("s-1"));
  ASSERT_TRUE(waits.shown("desk", "s-1", start + 29s));
  EXPECT_TRUE(shown("s-1", start + 38s));
  EXPECT_FALSE(shown("s-1", start + 39s));
}

TEST_F(Waits, AWaitEndsByItselfAndACardAfterwardsIsATapLikeAnyOther) {
  ASSERT_TRUE(open("s-1"));
  EXPECT_NE(waits.find("ticket of s-1", start + 29s), nullptr);
  EXPECT_EQ(waits.find("ticket of s-1", start + 30s), nullptr);
  EXPECT_FALSE(waits.shown("desk", "s-1", start + 30s));
  EXPECT_TRUE(open("s-1", start + 30s));
}

TEST_F(Waits, ATicketAndThePinOfAnAccountEndAWait) {
  ASSERT_TRUE(open("s-1"));
  ASSERT_TRUE(open("s-2"));
  waits.end("ticket of s-1");
  waits.end_of_account("account:s-2");
  EXPECT_FALSE(waits.shown("desk", "s-1", start));
  EXPECT_FALSE(waits.shown("desk", "s-2", start));
  EXPECT_TRUE(open("s-1")) << "at once";
}

TEST_F(Waits, OnlySoManyWait) {
  for (std::size_t i = 0; i < CardSignIns::most_waits; ++i)
    ASSERT_TRUE(open("s-" + std::to_string(i)));
  EXPECT_EQ(waits.open("one-more", "account:x", "s-x", start), Opened::full);
  EXPECT_TRUE(open("one-more", start + CardSignIns::window_time)) << "the others are over";
}

}  // namespace
}  // namespace rollcall::cards
