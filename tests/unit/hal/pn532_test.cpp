// The driver against a simulated chip: what it sees, how soon, and what it says to cards.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hal/chips/pn532_card.hpp"
#include "tests/unit/hal/pn532_bench.hpp"

namespace rollcall::hal {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::ElementsAreArray;
using Count = InField::Count;

class Pn532Driver : public testing::Test, protected Pn532Bench {};

TEST_F(Pn532Driver, WakesTheChipAndSetsItUp) {
  EXPECT_TRUE(chip.asleep());
  run(100ms);
  EXPECT_FALSE(chip.asleep());
  EXPECT_TRUE(reader.working());
  EXPECT_EQ(reader.firmware(), 0x32010607u);
  EXPECT_EQ(reader.errors(), 0u);
}

TEST_F(Pn532Driver, FieldIsOffBetweenLooks) {
  run(500ms);
  int powered = 0;
  for (int i = 0; i < 1000; ++i) {
    tick();
    powered += chip.field().powered();
  }
  EXPECT_GT(powered, 50);
  EXPECT_LT(powered, 400);
  chip.field().place(plain);
  ASSERT_TRUE(until_seen(plain));
  int lit = 0;
  for (int i = 0; i < 1000; ++i) {
    tick();
    lit += chip.field().powered();
  }
  EXPECT_LT(lit, 400) << "also while a card lies there";
}

TEST_F(Pn532Driver, WhoComesBehindSomebodyIsSeenSooner) {
  run(5s);
  chip.field().place(plain);
  ASSERT_TRUE(until_seen(plain));
  for (milliseconds offset = 0ms; offset < 50ms; offset += 7ms) {
    run(offset);
    chip.field().take_away(plain);
    chip.field().place(other);
    const auto took = until_seen(other);
    ASSERT_TRUE(took);
    EXPECT_LE(*took, 100ms);
    chip.field().take_away(other);
    chip.field().place(plain);
    ASSERT_TRUE(until_seen(plain));
  }
}

TEST_F(Pn532Driver, CardIsSeenWithin150MsWheneverItComes) {
  run(200ms);
  for (milliseconds offset = 0ms; offset < 120ms; offset += 7ms) {
    run(offset);
    chip.field().place(plain);
    const auto took = until_seen(plain);
    ASSERT_TRUE(took);
    EXPECT_LE(*took, 150ms);
    chip.field().take_away(plain);
    const auto gone = until_empty();
    ASSERT_TRUE(gone);
    EXPECT_LE(*gone, 150ms);
  }
  EXPECT_EQ(reader.errors(), 0u);
}

TEST_F(Pn532Driver, NumbersOfEachSizeAreRead) {
  for (const std::size_t size : {4u, 7u, 10u}) {
    ByteVector uid(size);
    for (std::size_t i = 0; i < size; ++i) uid[i] = static_cast<std::uint8_t>(0x11 * (i + 1));
    sim::PlainCard card(uid);
    chip.field().place(card);
    ASSERT_TRUE(until_seen(card)) << size;
    const InField field = tick();
    EXPECT_THAT(field.card.view(), ElementsAreArray(uid));
    EXPECT_EQ(field.card.atqa, card.identity().atqa);
    EXPECT_EQ(field.card.sak, card.identity().sak);
    EXPECT_FALSE(field.card.speaks_iso_dep());
    EXPECT_EQ(field.card.ats_size, 0);
    chip.field().clear();
    ASSERT_TRUE(until_empty());
  }
}

TEST_F(Pn532Driver, CardThatStaysIsTheSameCardAllTheTime) {
  chip.field().place(plain);
  ASSERT_TRUE(until_seen(plain));
  for (int i = 0; i < 2000; ++i) ASSERT_EQ(tick().count, Count::one);
}

TEST_F(Pn532Driver, TwoCardsAreSeveralAndOneOfThemIsOneAgain) {
  chip.field().place(plain);
  ASSERT_TRUE(until_seen(plain));
  chip.field().place(other);
  EXPECT_TRUE(until([](const InField& f) { return f.count == Count::several; }, 150ms));
  chip.field().take_away(plain);
  EXPECT_TRUE(until_seen(other));
  chip.field().place(bank);
  EXPECT_TRUE(until([](const InField& f) { return f.count == Count::several; }, 150ms));
  EXPECT_EQ(reader.errors(), 0u);
}

TEST_F(Pn532Driver, PhoneHasAnotherNumberEachTimeAndMayBeTheSame) {
  chip.field().place(phone);
  const auto one = [](const InField& f) { return f.count == Count::one; };
  ASSERT_TRUE(until(one));
  const Card first = tick().card;
  run(300ms);
  const Card second = tick().card;
  EXPECT_TRUE(first.random_number());
  EXPECT_NE(first, second);
  EXPECT_TRUE(may_be_same(first, second));
  EXPECT_TRUE(reader.begin_exchange(select_directory));
  EXPECT_EQ(settled(), Exchange::done);
}

TEST_F(Pn532Driver, ApduIsExchangedWithACardThatHasJustCome) {
  chip.field().place(bank);
  ASSERT_TRUE(until_seen(bank));
  const InField field = tick();
  EXPECT_TRUE(field.card.speaks_iso_dep());
  EXPECT_GT(field.card.ats_size, 1);
  EXPECT_EQ(field.card.ats[0], field.card.ats_size) << "TL counts itself";
  const auto began = clock.monotonic();
  ASSERT_TRUE(reader.begin_exchange(select_directory));
  EXPECT_EQ(reader.exchange(), Exchange::running);
  EXPECT_EQ(settled(), Exchange::done);
  EXPECT_LT(clock.monotonic() - began, 60ms);
  const Bytes said = reader.response();
  ASSERT_GE(said.size(), 2u);
  EXPECT_THAT(said.last(2), ElementsAre(0x90, 0x00));
  EXPECT_EQ(said[0], 0x6F) << "file control information, ISO/IEC 7816-4 5.3.3";
}

TEST_F(Pn532Driver, CardStaysPoweredBetweenExchangesAndNotForEver) {
  chip.field().place(bank);
  ASSERT_TRUE(until_seen(bank));
  ASSERT_TRUE(reader.begin_exchange(select_directory));
  ASSERT_EQ(settled(), Exchange::done);
  for (milliseconds t = 0ms; t < pn532::card_kept - 10ms; t += 1ms) {
    tick();
    ASSERT_TRUE(chip.field().powered());
  }
  ASSERT_TRUE(reader.begin_exchange(select_directory));
  ASSERT_EQ(settled(), Exchange::done);
  EXPECT_TRUE(
      until([this](const InField&) { return !chip.field().powered(); }, pn532::card_kept + 20ms));
}

TEST_F(Pn532Driver, CardThatLiesThereForLongIsSpokenToAsWell) {
  chip.field().place(bank);
  ASSERT_TRUE(until_seen(bank));
  for (milliseconds wait = 0ms; wait < 130ms; wait += 11ms) {
    run(1000ms + wait);
    ASSERT_TRUE(reader.begin_exchange(select_directory));
    EXPECT_EQ(settled(), Exchange::done);
  }
}

TEST_F(Pn532Driver, WhatCannotBeExchangedIsNotBegun) {
  EXPECT_FALSE(reader.begin_exchange(select_directory)) << "nothing there";
  chip.field().place(plain);
  ASSERT_TRUE(until_seen(plain));
  EXPECT_FALSE(reader.begin_exchange(select_directory)) << "a card with a number only";
  chip.field().place(bank);
  ASSERT_TRUE(until([](const InField& f) { return f.count == Count::several; }));
  EXPECT_FALSE(reader.begin_exchange(select_directory)) << "which one?";
  chip.field().take_away(plain);
  ASSERT_TRUE(until_seen(bank));
  EXPECT_FALSE(reader.begin_exchange({}));
  EXPECT_FALSE(reader.begin_exchange(ByteVector(max_apdu + 1)));
  ASSERT_TRUE(reader.begin_exchange(select_directory));
  EXPECT_FALSE(reader.begin_exchange(select_directory)) << "one at a time";
  EXPECT_EQ(settled(), Exchange::done);
}

TEST_F(Pn532Driver, LongestCommandReachesTheCard) {
  chip.field().place(bank);
  ASSERT_TRUE(until_seen(bank));
  ByteVector command{0x00, 0x77, 0x00, 0x00, 0xFD};
  command.resize(max_apdu);
  ASSERT_TRUE(reader.begin_exchange(command));
  ASSERT_EQ(settled(), Exchange::done);
  EXPECT_EQ(reader.response().size(), 2u) << "an instruction that it does not know";
}

TEST_F(Pn532Driver, SilentCardTimesOutAndIsStillThere) {
  SilentCard card;
  chip.field().place(card);
  ASSERT_TRUE(until_seen(card));
  ASSERT_TRUE(reader.begin_exchange(select_directory));
  EXPECT_EQ(settled(), Exchange::timed_out);
  EXPECT_EQ(tick().count, Count::one);
  EXPECT_EQ(reader.errors(), 0u) << "it is no fault of the reader";
}

TEST_F(Pn532Driver, CardPulledAtAnyMomentOfAnExchangeIsGone) {
  for (std::size_t bytes = 0; bytes < 60; ++bytes) {
    chip.field().place(bank);
    ASSERT_TRUE(until_seen(bank)) << bytes;
    chip.field().pull_after(bytes);
    ASSERT_TRUE(reader.begin_exchange(select_directory));
    const Exchange became = settled();
    if (became == Exchange::done) {
      EXPECT_GT(bytes, 40u) << "it had said all by then";
      chip.field().clear();
    } else {
      EXPECT_EQ(became, Exchange::card_gone) << bytes;
    }
    ASSERT_TRUE(until_empty());
    EXPECT_TRUE(reader.response().empty());
    chip.field().place(other);
    const auto took = until_seen(other);
    ASSERT_TRUE(took) << bytes;
    EXPECT_LE(*took, 150ms) << bytes;
    chip.field().clear();
    ASSERT_TRUE(until_empty());
  }
  EXPECT_EQ(reader.errors(), 0u);
}

TEST_F(Pn532Driver, CardPulledBeforeAnExchangeBeginsIsGone) {
  chip.field().place(bank);
  ASSERT_TRUE(until_seen(bank));
  run(300ms);  // the field goes off and on
  chip.field().clear();
  if (reader.begin_exchange(select_directory)) {
    EXPECT_EQ(settled(), Exchange::card_gone);
  }
  chip.field().place(plain);
  EXPECT_TRUE(until_seen(plain));
}

TEST_F(Pn532Driver, AnotherCardInItsPlaceIsNotSpokenTo) {
  sim::PaymentCard second(ByteVector{0x5A, 0x09, 0x09, 0x09});
  chip.field().place(bank);
  ASSERT_TRUE(until_seen(bank));
  run(300ms);
  ASSERT_TRUE(until([this](const InField&) { return !chip.field().powered(); }));
  chip.field().clear();
  chip.field().place(second);
  ASSERT_TRUE(reader.begin_exchange(select_directory));
  EXPECT_EQ(settled(), Exchange::card_gone);
  EXPECT_TRUE(until_seen(second));
}

TEST_F(Pn532Driver, CancelledExchangeLeavesAWorkingReader) {
  for (int after = 0; after < 40; ++after) {
    chip.field().place(bank);
    ASSERT_TRUE(until_seen(bank));
    ASSERT_TRUE(reader.begin_exchange(select_directory));
    run(milliseconds(after));
    reader.cancel_exchange();
    EXPECT_EQ(reader.exchange(), Exchange::none);
    chip.field().clear();
    ASSERT_TRUE(until_empty());
    chip.field().place(plain);
    ASSERT_TRUE(until_seen(plain)) << after;
    EXPECT_EQ(reader.exchange(), Exchange::none);
    chip.field().clear();
    ASSERT_TRUE(until_empty());
  }
  EXPECT_EQ(reader.errors(), 0u);
}

TEST_F(Pn532Driver, ChipThatWorksLongOnACommandWasAskedForMoreTime) {
  chip.field().place(bank);
  ASSERT_TRUE(until_seen(bank));
  ASSERT_TRUE(reader.begin_exchange(select_directory));
  // Mute once the acknowledgement is out.
  const auto commands = chip.commands();
  ASSERT_TRUE(until([&](const InField&) { return chip.commands() > commands; }));
  run(4ms);
  chip.set_mute(true);
  const auto extended = [this](const InField&) { return reader.exchange() == Exchange::extended; };
  EXPECT_TRUE(until(extended, pn532::patience(tick().card) + 100ms));
  reader.cancel_exchange();
  chip.set_mute(false);
  run(2000ms);
  EXPECT_TRUE(until_seen(bank));
}

TEST(Pn532Card, PatienceFollowsTheFrameWaitingTime) {
  using pn532::patience;
  Card card;
  const auto with_ats = [&](std::initializer_list<std::uint8_t> ats) {
    std::ranges::copy(ats, card.ats.begin());
    card.ats_size = static_cast<std::uint8_t>(ats.size());
    return patience(card);
  };
  const auto standard = patience(card);  // FWI 4: 4.8 ms each
  EXPECT_GE(standard, 14ms);
  EXPECT_LE(standard, 100ms);
  EXPECT_EQ(with_ats({0x05, 0x78, 0x00, 0x40, 0x02}), standard);
  EXPECT_EQ(with_ats({0x03, 0x68, 0x40}), standard) << "without TA(1)";
  EXPECT_EQ(with_ats({0x03, 0x18, 0x80}), standard) << "without TB(1)";
  EXPECT_EQ(with_ats({0x05, 0x78, 0x00, 0xF0, 0x02}), standard) << "15 is for future use";
  EXPECT_EQ(with_ats({0x02, 0x78}), standard) << "cut short";
  EXPECT_GE(with_ats({0x05, 0x78, 0x00, 0x80, 0x02}), 3 * 77ms);  // FWI 8: 77.3 ms
}

TEST(Pn532Card, ListIsReadAsTheManualPrintsIt) {
  // MIFARE Classic, then DESFire EV1 with its ATS, then two targets.
  const std::uint8_t classic[] = {0x01, 0x01, 0x00, 0x04, 0x08, 0x04, 0x3E, 0x8B, 0xC5, 0x10};
  auto field = pn532::read_list(classic);
  ASSERT_TRUE(field);
  EXPECT_EQ(field->count, Count::one);
  EXPECT_EQ(field->card.atqa, 0x0004);
  EXPECT_EQ(field->card.sak, 0x08);
  EXPECT_THAT(field->card.view(), ElementsAre(0x3E, 0x8B, 0xC5, 0x10));
  const std::uint8_t desfire[] = {0x01, 0x01, 0x03, 0x44, 0x20, 0x07, 0x04, 0x31, 0x65, 0x72,
                                  0x1A, 0x2B, 0x80, 0x06, 0x75, 0x77, 0x81, 0x02, 0x80};
  field = pn532::read_list(desfire);
  ASSERT_TRUE(field);
  EXPECT_EQ(field->card.atqa, 0x0344);
  EXPECT_EQ(field->card.size, 7);
  EXPECT_THAT(Bytes(field->card.ats).first(field->card.ats_size),
              ElementsAre(0x06, 0x75, 0x77, 0x81, 0x02, 0x80));
  const std::uint8_t two[] = {0x02, 0x01, 0x00, 0x04, 0x08, 0x04, 0x3E, 0x8B, 0xC5, 0x10, 0x02,
                              0x00, 0x44, 0x00, 0x07, 0x04, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66};
  EXPECT_EQ(pn532::read_list(two)->count, Count::several);
  const std::uint8_t none[] = {0x00};
  EXPECT_EQ(pn532::read_list(none)->count, Count::none);
  for (std::size_t size = 0; size < sizeof classic; ++size) {
    if (size == 1) continue;  // says how many
    EXPECT_FALSE(pn532::read_list(Bytes(classic).first(size))) << size;
  }
  std::uint8_t odd[] = {0x01, 0x01, 0x00, 0x04, 0x08, 0x05, 0x3E, 0x8B, 0xC5, 0x10, 0x11};
  EXPECT_FALSE(pn532::read_list(odd)) << "no card has five";
}

}  // namespace
}  // namespace rollcall::hal
