// What people hold to the reader: cards alone and together, phones, bank cards.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/firmware/bench.hpp"

namespace rollcall::firmware {
namespace {

using hal::Colour;
using protocol::ReadingKind;
using protocol::ScreenSlot;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

using Said = std::optional<std::vector<std::uint8_t>>;

hal::Card iso_dep_card(std::initializer_list<std::uint8_t> uid) {
  hal::Card card;
  std::ranges::copy(uid, card.uid.begin());
  card.size = static_cast<std::uint8_t>(uid.size());
  card.sak = 0x20;
  return card;
}

class Cards : public testing::Test {
 protected:
  Cards() : bench({.panel = hal::Size{64, 48}}) { bench.plug_in(); }

  // Cards answer every command with these bytes.
  void talk(std::initializer_list<std::uint8_t> said) {
    bench.reader.set_talk([this, said = std::vector(said)](hal::Bytes command) -> Said {
      asked.emplace_back(command.begin(), command.end());
      return said;
    });
    restart();  // it says in its HELLO that it can
  }
  void restart() {
    bench.unplug();
    bench.switch_on();
    bench.plug_in();
  }

  Bench bench;
  std::vector<std::vector<std::uint8_t>> asked;
};

TEST_F(Cards, SeveralAtOnceAreToldAndNoneIsRecorded) {
  bench.reader.hold_several();
  bench.run(Millis(20));
  EXPECT_THAT(bench.shown, ElementsAre(Shown::one_card));
  EXPECT_EQ(bench.indicator.light(), feedback_for(Shown::one_card).light);
  EXPECT_EQ(bench.terminal->shown_slot(), ScreenSlot::one_card);
  bench.run(Millis(3000));
  EXPECT_THAT(bench.shown, SizeIs(1)) << "once, however long they lie there";
  EXPECT_THAT(bench.host->taps, IsEmpty());
  EXPECT_EQ(bench.terminal->queue().waiting(), 0u);
  EXPECT_EQ(bench.terminal->counters().not_accepted, 1u);
  EXPECT_EQ(bench.terminal->shown_slot(), ScreenSlot::idle);
}

TEST_F(Cards, WalletOnItsWayOutRecordsNone) {
  bench.reader.hold_several();
  bench.run(Millis(500));
  bench.reader.hold(Bench::card_of(1));
  bench.run(Millis(200));
  bench.reader.remove();
  bench.run(Millis(100));
  bench.reader.hold(Bench::card_of(2));
  bench.run(Millis(200));
  bench.reader.hold_several();
  bench.run(Millis(200));
  bench.reader.remove();
  bench.run(Millis(400));
  EXPECT_THAT(bench.shown, ElementsAre(Shown::one_card));
  EXPECT_THAT(bench.taken, IsEmpty());
  bench.run(Millis(200));
  bench.reader.hold(Bench::card_of(1));
  bench.run(Millis(50));
  EXPECT_THAT(bench.shown, ElementsAre(Shown::one_card, Shown::arrived));
}

TEST_F(Cards, SecondCardOverOneThatWasLeftIsSeveralAndNeitherIsTakenAgain) {
  bench.reader.hold(Bench::card_of(1));
  bench.run(Millis(2000));
  bench.reader.hold_several();
  bench.run(Millis(300));
  bench.reader.hold(Bench::card_of(1));
  bench.run(Millis(3000));
  EXPECT_THAT(bench.shown, ElementsAre(Shown::arrived, Shown::one_card));
  bench.reader.remove();
  bench.run(Millis(600));
  bench.reader.hold(Bench::card_of(2));
  bench.run(Millis(50));
  EXPECT_THAT(bench.shown, ElementsAre(Shown::arrived, Shown::one_card, Shown::arrived));
}

TEST_F(Cards, SeveralWhileAnAnswerIsWaitedForAreToldAfterIt) {
  bench.host->answers = false;
  bench.tap(1);
  bench.reader.hold_several();
  bench.run(Millis(300));
  EXPECT_THAT(bench.shown, IsEmpty());
  bench.host->answer(bench.host->taps[0], Outcome::arrived);
  bench.run(Millis(50));
  EXPECT_THAT(bench.shown, ElementsAre(Shown::arrived, Shown::one_card));
}

TEST_F(Cards, CardThatCameWhileAnAnswerWasWaitedForIsTakenAlthoughItIsGone) {
  bench.host->answers = false;
  bench.tap(1);
  bench.run(Millis(600));
  bench.tap(2);
  bench.run(Millis(50));
  EXPECT_THAT(bench.host->taps, SizeIs(1));
  bench.host->answers = true;
  bench.run(Millis(1000));
  EXPECT_THAT(bench.shown, ElementsAre(Shown::recorded_offline, Shown::arrived));
  ASSERT_THAT(bench.host->taps, SizeIs(2));
  EXPECT_EQ(bench.host->taps[1].reading.data[1], 2);
}

TEST_F(Cards, SameCardComingBackWhileItsAnswerIsWaitedForIsAnotherTap) {
  bench.host->answers = false;
  bench.tap(1);
  bench.run(Millis(600));
  bench.tap(1);
  bench.run(Millis(1000));
  EXPECT_THAT(bench.taken, SizeIs(2)) << "it was away for longer than a shaky hand";
}

TEST_F(Cards, PhoneOnTheReaderIsOneTapThoughItsNumberChanges) {
  talk({0x90, 0x00});
  for (std::uint8_t i = 1; i < 20; ++i) {
    bench.reader.hold(iso_dep_card({0x08, i, 2, 3}));
    bench.run(Millis(100));
  }
  ASSERT_THAT(bench.host->taps, SizeIs(1));
  EXPECT_EQ(bench.host->taps[0].kind, ReadingKind::uid_random);
  EXPECT_THAT(asked, IsEmpty()) << "its number says nothing anyway";
  bench.reader.remove();
  bench.run(Millis(600));
  bench.reader.hold(iso_dep_card({0x08, 99, 2, 3}));
  bench.run(Millis(50));
  EXPECT_THAT(bench.host->taps, SizeIs(2));
}

TEST_F(Cards, BankCardIsRecordedWithoutItsNumber) {
  talk({0x6F, 0x00, 0x90, 0x00});
  bench.host->outcome = Outcome::see_staff;
  const hal::Card bank = iso_dep_card({0x04, 0x99, 0x98, 0x97, 0x96, 0x95, 0x94});
  for (int i = 0; i < 2; ++i) {
    bench.reader.hold(bank);
    bench.run(Millis(800));
    bench.reader.remove();
    bench.run(Millis(800));
  }
  ASSERT_THAT(asked, SizeIs(1)) << "once; it is known then";
  EXPECT_THAT(asked[0], ElementsAre(0x00, 0xA4, 0x04, 0x00, 14, '2', 'P', 'A', 'Y', '.', 'S', 'Y',
                                    'S', '.', 'D', 'D', 'F', '0', '1', 0x00));
  EXPECT_THAT(bench.shown, ElementsAre(Shown::see_staff, Shown::see_staff));
  EXPECT_EQ(bench.indicator.lights()[bench.indicator.lights().size() - 2].colour, Colour::amber);
  ASSERT_THAT(bench.host->taps, SizeIs(2));
  for (const protocol::Tap& tap : bench.host->taps) {
    EXPECT_EQ(tap.kind, ReadingKind::uid_random);
    ASSERT_EQ(tap.reading.size, 4);
    EXPECT_EQ(tap.reading.data[0], 0x08);
  }
  EXPECT_FALSE(
      std::ranges::equal(bench.host->taps[0].reading.view(), bench.host->taps[1].reading.view()))
      << "nothing links the two";
}

TEST_F(Cards, BankCardsNumberIsInNoQueueAndNoWordToTheHost) {
  talk({0x90, 0x00});
  bench.host->say(protocol::CardWatch{true});
  bench.run(Millis(50));
  const std::vector<std::uint8_t> number{0x5A, 0x17, 0x2B, 0x3C};
  bench.reader.hold(iso_dep_card({0x5A, 0x17, 0x2B, 0x3C}));
  bench.run(Millis(200));
  bench.unplug();
  bench.reader.remove();
  bench.run(Millis(600));
  bench.reader.hold(iso_dep_card({0x5A, 0x17, 0x2B, 0x3C}));
  bench.run(Millis(200));
  EXPECT_THAT(bench.shown, ElementsAre(Shown::arrived, Shown::recorded_offline));
  bench.plug_in();
  bench.run(Millis(200));
  ASSERT_THAT(bench.host->cards, SizeIs(1));
  EXPECT_EQ(bench.host->cards[0].kind, ReadingKind::uid_random);
  ASSERT_THAT(bench.host->queued, SizeIs(1));
  const auto opened = protocol::open_reading(bench.host->site_private, bench.host->queued[0]);
  ASSERT_TRUE(opened);
  for (const hal::Bytes said : {bench.host->cards[0].reading.view(),
                                bench.host->taps[0].reading.view(), opened->reading.view()}) {
    EXPECT_FALSE(std::ranges::equal(said, number));
    EXPECT_EQ(said[0], 0x08);
  }
}

TEST_F(Cards, CardOfTheSiteThatSpeaksIsAskedOnceAndRecordedAsItself) {
  talk({0x6A, 0x82});
  const hal::Card card = iso_dep_card({0x04, 1, 2, 3, 4, 5, 6});
  bench.reader.hold(card);
  bench.run(Millis(2000));
  EXPECT_THAT(asked, SizeIs(1));
  ASSERT_THAT(bench.host->taps, SizeIs(1));
  EXPECT_EQ(bench.host->taps[0].kind, ReadingKind::uid);
  EXPECT_TRUE(std::ranges::equal(bench.host->taps[0].reading.view(), card.view()));
}

TEST_F(Cards, CardThatDoesNotSpeakIsNotAsked) {
  talk({0x90, 0x00});
  bench.reader.hold(Bench::card_of(1));
  bench.terminal->step();
  EXPECT_THAT(bench.taken, SizeIs(1)) << "at once";
  EXPECT_THAT(asked, IsEmpty());
}

TEST_F(Cards, SilentCardDelaysItsTapBy60MsAtMost) {
  bench.reader.set_talk([](hal::Bytes) { return Said(); });
  bench.reader.hold(iso_dep_card({0x04, 1, 2, 3, 4, 5, 6}));
  EXPECT_TRUE(bench.run_until([&] { return bench.taken.size() == 1; }, Millis(65)));
  EXPECT_EQ(bench.taken[0].kind, ReadingKind::uid);
}

TEST_F(Cards, CardThatLeavesWhileItIsAskedIsNoTap) {
  bench.reader.set_talk([](hal::Bytes) { return Said(); });
  bench.reader.hold(iso_dep_card({0x04, 1, 2, 3, 4, 5, 6}));
  bench.run(Millis(30));
  bench.reader.remove();
  bench.run(Millis(500));
  EXPECT_THAT(bench.taken, IsEmpty());
  bench.tap(2);
  bench.run(Millis(50));
  EXPECT_THAT(bench.taken, SizeIs(1)) << "and the next one is taken";
}

TEST_F(Cards, BrokenReaderIsSaidOnThePanelAndInTheCounters) {
  bench.reader.set_working(false);
  bench.reader.set_errors(17);
  bench.run(Millis(20));
  EXPECT_EQ(bench.terminal->shown_slot(), ScreenSlot::out_of_service);
  bench.host->say(protocol::StatsRequest{});
  bench.run(Millis(50));
  ASSERT_THAT(bench.host->stats, SizeIs(1));
  EXPECT_EQ(bench.host->stats[0].reader_errors, 17u);
  bench.reader.set_working(true);
  bench.run(Millis(20));
  EXPECT_EQ(bench.terminal->shown_slot(), ScreenSlot::idle);
}

}  // namespace
}  // namespace rollcall::firmware
