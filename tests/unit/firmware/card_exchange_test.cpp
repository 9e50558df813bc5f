// APDUs of the host for the card at the reader.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/firmware/bench.hpp"

namespace rollcall::firmware {
namespace {

using protocol::ApduStatus;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

using Said = std::optional<std::vector<std::uint8_t>>;

hal::Card speaking_card(std::uint8_t number) {
  hal::Card card = Bench::card_of(number);
  card.sak = 0x20;
  return card;
}

class CardExchanges : public testing::Test {
 protected:
  // The card answers the bank's question with 6A82 and everything else with `said`.
  CardExchanges() {
    bench.reader.set_talk([this](hal::Bytes command) -> Said {
      if (command.size() == 20) return directory;
      heard.emplace_back(command.begin(), command.end());
      return said;
    });
    bench.switch_on();
    bench.plug_in();
  }

  void ask(std::uint32_t exchange, std::uint16_t deadline_ms = 500) {
    protocol::ApduRequest request;
    request.exchange = exchange;
    request.deadline_ms = deadline_ms;
    const std::uint8_t command[] = {0x90, 0x60, 0x00, 0x00, 0x00};
    request.command.assign(command);
    bench.host->say(request);
  }
  void hold(const hal::Card& card) {
    bench.reader.hold(card);
    bench.run(Millis(100));
  }
  std::vector<ApduStatus> statuses() const {
    std::vector<ApduStatus> all;
    for (const auto& response : bench.host->apdus) all.push_back(response.status);
    return all;
  }

