// What enrolment left on a terminal: kept, taken over, refused, erased.
#include <gtest/gtest.h>

#include "firmware/queue/format.hpp"
#include "hal/sim/fake_flash.hpp"
#include "tests/unit/firmware/settings_support.hpp"

namespace rollcall::firmware {
namespace {

using hal::sim::Cut;

constexpr hal::Geometry two_units{4096, 2, 16};

class SettingsTest : public testing::Test {
 protected:
  hal::sim::FakeFlash flash{two_units};
  SettingsStore store{flash};

  bool holds(unsigned n) {
    const auto loaded = store.load();
    return loaded && same(*loaded, settings_number(n));
  }
  // The record of a unit with other first bytes of its payload, and all sums right.
  void write_as_version(std::uint32_t unit, std::uint16_t version, std::uint64_t generation) {
    std::uint8_t payload[300] = {'R', 'C', 'S', 'E', 'T', 'U', 'P', 0};
    payload[8] = static_cast<std::uint8_t>(version >> 8);
    payload[9] = static_cast<std::uint8_t>(version);
    std::uint8_t body[queue::max_body];
    const auto extent = queue::extent_of(sizeof payload, two_units.program_bytes);
    queue::write_body(queue::RecordKind::settings, generation, payload, extent, body);
    std::vector<std::uint8_t> commit(two_units.program_bytes, 0xff);
    std::copy_n(queue::commit_word, sizeof queue::commit_word, commit.begin());
    const std::uint64_t at = std::uint64_t{unit} * two_units.unit_bytes;
    ASSERT_TRUE(flash.erase(unit));
    ASSERT_TRUE(flash.program(at, {body, extent.body}));
    ASSERT_TRUE(flash.program(at + extent.commit, commit));
  }
};

TEST_F(SettingsTest, AFreshTerminalHasNone) {
  EXPECT_EQ(store.load().error(), SettingsError::none);
  ASSERT_TRUE(store.erase());
  EXPECT_EQ(store.load().error(), SettingsError::none);
}

TEST_F(SettingsTest, WhatWasSavedIsLoadedAfterAStart) {
  EXPECT_EQ(store.save(settings_number(1)), 1u);
  const auto loaded = SettingsStore(flash).load();
  ASSERT_TRUE(loaded);
  EXPECT_TRUE(same(*loaded, settings_number(1)));
  EXPECT_EQ(loaded->generation, 1u);
}

TEST_F(SettingsTest, TheLongestTextsFitAndTheEmptyOnesToo) {
  Settings longest = settings_number(2);
  longest.site = text_of<32>(std::string(32, 's'));
  longest.room = text_of<48>(std::string(48, 'r'));
  longest.languages = text_of<32>(std::string(32, 'l'));
  for (const Settings& settings : {longest, Settings()}) {
    ASSERT_TRUE(store.save(settings));
    const auto loaded = store.load();
    ASSERT_TRUE(loaded);
    EXPECT_TRUE(same(*loaded, settings));
  }
}

TEST_F(SettingsTest, EachSaveTakesTheOtherUnit) {
  for (unsigned n = 1; n <= 7; ++n) {
    EXPECT_EQ(store.save(settings_number(n)), n);
    EXPECT_TRUE(holds(n));
  }
  EXPECT_EQ(flash.rule_breaks(), 0u);
}

TEST_F(SettingsTest, ABrokenRecordFallsBackToTheOneBefore) {
  ASSERT_TRUE(store.save(settings_number(1)));
  ASSERT_TRUE(store.save(settings_number(2)));
  // The first save went to unit 1, the second to unit 0.
  flash.flip_bit(40, 3);
  EXPECT_TRUE(holds(1));
  EXPECT_EQ(store.save(settings_number(3)), 2u);
  EXPECT_TRUE(holds(3));
}

TEST_F(SettingsTest, NoBitOfARecordCanChangeUnnoticed) {
  ASSERT_TRUE(store.save(settings_number(1)));
  ASSERT_TRUE(store.save(settings_number(2)));
  const auto image = flash.image();
  for (std::uint64_t at = 0; at < 256; ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      flash.restore(image);
      flash.flip_bit(at, bit);
      const auto loaded = store.load();
      ASSERT_TRUE(loaded);
      // Padding alone may change.
      ASSERT_TRUE(same(*loaded, settings_number(loaded->generation == 2 ? 2 : 1))) << at;
    }
  }
}

TEST_F(SettingsTest, WithBothRecordsBrokenItSaysSoAndNotThatItIsFresh) {
  ASSERT_TRUE(store.save(settings_number(1)));
  ASSERT_TRUE(store.save(settings_number(2)));
  flash.flip_bit(40, 3);
  flash.flip_bit(two_units.unit_bytes + 40, 3);
  EXPECT_EQ(store.load().error(), SettingsError::damaged);
  ASSERT_TRUE(store.erase());
  EXPECT_EQ(store.load().error(), SettingsError::none);
}

TEST_F(SettingsTest, ALaterFormatIsNeitherReadNorOverwritten) {
  ASSERT_TRUE(store.save(settings_number(1)));
  write_as_version(0, 2, 9);
  const auto image = flash.image();
  EXPECT_EQ(store.load().error(), SettingsError::newer_format);
  EXPECT_EQ(store.save(settings_number(2)).error(), SettingsError::newer_format);
  EXPECT_EQ(flash.image(), image);
  // A factory reset is nobody's mistake.
  ASSERT_TRUE(store.erase());
  EXPECT_EQ(store.save(settings_number(2)), 1u);
}

TEST_F(SettingsTest, AFactoryResetLeavesNoByteOfTheKey) {
  for (unsigned n = 1; n <= 3; ++n) ASSERT_TRUE(store.save(settings_number(n)));
  ASSERT_TRUE(store.erase());
  EXPECT_EQ(flash.image(), std::vector<std::uint8_t>(flash.image().size(), 0xff));
}

TEST_F(SettingsTest, ABadUnitIsPassedOverWhereThereIsAThird) {
  hal::sim::FakeFlash three({4096, 3, 16});
  SettingsStore roomy(three);
  ASSERT_TRUE(roomy.save(settings_number(1)));
  for (std::uint64_t operation = 0; operation < 6; ++operation) {
    three.fail_at(operation, Cut::torn, operation);
    ASSERT_TRUE(roomy.save(settings_number(2 + unsigned(operation)))) << operation;
    const auto loaded = roomy.load();
    ASSERT_TRUE(loaded);
    EXPECT_TRUE(same(*loaded, settings_number(2 + unsigned(operation))));
  }
}

TEST_F(SettingsTest, ADeviceThatFailsIsSaidAndTheSettingsStay) {
  ASSERT_TRUE(store.save(settings_number(1)));
  for (std::uint64_t operation = 0; operation < 4; ++operation) {
    flash.fail_at(operation, Cut::before, 1);
    EXPECT_EQ(store.save(settings_number(2)).error(), SettingsError::storage) << operation;
    EXPECT_TRUE(holds(1)) << operation;
  }
  flash.fail_at(0, Cut::before, 1);
  EXPECT_EQ(store.erase().error(), SettingsError::storage);
  EXPECT_TRUE(holds(1));
}

TEST(SettingsGeometry, UnusableOnesAreRefused) {
  for (const hal::Geometry g : {hal::Geometry{4096, 1, 16}, hal::Geometry{192, 2, 16},
                                hal::Geometry{4096, 2, 1024}, hal::Geometry{4096, 2, 24}}) {
    hal::sim::FakeFlash flash(g);
    SettingsStore store(flash);
    EXPECT_EQ(store.load().error(), SettingsError::bad_geometry) << g.unit_bytes;
    EXPECT_EQ(store.save(Settings()).error(), SettingsError::bad_geometry);
    EXPECT_EQ(store.erase().error(), SettingsError::bad_geometry);
  }
}

}  // namespace
}  // namespace rollcall::firmware
