// A firmware image on its way to the other slot.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/firmware/bench.hpp"

namespace rollcall::firmware {
namespace {

using protocol::BulkResult;
using protocol::UpdateProblem;
using protocol::UpdateStage;
using testing::ElementsAre;
using testing::SizeIs;

std::vector<std::uint8_t> image_of(std::size_t size, std::uint8_t seed = 1) {
  std::vector<std::uint8_t> image(size);
  for (std::size_t i = 0; i < size; ++i) image[i] = static_cast<std::uint8_t>(i * 31 + seed);
  return image;
}

// For slot 0 of a terminal that runs slot 1 with security counter 7.
protocol::UpdateOffer offer() {
  protocol::UpdateOffer offer;
  offer.slot = 0;
  offer.security_counter = 7;
  return offer;
}

class Updating : public testing::Test {
 protected:
  Updating() : bench({.staging = true}) { bench.plug_in(); }
  UpdateProblem problem_of(const protocol::UpdateOffer& offered, std::size_t bytes = 10'000) {
    bench.host->updates.clear();
    bench.host->offer_image(offered, image_of(bytes));
    bench.run(Millis(100));
    return bench.host->updates.empty() ? UpdateProblem::none : bench.host->updates[0].problem;
  }
  bool staged(const std::vector<std::uint8_t>& image) const {
    return std::equal(image.begin(), image.end(), bench.staging_flash.image().begin());
  }
  Bench bench;
};

TEST_F(Updating, ImageIsStagedAndItsDigestChecked) {
  const auto image = image_of(20'001);
  bench.host->offer_image(offer(), image);
  bench.run(Millis(200));
  ASSERT_THAT(bench.host->updates, SizeIs(2));
  EXPECT_EQ(bench.host->updates[0].stage, UpdateStage::wanted);
  EXPECT_EQ(bench.host->updates[1].stage, UpdateStage::staged);
  EXPECT_EQ(bench.host->updates[1].security_counter, 7u);
  EXPECT_THAT(bench.host->sent, ElementsAre(BulkResult::complete));
  EXPECT_TRUE(staged(image));
  EXPECT_EQ(bench.terminal->update().stage(), UpdateStage::staged);
}

TEST_F(Updating, ImageThatIsStagedAlreadyIsNotWantedAgain) {
  const auto image = image_of(20'001);
  bench.host->offer_image(offer(), image);
  bench.run(Millis(200));
  const auto operations = bench.staging_flash.operations();
  auto old = offer();
  old.security_counter = 6;
  EXPECT_EQ(problem_of(old), UpdateProblem::too_old);
  bench.run(Millis(1000));
  bench.unplug();
  bench.plug_in();
  bench.host->updates.clear();
  bench.host->offer_image(offer(), image);
  bench.run(Millis(100));
  ASSERT_THAT(bench.host->updates, SizeIs(1));
  EXPECT_EQ(bench.host->updates[0].stage, UpdateStage::staged);
  EXPECT_EQ(bench.staging_flash.operations(), operations);
  EXPECT_TRUE(staged(image));
}

TEST_F(Updating, ImageThatTookThePlaceOfAStagedOneIsTheOneThatIsStaged) {
  const auto first = image_of(9'000);
  const auto second = image_of(9'000, 99);
  for (const auto& image : {first, second, first}) {
    bench.host->updates.clear();
    bench.host->offer_image(offer(), image);
    bench.run(Millis(200));
    ASSERT_THAT(bench.host->updates, SizeIs(2)) << "wanted, then staged";
    EXPECT_EQ(bench.host->updates[1].stage, UpdateStage::staged);
    EXPECT_TRUE(staged(image));
  }
}

TEST_F(Updating, WhatCannotBeUsedIsRefusedWithItsReason) {
  auto old = offer();
  old.security_counter = 6;
  EXPECT_EQ(problem_of(old), UpdateProblem::too_old);
  auto same_slot = offer();
  same_slot.slot = 1;
  EXPECT_EQ(problem_of(same_slot), UpdateProblem::wrong_slot);
  EXPECT_EQ(problem_of(offer(), 8 * 4096 + 1), UpdateProblem::too_large);
  EXPECT_EQ(problem_of(offer(), 0), UpdateProblem::too_large);
  EXPECT_EQ(bench.staging_flash.operations(), 0u);
}

TEST_F(Updating, FailingStorageIsSaid) {
  bench.staging_flash.fail_at(3, hal::sim::Cut::before, 1);
  bench.host->offer_image(offer(), image_of(20'000));
  bench.run(Millis(200));
  EXPECT_EQ(bench.host->updates.back().stage, UpdateStage::refused);
  EXPECT_EQ(bench.host->updates.back().problem, UpdateProblem::storage);
}

TEST(SlowUpdate, GoesOnWhereItWasCutAndTapsPassIt) {
  Bench bench({.staging = true, .max_frame = protocol::max_body_serial});
  bench.plug_in();
  const auto image = image_of(20'000);
  bench.host->offer_image(offer(), image);
  bench.run(Millis(800));
  const auto before = bench.host->bytes_sent;
  EXPECT_GT(before, 2000u);
  EXPECT_LT(before, 15'000u);
  bench.tap(1);
  bench.run(Millis(60));
  EXPECT_EQ(bench.shown.back(), Shown::arrived);
  bench.unplug();
  bench.plug_in();
  bench.host->offer_image(offer(), image);
  bench.run(Millis(3000));
  EXPECT_EQ(bench.host->updates.back().stage, UpdateStage::staged);
  EXPECT_LT(bench.host->bytes_sent, image.size() + 4000);
  EXPECT_TRUE(std::equal(image.begin(), image.end(), bench.staging_flash.image().begin()));
}

TEST(SlowUpdate, AnotherImageBeginsAnew) {
  Bench bench({.staging = true, .max_frame = protocol::max_body_serial});
  bench.plug_in();
  bench.host->offer_image(offer(), image_of(20'000));
  bench.run(Millis(500));
  bench.unplug();
  bench.plug_in();
  const auto image = image_of(20'000, 99);
  bench.host->offer_image(offer(), image);
  bench.run(Millis(4000));
  EXPECT_EQ(bench.host->updates.back().stage, UpdateStage::staged);
  EXPECT_TRUE(std::equal(image.begin(), image.end(), bench.staging_flash.image().begin()));
}

}  // namespace
}  // namespace rollcall::firmware
