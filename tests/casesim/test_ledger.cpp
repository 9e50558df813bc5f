#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/casesim/test_support.hpp"

namespace rollcall::casesim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(LedgerTest, ABatchIsAcceptedAndCovered) {
  const json answer = receipt(batch_of(1, 1, 3));
  EXPECT_THAT(ids(answer["accepted"]), ElementsAre(uuid('e', 1), uuid('e', 2), uuid('e', 3)));
  EXPECT_THAT(ids(answer["rejected"]), IsEmpty());
  EXPECT_EQ(state(), json({{"epoch", epoch_a}, {"sequence", 3}, {"event", uuid('e', 3)}}));
}

TEST_F(LedgerTest, AnEmptySiteHasAStateOfNulls) {
  EXPECT_EQ(state(), json({{"epoch", nullptr}, {"sequence", nullptr}, {"event", nullptr}}));
  EXPECT_EQ(schemas().fault("state.json", state()), std::nullopt);
}

TEST_F(LedgerTest, TheSameKeyAndBytesGetTheSameReceiptAlsoAfterARestart) {
  const std::string text = batch_of(1, 1, 3).dump();
  const auto first = submit_text(text);
  EXPECT_EQ(submit_text(text).value(), first.value());
  receipt(batch_of(2, 4, 5));
  reopen();
  EXPECT_EQ(submit_text(text).value(), first.value());
  EXPECT_EQ(ledger_->totals().accepted, 5);
}

TEST_F(LedgerTest, TheSameKeyWithOtherBytesIsRefused) {
  receipt(batch_of(1, 1, 3));
  EXPECT_EQ(problem(batch_of(1, 1, 2)), "key-reused");
  EXPECT_EQ(ledger_->totals().accepted, 3);
}

TEST_F(LedgerTest, AnOverlapListsKnownEventsAsAccepted) {
  receipt(batch_of(1, 1, 3));
  const json answer = receipt(batch_of(2, 2, 5));
  EXPECT_EQ(answer["accepted"].size(), 4u);
  EXPECT_EQ(ledger_->totals().accepted, 5);
  EXPECT_EQ(state()["sequence"], 5);
}

TEST_F(LedgerTest, AGapIsRefusedAndSaysWhatIsExpected) {
  receipt(batch_of(1, 1, 3));
  const auto answer = submit(batch_of(2, 5, 6));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().status, 409u);
  EXPECT_EQ(answer.error().name, "gap");
  EXPECT_EQ(answer.error().expected, 4);
  EXPECT_EQ(problem(batch(3, {event(2, 9, epoch_b)})), "gap") << "a new epoch starts at 1";
  EXPECT_EQ(state()["sequence"], 3);
}

TEST_F(LedgerTest, AnotherEventAtAKnownPlaceIsAFork) {
  receipt(batch_of(1, 1, 3));
  const auto answer = submit(batch(2, {event(3, 33), event(4)}));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().status, 409u);
  EXPECT_EQ(answer.error().name, "fork");
  EXPECT_EQ(answer.error().sequence, 3);
  EXPECT_EQ(answer.error().event, uuid('e', 3));
  EXPECT_EQ(state()["sequence"], 3) << "nothing of a refused batch is kept";
}

TEST_F(LedgerTest, ARejectedEventHoldsItsPlaceAgainstAFork) {
  reject("p-0017\n");
  receipt(batch_of(1, 1, 1));
  EXPECT_EQ(problem(batch(2, {event(1, 11)})), "fork");
}

TEST_F(LedgerTest, TheSameEventAtAnotherPlaceIsKnown) {
  receipt(batch_of(1, 1, 2));
  const json answer = receipt(batch(2, {event(1, 2, epoch_b), event(2, 7, epoch_b)}));
  EXPECT_THAT(ids(answer["accepted"]), ElementsAre(uuid('e', 2), uuid('e', 7)));
  EXPECT_EQ(ledger_->totals().accepted, 3);
  EXPECT_EQ(state(), json({{"epoch", epoch_b}, {"sequence", 2}, {"event", uuid('e', 7)}}));
}

TEST_F(LedgerTest, AnOlderEpochMayStillGrowAndTheNewestStaysTheNewest) {
  receipt(batch_of(1, 1, 2));
  receipt(batch(2, {event(1, 10, epoch_b)}));
  receipt(batch_of(3, 3, 4));
  EXPECT_EQ(state()["epoch"], epoch_b);
}

TEST_F(LedgerTest, RangesHoldExactlyWhatTheySay) {
  receipt(batch_of(1, 1, 3));
  EXPECT_EQ(problem(batch(2, {event(4), event(6)})), "malformed") << "5 is missing";
  EXPECT_EQ(problem(batch(3, {event(5), event(4)})), "malformed") << "out of order";
  EXPECT_EQ(problem(batch(4, {event(4), event(5, 4)})), "malformed") << "one event twice";
  json wide = batch_of(5, 4, 5);
  wide["range"]["last"] = 6;
  EXPECT_EQ(problem(wide), "malformed");
}

