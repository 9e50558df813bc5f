#include "daemon/attendance/local_time.hpp"

#include <gtest/gtest.h>

namespace rollcall::attendance {
namespace {

TEST(LocalTime, FollowsSummerTimeOfTheSite) {
  const TimeZone brussels("Europe/Brussels");
  const LocalTime winter = brussels.at(1'772'438'462'000);  // 2026-03-02T08:01:02Z
  EXPECT_EQ(winter.day, "2026-03-02");
  EXPECT_EQ(winter.weekday, "mon");
  EXPECT_EQ(winter.minute, 9 * 60 + 1);
  const LocalTime summer = brussels.at(1'782'806'399'999);  // 2026-06-30T07:59:59.999Z
  EXPECT_EQ(summer.day, "2026-06-30");
  EXPECT_EQ(summer.minute, 9 * 60 + 59);
}

TEST(LocalTime, ADayEndsAtLocalMidnight) {
  const TimeZone brussels("Europe/Brussels");
  EXPECT_EQ(brussels.at(1'772'405'999'999).day, "2026-03-01");
  EXPECT_EQ(brussels.at(1'772'406'000'000).day, "2026-03-02");
}

}  // namespace
}  // namespace rollcall::attendance
