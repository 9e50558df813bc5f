// The driver and a chip, a line or a card that fails: each case ends in a reader that takes the
// next card.
#include <cstdint>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/hal/pn532_bench.hpp"

namespace rollcall::hal {
namespace {

using namespace std::chrono_literals;
using Count = InField::Count;

// A card lies there, an exchange is on its way, and something happens at each moment of it and of
// the looks for cards after it.
void at_each_moment(const std::function<void(Pn532Bench&)>& happens, milliseconds recovers) {
  for (milliseconds moment = 0ms; moment < 160ms; moment += 3ms) {
    Pn532Bench bench;
    bench.chip.field().place(bench.bank);
    ASSERT_TRUE(bench.until_seen(bench.bank));
    ASSERT_TRUE(bench.reader.begin_exchange(select_directory));
    bench.run(moment);
    happens(bench);
    const Exchange became = bench.settled(pn532::exchange_timeout + 100ms);
    bench.chip.field().pull_after(SIZE_MAX);
    EXPECT_TRUE(became == Exchange::done || became == Exchange::card_gone ||
                became == Exchange::failed || became == Exchange::timed_out)
        << moment.count() << " " << static_cast<int>(became);
    bench.chip.field().clear();
    ASSERT_TRUE(bench.until_empty()) << moment.count();
    bench.chip.field().place(bench.other);
    const auto took = bench.until_seen(bench.other);
    ASSERT_TRUE(took) << moment.count();
    EXPECT_LE(*took, recovers) << moment.count();
    EXPECT_TRUE(bench.reader.working());
    bench.chip.field().clear();
    ASSERT_TRUE(bench.until_empty());
    bench.chip.field().place(bench.bank);
    ASSERT_TRUE(bench.until_seen(bench.bank)) << moment.count();
    ASSERT_TRUE(bench.reader.begin_exchange(select_directory));
    EXPECT_EQ(bench.settled(), Exchange::done) << moment.count();
  }
}

TEST(Pn532Faults, RefusedCommand) {
  at_each_moment([](Pn532Bench& bench) { bench.chip.refuse_next(); }, 250ms);
}

TEST(Pn532Faults, SpoiltChecksum) {
  at_each_moment([](Pn532Bench& bench) { bench.chip.spoil_next_checksum(); }, 250ms);
}

TEST(Pn532Faults, GarbageBeforeAnAnswer) {
  const ByteVector kinds[] = {{0xFF, 0x55, 0x00},
                              {0x00, 0x00, 0xFF, 0x05, 0xFB, 0xD5},  // the beginning of a frame
                              {0x00, 0x00, 0xFF, 0xFF, 0xFF, 0x01, 0x02, 0xFD},
                              ByteVector(100, 0x00),
                              ByteVector(300, 0xA5)};
  for (const ByteVector& garbage : kinds) {
    at_each_moment([&](Pn532Bench& bench) { bench.chip.disturb_next(garbage); }, 700ms);
  }
}

TEST(Pn532Faults, AnswerCutShort) {
  for (const std::size_t bytes : {0u, 1u, 4u, 8u, 12u}) {
    at_each_moment([&](Pn532Bench& bench) { bench.chip.cut_next(bytes); }, 800ms);
  }
}

TEST(Pn532Faults, CardPulled) {
  for (const std::size_t bytes : {0u, 3u, 12u, 30u}) {
    at_each_moment([&](Pn532Bench& bench) { bench.chip.field().pull_after(bytes); }, 250ms);
  }
}

TEST(Pn532Faults, ChipStartedAnew) {
  at_each_moment([](Pn532Bench& bench) { bench.chip.power_cycle(); }, 900ms);
}

TEST(Pn532Faults, ChipMuteForAMoment) {
  at_each_moment(
      [](Pn532Bench& bench) {
        bench.chip.set_mute(true);
        bench.run(400ms);
        bench.reader.cancel_exchange();
        bench.chip.set_mute(false);
        ASSERT_TRUE(bench.until_seen(bench.bank));
        ASSERT_TRUE(bench.reader.begin_exchange(select_directory));
      },
      900ms);
}

TEST(Pn532Faults, ReaderTakenAwayIsNotWorkingUntilItIsBack) {
  Pn532Bench bench;
  bench.chip.field().place(bench.plain);
  ASSERT_TRUE(bench.until_seen(bench.plain));
  bench.chip.set_mute(true);
  EXPECT_TRUE(bench.until_empty()) << "nobody knows what is in the field";
  ASSERT_TRUE(bench.until([&](const InField&) { return !bench.reader.working(); }));
  const auto errors = bench.reader.errors();
  EXPECT_GE(errors, pn532::failures_before_setup + pn532::setups_before_silent);
  bench.run(60s);
  EXPECT_FALSE(bench.reader.working());
  EXPECT_GT(bench.reader.errors(), errors);
  bench.chip.set_mute(false);
  const auto took = bench.until_seen(bench.plain);
  ASSERT_TRUE(took);
  EXPECT_LE(*took, 900ms);
  EXPECT_TRUE(bench.reader.working());
}

TEST(Pn532Faults, ReaderThatIsNotThereAtStartIsFoundLater) {
  Pn532Bench bench;
  bench.chip.set_mute(true);
  bench.run(10s);
  EXPECT_FALSE(bench.reader.working());
  EXPECT_EQ(bench.reader.firmware(), 0u);
  bench.chip.set_mute(false);
  bench.chip.field().place(bench.plain);
  EXPECT_TRUE(bench.until_seen(bench.plain));
  EXPECT_TRUE(bench.reader.working());
}

TEST(Pn532Faults, SilentReaderIsNotAskedInABusyLoop) {
  Pn532Bench bench;
  bench.chip.set_mute(true);
  bench.run(2s);
  unsigned busy = 0;
  for (int i = 0; i < 5000; ++i) {
    bench.tick();
    busy += bench.reader.next_poll() <= bench.clock.monotonic() ? 1 : 0;
  }
  EXPECT_EQ(busy, 0u);
}

}  // namespace
}  // namespace rollcall::hal