  Bench bench;
  Said directory = std::vector<std::uint8_t>{0x6A, 0x82};
  Said said = std::vector<std::uint8_t>{0x04, 0x01, 0x01, 0x91, 0xAF};
  std::vector<std::vector<std::uint8_t>> heard;
};

TEST_F(CardExchanges, HelloSaysThatTheReaderCan) {
  EXPECT_NE(bench.host->hello_seen.capabilities & protocol::capability::apdu, 0u);
}

TEST_F(CardExchanges, CommandReachesTheCardAndItsAnswerTheHost) {
  hold(speaking_card(1));
  ask(77);
  bench.run(Millis(50));
  EXPECT_THAT(heard, ElementsAre(ElementsAre(0x90, 0x60, 0x00, 0x00, 0x00)));
  ASSERT_THAT(bench.host->apdus, SizeIs(1));
  EXPECT_EQ(bench.host->apdus[0].exchange, 77u);
  EXPECT_EQ(bench.host->apdus[0].status, ApduStatus::ok);
  EXPECT_TRUE(std::ranges::equal(bench.host->apdus[0].data.view(), *said));
  ask(78);
  bench.run(Millis(50));
  EXPECT_THAT(statuses(), ElementsAre(ApduStatus::ok, ApduStatus::ok));
}

TEST_F(CardExchanges, WithoutACardThatSpeaksThereIsNone) {
  ask(1);
  bench.run(Millis(50));
  hold(Bench::card_of(2));
  ask(2);
  bench.run(Millis(50));
  bench.reader.hold_several();
  bench.run(Millis(50));
  ask(3);
  bench.run(Millis(50));
  EXPECT_THAT(statuses(),
              ElementsAre(ApduStatus::no_card, ApduStatus::unsupported, ApduStatus::no_card));
}

TEST_F(CardExchanges, NobodyTalksToABankCard) {
  directory = std::vector<std::uint8_t>{0x90, 0x00};
  hold(speaking_card(1));
  ask(1);
  bench.run(Millis(50));
  EXPECT_THAT(statuses(), ElementsAre(ApduStatus::unsupported));
  EXPECT_THAT(heard, IsEmpty());
}

TEST_F(CardExchanges, OneAtATime) {
  said.reset();
  hold(speaking_card(1));
  ask(1);
  ask(2);
  bench.run(Millis(100));
  EXPECT_THAT(statuses(), ElementsAre(ApduStatus::busy));
  EXPECT_EQ(bench.host->apdus[0].exchange, 2u);
  said = std::vector<std::uint8_t>{0x90, 0x00};
  bench.run(Millis(100));
  EXPECT_THAT(statuses(), ElementsAre(ApduStatus::busy, ApduStatus::ok));
  EXPECT_EQ(bench.host->apdus[1].exchange, 1u);
}

TEST_F(CardExchanges, DeadlineEndsItAndTheReaderIsFree) {
  said.reset();
  hold(speaking_card(1));
  ask(1, 300);
  bench.run(Millis(250));
  EXPECT_THAT(statuses(), IsEmpty());
  bench.run(Millis(100));
  EXPECT_THAT(statuses(), ElementsAre(ApduStatus::timed_out));
  EXPECT_THAT(bench.host->apdu_waits, IsEmpty());
  bench.reader.remove();
  bench.run(Millis(20));
  bench.tap(2);
  bench.run(Millis(50));
  EXPECT_THAT(bench.host->taps, SizeIs(2));
}

TEST_F(CardExchanges, CardThatAsksForMoreTimeGetsItAndTheHostIsTold) {
  said.reset();
  hold(speaking_card(1));
  ask(1, 300);
  bench.run(Millis(100));
  bench.reader.ask_more_time();
  bench.run(Millis(150));
  ASSERT_THAT(bench.host->apdu_waits, SizeIs(1)) << "before the deadline";
  EXPECT_EQ(bench.host->apdu_waits[0].exchange, 1u);
  EXPECT_EQ(bench.host->apdu_waits[0].more_ms, exchange_extension.count());
  bench.run(Millis(700));
  said = std::vector<std::uint8_t>{0x90, 0x00};
  bench.run(Millis(50));
  EXPECT_THAT(statuses(), ElementsAre(ApduStatus::ok));
}

TEST_F(CardExchanges, MoreTimeIsNotGivenForEver) {
  said.reset();
  hold(speaking_card(1));
  ask(1, 300);
  bench.run(Millis(100));
  bench.reader.ask_more_time();
  bench.run(Millis(10'000));
  EXPECT_THAT(bench.host->apdu_waits, SizeIs(exchange_extensions));
  EXPECT_THAT(statuses(), ElementsAre(ApduStatus::timed_out));
}

TEST_F(CardExchanges, CardThatLeavesIsGoneAndTheNextOneIsATap) {
  said.reset();
  hold(speaking_card(1));
  ask(1);
  bench.run(Millis(100));
  bench.reader.hold(Bench::card_of(2));
  bench.run(Millis(100));
  EXPECT_THAT(statuses(), ElementsAre(ApduStatus::card_gone));
  EXPECT_THAT(bench.host->taps, SizeIs(2));
}

TEST_F(CardExchanges, WhatTheNextCardSaysIsNoAnswerOfTheLast) {
  said.reset();
  hold(speaking_card(1));
  ask(1);
  bench.run(Millis(100));
  directory = std::vector<std::uint8_t>{0x90, 0x00};
  bench.reader.hold(speaking_card(2));  // in the place of the first, a bank card
  bench.run(Millis(100));
  EXPECT_THAT(statuses(), ElementsAre(ApduStatus::card_gone));
  ASSERT_THAT(bench.host->taps, SizeIs(2));
  EXPECT_EQ(bench.host->taps[1].kind, protocol::ReadingKind::uid_random);
}

TEST_F(CardExchanges, RequestWaitsUntilTheCardIsKnown) {
  directory.reset();  // silent to the bank's question
  bench.reader.hold(speaking_card(1));
  bench.run(Millis(10));
  ask(1);
  bench.run(Millis(30));
  EXPECT_THAT(statuses(), IsEmpty());
  bench.run(Millis(100));
  EXPECT_THAT(statuses(), ElementsAre(ApduStatus::ok));
}

TEST_F(CardExchanges, AnswerThatNoMessageTakesFails) {
  said = std::vector<std::uint8_t>(protocol::max_apdu + 1, 0x55);
  hold(speaking_card(1));
  ask(1);
  bench.run(Millis(50));
  ASSERT_THAT(statuses(), ElementsAre(ApduStatus::failed));
  EXPECT_EQ(bench.host->apdus[0].data.size, 0);
}

TEST_F(CardExchanges, EndOfTheLinkEndsIt) {
  said.reset();
  hold(speaking_card(1));
  ask(1, 60'000);
  bench.run(Millis(100));
  bench.unplug();
  EXPECT_EQ(bench.reader.exchange(), hal::Exchange::none);
  said = std::vector<std::uint8_t>{0x90, 0x00};
  bench.plug_in();
  ASSERT_TRUE(bench.run_until([&] { return bench.terminal->welcomed(); }));
  EXPECT_THAT(bench.host->apdus, IsEmpty());
  ask(2);
  bench.run(Millis(100));
  EXPECT_THAT(statuses(), ElementsAre(ApduStatus::ok));
}

TEST_F(CardExchanges, TapsAreTakenWhileAnExchangeRuns) {
  said.reset();
  hold(speaking_card(1));
  EXPECT_THAT(bench.shown, ElementsAre(Shown::arrived)) << "the tap of the very card";
  ask(1, 60'000);
  bench.run(Millis(700));
  bench.reader.hold(Bench::card_of(2));
  bench.run(Millis(50));
  EXPECT_THAT(bench.shown, ElementsAre(Shown::arrived, Shown::arrived));
}

}  // namespace
}  // namespace rollcall::firmware