TEST_F(LedgerTest, ABrokenEnvelopeRefusesTheBatch) {
  json body = batch_of(1, 1, 2);
  body["events"][1].erase("recordedtime");
  EXPECT_EQ(problem(body), "malformed");
  body = batch_of(1, 1, 2);
  body["extra"] = 1;
  EXPECT_EQ(problem(body), "malformed");
  body = batch_of(1, 1, 2);
  body["events"][1]["logepoch"] = epoch_b;
  EXPECT_EQ(problem(body), "malformed");
  body = batch_of(1, 1, 2);
  body["site"] = "elsewhere";
  EXPECT_EQ(problem(body), "site-mismatch");
}

TEST_F(LedgerTest, WhatIsNoJsonIsRefused) {
  const std::string deep = std::string(100000, '[') + std::string(100000, ']');
  for (const std::string& text : {std::string(), std::string("{"), std::string("[]"),
                                  std::string("null"), std::string("{\"events\":7}"), deep}) {
    const auto answer = submit_text(text);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().name, "malformed");
  }
}

TEST_F(LedgerTest, OneBadRecordNeverBlocksTheOthers) {
  json bad = event(2);
  bad["data"].erase("card");
  const json answer = receipt(batch(1, {event(1), bad, event(3)}));
  EXPECT_THAT(ids(answer["accepted"]), ElementsAre(uuid('e', 1), uuid('e', 3)));
  ASSERT_THAT(ids(answer["rejected"]), ElementsAre(uuid('e', 2)));
  EXPECT_EQ(answer["rejected"][0]["type"], "schema");
  EXPECT_THAT(answer["rejected"][0]["detail"].get<std::string>(), HasSubstr("card"));
  EXPECT_EQ(state()["sequence"], 3) << "the receipt covers the range";
}

TEST_F(LedgerTest, UnknownTypesAndWrongSubjectsAreRejectedOneByOne) {
  json unknown = event(1);
  unknown["type"] = "org.rollcall.tap.invented.v1";
  json nobody = example("attendance.arrived.v1.json");
  nobody["id"] = uuid('e', 2);
  nobody["sequence"] = padded(2);
  nobody["logepoch"] = epoch_a;
  nobody.erase("subject");
  json shifted = event(3);
  shifted["time"] = "2026-03-02T08:01:02.124Z";
  const json answer = receipt(batch(1, {unknown, nobody, shifted}));
  EXPECT_EQ(answer["rejected"].size(), 3u);
  for (const json& entry : answer["rejected"]) EXPECT_EQ(entry["type"], "schema");
}

TEST_F(LedgerTest, ARejectedEventIsAcceptedOnceAfterRepair) {
  reject("p-0017\n");
  const json first = receipt(batch_of(1, 1, 2));
  EXPECT_EQ(first["rejected"][0]["type"], "unknown-person");
  EXPECT_EQ(ledger_->totals().rejected, 2);

  reject("");
  json again = event(1);
  again["attempt"] = 2;
  const json answer = receipt(batch(2, {again}));
  EXPECT_THAT(ids(answer["accepted"]), ElementsAre(uuid('e', 1)));
  EXPECT_EQ(ledger_->totals().accepted, 1);
  EXPECT_EQ(ledger_->totals().rejected, 1);
  EXPECT_EQ(state()["sequence"], 2) << "a retry moves nothing";
}

TEST_F(LedgerTest, ARetryMayLeaveOutWhatWasAccepted) {
  receipt(batch_of(1, 1, 5));
  json again = event(4);
  again["attempt"] = 2;
  EXPECT_THAT(ids(receipt(batch(2, {event(2), again}))["accepted"]),
              ElementsAre(uuid('e', 2), uuid('e', 4)));
}

TEST_F(LedgerTest, PeopleAreReadAgainWhenTheirFileChanges) {
  reject("# none yet\n");
  EXPECT_EQ(receipt(batch_of(1, 1, 1))["accepted"].size(), 1u);
  std::ofstream(folder_ + "/people") << "p-0001\np-0017 # left\n";
  EXPECT_EQ(receipt(batch_of(2, 2, 2))["rejected"].size(), 1u);
}

TEST_F(LedgerTest, EventsComeBackInPagesAsTheyWereAccepted) {
  receipt(batch_of(1, 1, 5));
  json page = json::parse(ledger_->events(site, epoch_a, 0, 2));
  EXPECT_EQ(schemas().fault("events-page.json", page), std::nullopt);
  EXPECT_EQ(page["events"][1], event(2));
  EXPECT_EQ(page["after"], 2);
  page = json::parse(ledger_->events(site, epoch_a, 2, 2));
  EXPECT_EQ(page["after"], 4);
  page = json::parse(ledger_->events(site, epoch_a, 4, 2));
  EXPECT_EQ(page["events"].size(), 1u);
  EXPECT_EQ(page["after"], nullptr);
  EXPECT_TRUE(json::parse(ledger_->events(site, epoch_b, 0, 2))["events"].empty());
}

TEST_F(LedgerTest, DiscardStillAnswersRangesAndRefusesNonsense) {
  reopen(true);
  EXPECT_EQ(receipt(batch_of(1, 1, 3))["accepted"].size(), 3u);
  EXPECT_EQ(problem(batch_of(2, 9, 9)), "gap");
  EXPECT_EQ(ledger_->totals().accepted, 0);
  EXPECT_EQ(state()["sequence"], 3);
  json broken = batch_of(3, 4, 4);
  broken["events"][0].erase("id");
  EXPECT_EQ(problem(broken), "malformed");
}

}  // namespace
}  // namespace rollcall::casesim
