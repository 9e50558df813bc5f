#include "daemon/attendance/card_check.hpp"

#include <gtest/gtest.h>

namespace rollcall::attendance {
namespace {

using Kind = CardProof::Kind;
using protocol::ReadingKind;

constexpr std::int64_t noon = 1'000'000;
constexpr std::int64_t minute = 60'000;

// A tap at noon with the chip number of a card that was issued here, long ago.
CardFacts issued(Kind proof, CardState state = CardState::issued, std::int64_t since_ms = 1) {
  CardFacts facts;
  facts.proof.kind = proof;
  facts.card.emplace();
  facts.card->state = state;
  facts.card->since_ms = since_ms;
  facts.chip_known = true;
  facts.latest_ms = noon;
  return facts;
}

TEST(JudgeCard, AnIssuedCardIsAcceptedByItsKeyOrUnverified) {
  for (const auto& [proof, assurance] : {std::pair{Kind::proven, Assurance::desfire},
                                         std::pair{Kind::none, Assurance::unverified}}) {
    const CardVerdict verdict = judge_card(issued(proof));
    EXPECT_EQ(verdict.assurance, assurance);
    EXPECT_EQ(verdict.refusal, std::nullopt);
    EXPECT_TRUE(verdict.issued);
    EXPECT_FALSE(verdict.aside());
  }
}

TEST(JudgeCard, ACardThatFailsOrLeavesIsNotAccepted) {
  EXPECT_EQ(judge_card(issued(Kind::not_authentic)).refusal, Refusal::not_authentic);
  EXPECT_EQ(judge_card(issued(Kind::interrupted)).refusal, Refusal::interrupted);
  EXPECT_TRUE(judge_card(issued(Kind::interrupted)).aside()) << "the next try is no repeat";
}

TEST(JudgeCard, AProvenCardWithoutARowIsNobodys) {
  CardFacts facts = issued(Kind::proven);
  facts.card.reset();
  const CardVerdict verdict = judge_card(facts);
  EXPECT_EQ(verdict.refusal, Refusal::not_known);
  EXPECT_EQ(verdict.assurance, Assurance::desfire);
}

TEST(JudgeCard, ATapCountsByWhatTheCardWasWhenItWasMade) {
  const struct {
    CardState state;
    Refusal refusal;
  } ends[] = {{CardState::lost, Refusal::lost},
              {CardState::revoked, Refusal::revoked},
              {CardState::replaced, Refusal::replaced}};
  for (const auto& end : ends) {
    for (const Kind proof : {Kind::none, Kind::proven}) {
      EXPECT_EQ(judge_card(issued(proof, end.state, noon)).refusal, end.refusal);
      EXPECT_EQ(judge_card(issued(proof, end.state, noon - minute)).refusal, end.refusal);
      EXPECT_EQ(judge_card(issued(proof, end.state, noon + 1)).refusal, std::nullopt);
      CardFacts timeless = issued(proof, end.state, noon + 1);
      timeless.latest_ms.reset();
      EXPECT_EQ(judge_card(timeless).refusal, end.refusal) << "when it was made nobody can say";
    }
  }
}

TEST(JudgeCard, AtTheDeskTheTapIsAside) {
  for (const bool chip_known : {false, true}) {
    CardFacts facts = issued(Kind::issued_now);
    facts.chip_known = chip_known;
    EXPECT_EQ(judge_card(facts).use, CardUse::issue);
    EXPECT_EQ(judge_card(facts).refusal, std::nullopt);
    facts.proof.kind = Kind::not_issued;
    EXPECT_EQ(judge_card(facts).refusal, Refusal::not_issued);
    EXPECT_TRUE(judge_card(facts).aside());
  }
}

TEST(JudgeCard, ACardThatSignsInIsAsideAndNobodysMatter) {
  const CardVerdict verdict = judge_card(issued(Kind::signs_in));
  EXPECT_EQ(verdict.use, CardUse::sign_in);
  EXPECT_EQ(verdict.assurance, Assurance::desfire);
  EXPECT_EQ(verdict.refusal, std::nullopt);
  EXPECT_TRUE(verdict.aside());
}

TEST(JudgeCard, AChipNumberCountsWhereTheSiteSaysSo) {
  CardFacts facts;
  EXPECT_EQ(judge_card(facts).assurance, Assurance::uid);
  EXPECT_EQ(judge_card(facts).refusal, std::nullopt);
  EXPECT_FALSE(judge_card(facts).issued);
  facts.chip_numbers_accepted = false;
  EXPECT_EQ(judge_card(facts).refusal, Refusal::chip_number);
  // An issued card is none by its number alone, nor is what has no number.
  CardFacts known = issued(Kind::none);
  known.chip_numbers_accepted = false;
  EXPECT_EQ(judge_card(known).refusal, std::nullopt);
  facts.kind = ReadingKind::code;
  EXPECT_EQ(judge_card(facts).assurance, Assurance::code);
  EXPECT_EQ(judge_card(facts).refusal, std::nullopt);
  facts.kind = ReadingKind::uid_random;
  EXPECT_EQ(judge_card(facts).assurance, Assurance::uid_random);
}

TEST(CardTexts, AreWhatTheContractHas) {
  EXPECT_EQ(assurance_text(Assurance::desfire, true), "authenticated");
  EXPECT_EQ(assurance_text(Assurance::unverified, true), "uid");
  EXPECT_EQ(assurance_text(Assurance::unverified, false), "uid_offline");
  EXPECT_EQ(credential_text(Assurance::unverified), "unverified");
  EXPECT_EQ(to_text(Refusal::not_authentic), "not_authentic");
}

TEST(CardTexts, OnlyWhatMayBeMisuseIsAlarming) {
  for (const Refusal why : {Refusal::not_authentic, Refusal::not_known, Refusal::revoked,
                            Refusal::lost, Refusal::replaced})
    EXPECT_TRUE(is_alarming(why)) << to_text(why);
  for (const Refusal why : {Refusal::interrupted, Refusal::chip_number, Refusal::not_issued})
    EXPECT_FALSE(is_alarming(why)) << to_text(why);
}

}  // namespace
}  // namespace rollcall::attendance
