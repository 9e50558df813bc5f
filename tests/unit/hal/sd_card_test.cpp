#include "hal/chips/sd_card.hpp"

#include <string_view>

#include <gtest/gtest.h>

#include "tests/unit/hal/scripted_spi.hpp"
#include "tests/unit/hal/sd_card_model.hpp"

namespace rollcall::hal {
namespace {

using std::chrono::milliseconds;
using Kind = SdCardModel::Kind;
using Content = SdCardModel::Content;

Content pattern(std::uint8_t seed) {
  Content content;
  for (std::size_t i = 0; i < content.size(); ++i) {
    content[i] = static_cast<std::uint8_t>(seed + i * 7 + i / 256);
  }
  return content;
}

struct SdCardTest : testing::TestWithParam<Kind> {
  SdCardTest() { model.step = milliseconds{0}; }
  SdCardModel model{GetParam()};
  SdCard card{model, model, model.clock};
};
using EachKindOfSdCard = SdCardTest;
INSTANTIATE_TEST_SUITE_P(Sd, EachKindOfSdCard,
                         testing::Values(Kind::version_1, Kind::standard, Kind::high_capacity));

TEST_P(EachKindOfSdCard, StartsAndTellsItsSize) {
  ASSERT_TRUE(card.start());
  EXPECT_EQ(card.blocks(), 65536u);
  EXPECT_GE(model.unselected_bytes, 10);  // 74 clocks
  EXPECT_EQ(model.initialisations, 1);
}

TEST_P(EachKindOfSdCard, KeepsWhatIsWritten) {
  for (const std::uint32_t block : {0u, 1u, 65535u}) {
    ASSERT_TRUE(card.write(block, pattern(static_cast<std::uint8_t>(block + 3))));
  }
  for (const std::uint32_t block : {0u, 1u, 65535u}) {
    Content read;
    ASSERT_TRUE(card.read(block, read));
    EXPECT_EQ(read, pattern(static_cast<std::uint8_t>(block + 3)));
    EXPECT_EQ(model.blocks.at(block), read);
  }
  EXPECT_EQ(card.counters().errors, 0u);
  EXPECT_EQ(model.initialisations, 1);
}

TEST_P(EachKindOfSdCard, ABlockBehindItsEndIsOutOfRange) {
  Content content = pattern(1);
  EXPECT_EQ(card.read(65536, content), std::unexpected(SdError::out_of_range));
  EXPECT_EQ(card.write(65536, content), std::unexpected(SdError::out_of_range));
  EXPECT_TRUE(model.blocks.empty());
}

TEST_P(EachKindOfSdCard, IsTriedAgainAfterEachErrorThatPasses) {
  ASSERT_TRUE(card.write(5, pattern(5)));
  const auto faults = {
      +[](SdCardModel& m) { m.error_token = 0x04; },  // card ECC failed
      +[](SdCardModel& m) { m.damage_read = true; },  // a bit on the line
      +[](SdCardModel& m) { m.silent_read = true; },  // no data
      +[](SdCardModel& m) { m.lose_power = true; },   // the card started anew
  };
  model.step = milliseconds{1};
  int starts = 1;
  for (const auto fault : faults) {
    fault(model);
    Content read;
    EXPECT_TRUE(card.read(5, read));
    EXPECT_EQ(read, pattern(5));
    EXPECT_EQ(model.initialisations, ++starts);
  }
  const auto write_faults = {
      +[](SdCardModel& m) { m.data_response = 0xeb; },  // CRC error
      +[](SdCardModel& m) { m.data_response = 0xed; },  // write error
      +[](SdCardModel& m) { m.data_response = 0xff; },  // nothing
      +[](SdCardModel& m) { m.status = 0x08; },         // card ECC failed in programming
      +[](SdCardModel& m) { m.lose_power = true; },
  };
  std::uint8_t seed = 10;
  for (const auto fault : write_faults) {
    fault(model);
    EXPECT_TRUE(card.write(6, pattern(++seed)));
    EXPECT_EQ(model.blocks.at(6), pattern(seed));
    EXPECT_EQ(model.initialisations, ++starts);
  }
  EXPECT_EQ(card.counters().errors, faults.size() + write_faults.size());
}

TEST_P(EachKindOfSdCard, SaysWhatWentWrongTheSecondTimeToo) {
  ASSERT_TRUE(card.start());
  Content content = pattern(1);
  model.attempts_to_start = 1'000'000;
  model.step = milliseconds{1};
  model.error_token = 0x01;
  EXPECT_EQ(card.read(5, content), std::unexpected(SdError::timed_out));  // it never started again
  model.attempts_to_start = 1;
  EXPECT_TRUE(card.read(5, content));
}

TEST_P(EachKindOfSdCard, ThatStaysBusyTimesOut) {
  ASSERT_TRUE(card.start());
  model.step = milliseconds{1};
  model.busy_for_ever = true;
  const milliseconds before = model.clock.monotonic();
  EXPECT_EQ(card.write(5, pattern(1)), std::unexpected(SdError::timed_out));
  EXPECT_LT(model.clock.monotonic() - before, milliseconds{5000});
}

TEST_P(EachKindOfSdCard, WaitsForAWriteOfAnyAllowedLength) {
  ASSERT_TRUE(card.start());
  model.step = milliseconds{1};
  model.busy_bytes = 240;
  EXPECT_TRUE(card.write(5, pattern(1)));
  EXPECT_EQ(card.counters().errors, 0u);
}

TEST(SdCard, ThatIsNotThereIsNoAnswer) {
  SdCardModel model(Kind::standard);
  model.present = false;
  SdCard card(model, model, model.clock);
  Content content;
  EXPECT_EQ(card.start(), std::unexpected(SdError::no_answer));
  EXPECT_EQ(card.read(0, content), std::unexpected(SdError::no_answer));
  EXPECT_EQ(card.blocks(), 0u);
  model.present = true;
  EXPECT_TRUE(card.read(0, content));
}

TEST(SdCard, WithoutChecksumsIsRefused) {
  SdCardModel model(Kind::standard);
  model.knows_crc = false;
  SdCard card(model, model, model.clock);
  EXPECT_EQ(card.start(), std::unexpected(SdError::refused));
}

// Published examples: Physical Layer Specification 4.5, and the frames that every SPI host sends.
TEST(SdCard, ChecksumsAreThoseOfTheSpecification) {
  const auto crc7 = [](std::initializer_list<std::uint8_t> list) {
    return sd_crc7({list.begin(), list.size()});
  };
  EXPECT_EQ(crc7({0x40, 0, 0, 0, 0}), 0x95);
  EXPECT_EQ(crc7({0x48, 0, 0, 0x01, 0xaa}), 0x87);
  EXPECT_EQ(crc7({0x51, 0, 0, 0, 0}), 0x55);              // CMD17: 0101010, then the end bit
  EXPECT_EQ(crc7({0x11, 0, 0, 0x09, 0}), 0x33 << 1 | 1);  // its response: 0110011
  const Content ones = [] {
    Content content;
    content.fill(0xff);
    return content;
  }();
  EXPECT_EQ(sd_crc16(ones), 0x7fa1);
}

// The whole start of a card of version 2 and high capacity, as recorded.
TEST(SdCard, StartsByteForByteAsRecorded) {
  ScriptedSpi spi;
  sim::ManualClock clock;
  spi.expect_unselected({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff});
  const auto command = [&](std::initializer_list<int> frame, std::initializer_list<int> answer) {
    spi.expect(frame);
    for (const int byte : answer) spi.expect({0xff}, {byte});
  };
  command({0xff, 0x40, 0, 0, 0, 0, 0x95}, {0xff, 0x01});
  command({0xff, 0x48, 0, 0, 0x01, 0xaa, 0x87}, {0xff, 0x01, 0, 0, 0x01, 0xaa});
  command({0xff, 0x7b, 0, 0, 0, 0x01, 0x83}, {0xff, 0x01});
  command({0xff, 0x77, 0, 0, 0, 0, 0x65}, {0xff, 0x01});
  command({0xff, 0x69, 0x40, 0, 0, 0, 0x77}, {0xff, 0x01});
  command({0xff, 0x77, 0, 0, 0, 0, 0x65}, {0xff, 0x01});
  command({0xff, 0x69, 0x40, 0, 0, 0, 0x77}, {0xff, 0x00});
  command({0xff, 0x7a, 0, 0, 0, 0, 0xfd}, {0xff, 0x00, 0xc0, 0xff, 0x80, 0x00});
  command({0xff, 0x49, 0, 0, 0, 0, 0xaf},
          {0xff, 0x00, 0xff, 0xfe, 0x40, 0x0e, 0x00, 0x32, 0x5b, 0x59, 0x00,
           0x00, 0x39, 0xb7, 0x7f, 0x80, 0x0a, 0x40, 0x00, 0x01, 0x60, 0x99});
  spi.expect({0xff});
  SdCard card(spi, spi, clock);
  EXPECT_TRUE(card.start());
  EXPECT_EQ(card.blocks(), (0x39b7u + 1) * 1024);
}

}  // namespace
}  // namespace rollcall::hal
