#include "daemon/assessments/attempt.hpp"

#include <gtest/gtest.h>

namespace rollcall::assessments {
namespace {

using std::chrono::milliseconds;

Option option(const std::string& id, std::optional<int> score) {
  return {id, Text({{"en", id}, {"fr", id}}), score};
}

Instrument scored() {
  Instrument i;
  i.questions = {{"q1", {}, {option("a", 0), option("b", 3)}},
                 {"q2", {}, {option("a", -1), option("b", 2), option("prefer-not", {})}},
                 {"q3", {}, {option("x", {}), option("y", {})}}};
  return i;
}

TEST(Attempt, AsksInOrderUntilAllIsAnswered) {
  const Instrument instrument = scored();
  Attempt attempt(instrument);
  EXPECT_EQ(attempt.number(), 1u);
  for (const char* id : {"q1", "q2", "q3"}) {
    ASSERT_NE(attempt.next(), nullptr);
    EXPECT_EQ(attempt.next()->id, id);
    EXPECT_FALSE(attempt.complete());
    EXPECT_TRUE(attempt.answer(attempt.next()->options[0].id, milliseconds{5}));
  }
  EXPECT_TRUE(attempt.complete());
  EXPECT_FALSE(attempt.answer("a", milliseconds{5}));
  EXPECT_EQ(attempt.answers()[1], (Answer{"q2", "a", milliseconds{5}}));
}

TEST(Attempt, AnOptionOfAnotherQuestionChangesNothing) {
  const Instrument instrument = scored();
  Attempt attempt(instrument);
  EXPECT_FALSE(attempt.answer("prefer-not", milliseconds{0}));
  EXPECT_EQ(attempt.number(), 1u);
}

TEST(Attempt, ScoresTheChosenAgainstTheBestOfWhatWasScored) {
  const Instrument instrument = scored();
  Attempt attempt(instrument);
  attempt.answer("b", milliseconds{0});
  attempt.answer("a", milliseconds{0});
  attempt.answer("x", milliseconds{0});
  EXPECT_EQ(attempt.score(), (Score{2, 5}));
}

TEST(Attempt, ARefusedQuestionCountsNeitherForNorAgainst) {
  const Instrument instrument = scored();
  Attempt attempt(instrument);
  attempt.answer("b", milliseconds{0});
  attempt.answer("prefer-not", milliseconds{0});
  attempt.answer("x", milliseconds{0});
  EXPECT_EQ(attempt.score(), (Score{3, 3}));
}

TEST(Attempt, AnInstrumentWithoutScoresHasNone) {
  Instrument instrument = scored();
  instrument.questions.erase(instrument.questions.begin(), instrument.questions.begin() + 2);
  Attempt attempt(instrument);
  attempt.answer("y", milliseconds{0});
  EXPECT_EQ(attempt.score(), std::nullopt);
}

}  // namespace
}  // namespace rollcall::assessments
