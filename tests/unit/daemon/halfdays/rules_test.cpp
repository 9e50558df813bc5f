#include "daemon/halfdays/rules.hpp"

#include <gtest/gtest.h>

namespace rollcall::halfdays {
namespace {

constexpr std::int64_t minute_ms = 60'000;
constexpr std::int64_t end_ms = 1'772'451'000'000;  // 12:30 on 2 March 2026 in Brussels

HalfDayState morning() {
  HalfDayState state;
  state.end_ms = end_ms;
  state.confirmed = true;
  return state;
}
Moment at(std::int64_t minutes_after_end) {
  return {end_ms + minutes_after_end * minute_ms, false};
}
constexpr Signer somebody_who_was_there{.was_there = true, .has_signed = false};

TEST(Signing, OfAHalfDayThatHasEndedIsAllowed) {
  EXPECT_FALSE(refuse_signature(morning(), somebody_who_was_there, at(1)));
}

TEST(Signing, BeginsAQuarterOfAnHourBeforeTheEnd) {
  EXPECT_FALSE(refuse_signature(morning(), somebody_who_was_there, at(-15)));
  EXPECT_EQ(refuse_signature(morning(), somebody_who_was_there, at(-16)), Refusal::not_over);
}

TEST(Signing, OfAFutureHalfDayIsRefused) {
  EXPECT_EQ(refuse_signature(morning(), somebody_who_was_there, at(-24 * 60)), Refusal::not_over);
}

TEST(Signing, OfOneTooLongAgoIsRefused) {
  EXPECT_FALSE(refuse_signature(morning(), somebody_who_was_there, at(31 * 24 * 60)));
  EXPECT_EQ(refuse_signature(morning(), somebody_who_was_there, at(31 * 24 * 60 + 1)),
            Refusal::too_long_ago);
}

TEST(Signing, OnAHolidayOrOfACancelledSessionIsRefused) {
  HalfDayState holiday = morning();
  holiday.holiday = true;
  EXPECT_EQ(refuse_signature(holiday, somebody_who_was_there, at(1)), Refusal::holiday);
  HalfDayState cancelled = morning();
  cancelled.cancelled = true;
  EXPECT_EQ(refuse_signature(cancelled, somebody_who_was_there, at(1)), Refusal::cancelled);
}

TEST(Signing, WhileTheClockIsInDoubtIsRefused) {
  EXPECT_EQ(refuse_signature(morning(), somebody_who_was_there, {end_ms, true}),
            Refusal::clock_in_doubt);
}

TEST(Signing, NeedsTheTrainersConfirmationAndAnOpenSheet) {
  HalfDayState unconfirmed = morning();
  unconfirmed.confirmed = false;
  EXPECT_EQ(refuse_signature(unconfirmed, somebody_who_was_there, at(1)), Refusal::not_confirmed);
  EXPECT_FALSE(refuse_confirmation(unconfirmed, at(1)));
  HalfDayState closed = morning();
  closed.closed = true;
  EXPECT_EQ(refuse_signature(closed, somebody_who_was_there, at(1)), Refusal::closed);
}

TEST(Confirming, OfWhatWasCorrectedIsAllowedHoweverLongAgoAndAlthoughItIsClosed) {
  HalfDayState corrected = morning();
  corrected.closed = true;
  EXPECT_EQ(refuse_confirmation(corrected, at(1)), Refusal::closed);
  corrected.outdated = true;
  EXPECT_FALSE(refuse_confirmation(corrected, at(400 * 24 * 60)));
  EXPECT_EQ(refuse_signature(corrected, somebody_who_was_there, at(1)), Refusal::closed)
      << "it is confirmed first";
}

TEST(Signing, IsForWhoWasThereAndOnce) {
  EXPECT_EQ(refuse_signature(morning(), {.was_there = false, .has_signed = false}, at(1)),
            Refusal::not_there);
  EXPECT_EQ(refuse_signature(morning(), {.was_there = true, .has_signed = true}, at(1)),
            Refusal::signed_already);
}

TEST(Signing, EveryRefusalHasItsWords) {
  for (int refusal = 0; refusal <= static_cast<int>(Refusal::signed_already); ++refusal)
    EXPECT_FALSE(phrase(static_cast<Refusal>(refusal)).empty());
}

}  // namespace
}  // namespace rollcall::halfdays
