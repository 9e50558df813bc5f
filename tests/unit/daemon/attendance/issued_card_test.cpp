#include "daemon/attendance/issued_card.hpp"

#include "tests/unit/daemon/attendance/recording.hpp"
#include "tests/unit/daemon/contract.hpp"

namespace rollcall::attendance::test {
namespace {

using protocol::Outcome;
using Done = std::expected<void, std::string>;

struct IssuedCards : Recording {
  // The card with this chip; what is written on it is the same number again.
  NewCard card(std::uint8_t chip, const std::string& person = "p-1", bool replaces = false) const {
    NewCard made;
    made.chip = token({chip, chip, chip, chip});
    made.token.fill(chip);
    made.person = person;
    made.replaces = replaces;
    made.terminal = "TC-1";
    made.room = "Door";
    made.actor = "desk-1";
    made.reason = "First day.";
    return made;
  }
  Done issue(const NewCard& made) {
    Done done;
    writer.run_now(
        [&](store::Database& db) { done = issue_card(db, config.site, made, host.time_block()); });
    return done;
  }
  Done withdraw(CardState to, const std::string& person = "p-1") {
    Done done;
    writer.run_now([&](store::Database& db) {
      done = withdraw_card(db, config.site, {person, to, "desk-2", "Gone."}, host.time_block());
    });
    return done;
  }
  // Of the person, the newest first.
  std::vector<std::string> states() {
    store::Database db(scratch.path(), store::Database::Mode::query_only);
    std::vector<std::string> all;
    for (const IssuedCard& one : issued_cards(db))
      all.push_back(one.person + " " + std::string(to_text(one.state)));
    return all;
  }
  // A tap with the chip of `card(chip)`, answered by what is written on the card of `written`.
  TapResult tap_proven(std::uint8_t chip, std::uint8_t written) {
    TapReport report = testing::tap(++number, host.wall_ms, {chip, chip, chip, chip});
    report.proof.kind = CardProof::Kind::proven;
    report.proof.token.fill(written);
    return take(std::move(report));
  }
  TapResult tap_stored(std::uint8_t chip, std::int64_t wall_ms) {
    TapReport report = testing::tap(++number, wall_ms, {chip, chip, chip, chip});
    report.live = false;
    return take(std::move(report));
  }
  std::uint64_t number = 0;
};

TEST_F(IssuedCards, APersonHasOneInForce) {
  ASSERT_TRUE(issue(card(1)));
  const Done second = issue(card(2));
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().find("`rollcall card replace`"), std::string::npos) << second.error();
  ASSERT_TRUE(issue(card(2, "p-1", true)));
  EXPECT_EQ(states(), (std::vector<std::string>{"p-1 issued", "p-1 replaced"}));
  EXPECT_EQ(types(), (std::vector<std::string>{"card.issued", "card.revoked", "card.issued"}));
  for (std::int64_t at = 1; at <= 3; ++at) EXPECT_TRUE(testing::satisfies_contract(event(at)));
  EXPECT_EQ(event(2)["data"]["state"], "replaced");
  EXPECT_EQ(event(3)["data"]["replaces"], event(1)["data"]["card"]);
}

TEST_F(IssuedCards, ACardIsIssuedOnceAndToOnePerson) {
  ASSERT_TRUE(issue(card(1)));
  EXPECT_EQ(issue(card(1, "p-2")).error(), "the card was issued before and is issued");
  NewCard same_chip = card(1, "p-2");
  same_chip.token.fill(9);
  EXPECT_EQ(issue(same_chip).error(), "the card is issued to another person");
  ASSERT_TRUE(withdraw(CardState::lost));
  EXPECT_EQ(issue(card(1, "p-2")).error(), "the card was issued before and is lost");
  EXPECT_TRUE(issue(same_chip)) << "found again, and written anew for somebody else";
  EXPECT_EQ(states(), (std::vector<std::string>{"p-1 lost", "p-2 issued"}));
}

TEST_F(IssuedCards, NobodyAndNothingToReplaceAreRefused) {
  EXPECT_EQ(issue(card(1, "p-9")).error(), "nobody here has the id p-9");
  EXPECT_NE(issue(card(1, "p-1", true)).error().find("`rollcall card issue`"), std::string::npos);
  EXPECT_TRUE(types().empty());
}

TEST_F(IssuedCards, OneThatWasLostIsReplacedToo) {
  ASSERT_TRUE(issue(card(1)));
  ASSERT_TRUE(withdraw(CardState::lost));
  ASSERT_TRUE(issue(card(2, "p-1", true)));
  EXPECT_EQ(states(), (std::vector<std::string>{"p-1 issued", "p-1 lost"}));
  EXPECT_EQ(event(3)["data"]["replaces"], event(1)["data"]["card"]);
}

TEST_F(IssuedCards, WithdrawingIsOfTheOneInForce) {
  EXPECT_EQ(withdraw(CardState::lost).error(), "p-1 has no issued card in force");
  ASSERT_TRUE(issue(card(1)));
  ASSERT_TRUE(withdraw(CardState::revoked));
  EXPECT_TRUE(testing::satisfies_contract(event(2)));
  EXPECT_EQ(event(2)["data"]["actor"], "desk-2");
  EXPECT_FALSE(withdraw(CardState::lost)) << "what was taken back stays so";
}

TEST_F(IssuedCards, TheReplacedCardIsNotAcceptedAndTheNewOneIs) {
  ASSERT_TRUE(issue(card(1)));
  ASSERT_TRUE(issue(card(2, "p-1", true)));
  const TapResult old = tap_proven(1, 1);
  EXPECT_EQ(old.outcome, Outcome::see_staff);
  EXPECT_EQ(old.card.refusal, Refusal::replaced);
  EXPECT_EQ(tap_proven(2, 2).outcome, Outcome::arrived);
}

TEST_F(IssuedCards, WhatIsWrittenBelongsToItsChip) {
  ASSERT_TRUE(issue(card(1)));
  ASSERT_TRUE(issue(card(2, "p-2")));
  for (const std::uint8_t written : {std::uint8_t{2}, std::uint8_t{7}}) {
    const TapResult strange = tap_proven(1, written);
    EXPECT_EQ(strange.outcome, Outcome::see_staff);
    EXPECT_EQ(strange.card.refusal, Refusal::not_known) << "neither p-1's nor p-2's";
    EXPECT_EQ(strange.person, std::nullopt);
  }
}

TEST_F(IssuedCards, AStoredTapFromBeforeTheLossStillCounts) {
  ASSERT_TRUE(issue(card(1)));
  const std::int64_t tapped = host.wall_ms + minute_ms;
  host.wall_ms += 2 * minute_ms;
  ASSERT_TRUE(withdraw(CardState::lost));
  const TapResult before = tap_stored(1, tapped);
  EXPECT_EQ(before.outcome, Outcome::arrived);
  EXPECT_EQ(before.card.assurance, Assurance::unverified);
  EXPECT_EQ(tap_stored(1, host.wall_ms + minute_ms).card.refusal, Refusal::lost);
}

}  // namespace
}  // namespace rollcall::attendance::test
