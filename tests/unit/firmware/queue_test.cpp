#include "firmware/queue/queue.hpp"

#include <gtest/gtest.h>

#include "tests/unit/firmware/queue_model.hpp"

namespace rollcall::firmware {
namespace {

using hal::sim::FakeFlash;

constexpr hal::Geometry geometry{4096, 4, 16};
constexpr std::uint8_t reading[] = {4, 1, 2, 3, 4, 5, 6};

// A log with real keys on one flash, started as often as wanted.
class QueueTest : public testing::Test {
 protected:
  QueueTest() : flash(geometry), entropy(11), keys(entropy) {
    site_private.fill(3);
    site_key = *crypto::x25519_public(site_private);
    start();
    EXPECT_TRUE(queue->set_site_key(site_key));
  }
  void start() {
    queue.emplace(flash, entropy, keys);
    EXPECT_TRUE(queue->recover());
  }
  protocol::Tap append(std::uint64_t ms = 5) {
    const auto tap =
        queue->append({ms, 99, protocol::ClockTrust::synced, protocol::ReadingKind::uid, reading});
    EXPECT_TRUE(tap);
    return tap.value_or(protocol::Tap{});
  }
  std::vector<protocol::QueuedTap> all() {
    std::vector<protocol::QueuedTap> found;
    Queue::Cursor cursor;
    while (auto entry = *queue->next(cursor)) found.push_back(entry->tap);
    return found;
  }

  FakeFlash flash;
  hal::sim::RepeatableEntropy entropy;
  EphemeralUnitKeys keys;
  crypto::Key site_private{};
  crypto::Key site_key{};
  std::optional<Queue> queue;
};

TEST_F(QueueTest, SiteAloneCanReadWhatIsQueued) {
  const protocol::Tap tap = append();
  const auto found = all();
  ASSERT_EQ(found.size(), 1u);
  const auto opened = protocol::open_reading(site_private, found[0]);
  ASSERT_TRUE(opened);
  EXPECT_EQ(protocol::tap_digest(*opened), protocol::tap_digest(tap));
  // The reading is nowhere on the storage.
  const auto& image = flash.image();
  EXPECT_EQ(std::search(image.begin(), image.end(), reading, reading + sizeof reading),
            image.end());
}

TEST_F(QueueTest, EachStartAndEachUnitHasItsOwnKey) {
  std::set<std::array<std::uint8_t, 32>> seen;
  for (int boot = 0; boot < 3; ++boot) {
    append();
    start();
  }
  ASSERT_TRUE(queue->open_epoch());
  append();
  for (const auto& tap : all()) {
    seen.insert(tap.unit_key);
    EXPECT_TRUE(protocol::open_reading(site_private, tap));
  }
  EXPECT_EQ(seen.size(), 4u);
}

TEST_F(QueueTest, AnotherSiteIsRefusedWhileATapWaits) {
  append();
  crypto::Key other = site_key;
  other[0] ^= 1;
  EXPECT_EQ(queue->set_site_key(other), std::unexpected(QueueError::other_site_key));
  start();
  EXPECT_EQ(queue->set_site_key(other), std::unexpected(QueueError::other_site_key));
  EXPECT_TRUE(queue->set_site_key(site_key));
  EXPECT_EQ(queue->next_number(), 2u) << "and nothing was changed";
}

TEST_F(QueueTest, AnotherSiteBeginsANewEpochThatItAloneCanRead) {
  append();
  const auto before = queue->epoch();
  queue->acknowledge(before, 1, 1);
  crypto::Key other_private{};
  other_private.fill(5);
  const crypto::Key other = *crypto::x25519_public(other_private);
  ASSERT_TRUE(queue->set_site_key(other));
  EXPECT_EQ(queue->site_key(), other);
  EXPECT_NE(queue->epoch(), before);
  EXPECT_EQ(queue->next_number(), 1u);
  append();
  start();
  EXPECT_EQ(queue->site_key(), other);
  EXPECT_EQ(queue->waiting(), 1u) << "what was acknowledged stays so";
  const auto taps = all();
  ASSERT_EQ(taps.size(), 2u);
  EXPECT_TRUE(protocol::open_reading(site_private, taps[0])) << "the former site's";
  EXPECT_FALSE(protocol::open_reading(site_private, taps[1]));
  EXPECT_TRUE(protocol::open_reading(other_private, taps[1]));
}

TEST_F(QueueTest, ASiteThatCannotBeGoneToLeavesTheOneBefore) {
  append();
  queue->acknowledge(queue->epoch(), 1, 1);
  const crypto::Key unusable{};  // X25519 with it gives zero
  EXPECT_EQ(queue->set_site_key(unusable), std::unexpected(QueueError::crypto));
  EXPECT_EQ(queue->site_key(), site_key);
  crypto::Key other = site_key;
  other[0] ^= 1;
  flash.fail_at(0, hal::sim::Cut::before, 1);
  EXPECT_EQ(queue->set_site_key(other), std::unexpected(QueueError::storage));
  EXPECT_EQ(queue->site_key(), site_key);
  append();
  EXPECT_TRUE(protocol::open_reading(site_private, all().back()));
  queue->acknowledge(queue->epoch(), 1, 1);
  EXPECT_TRUE(queue->set_site_key(other));
}

TEST_F(QueueTest, CapacityIsThereAndFullMeansRefusedAndCounted) {
  std::uint64_t taken = 0;
  const std::uint8_t longest[protocol::max_reading] = {};
  const TapFacts facts{1, 2, protocol::ClockTrust::synced, protocol::ReadingKind::code, longest};
  while (queue->append(facts)) {
    ++taken;
    EXPECT_EQ(queue->nearly_full(), queue->waiting() * 5 >= queue->capacity() * 4);
  }
  EXPECT_GE(taken, queue->capacity());
  EXPECT_EQ(queue->append(facts).error(), QueueError::full);
  EXPECT_EQ(queue->counters().refused, 2u);
  EXPECT_EQ(queue->waiting(), taken);
  queue->acknowledge(queue->epoch(), 1, taken);
  EXPECT_TRUE(queue->append(facts));
}

TEST_F(QueueTest, AcknowledgementsOutOfOrderAreKept) {
  for (int i = 0; i < 20; ++i) append();
  queue->acknowledge(queue->epoch(), 18, 20);
  queue->acknowledge(queue->epoch(), 5, 5);
  queue->acknowledge(queue->epoch(), 1, 2);
  ASSERT_TRUE(queue->record_acknowledgements());
  start();
  EXPECT_EQ(queue->waiting(), 14u);
  Queue::Cursor cursor;
  EXPECT_EQ((*queue->next_waiting(cursor))->tap.number, 3u);
  EXPECT_EQ((*queue->next_waiting(cursor))->tap.number, 4u);
  EXPECT_EQ((*queue->next_waiting(cursor))->tap.number, 6u);
}

TEST_F(QueueTest, TapsOfAnEarlierEpochStayAndCanBeAcknowledged) {
  const auto first = queue->epoch();
  for (int i = 0; i < 5; ++i) append();
  ASSERT_TRUE(queue->open_epoch());
  append();
  EXPECT_EQ(queue->waiting(), 6u);
  queue->acknowledge(first, 1, UINT64_MAX);
  EXPECT_EQ(queue->waiting(), 1u) << "an acknowledgement never reaches into another epoch";
  EXPECT_EQ(queue->next_number(), 2u);
}

TEST_F(QueueTest, OneDamagedRecordHidesNoOther) {
  for (int i = 0; i < 30; ++i) append();
  ASSERT_TRUE(queue->open_epoch());
  append();
  // A bit of the reading of tap 10: header 320 bytes at most, each record 80.
  const auto& image = flash.image();
  const std::uint8_t head[] = {0, 45, 2, 0xa5, 0, 0, 0, 0, 0, 0, 0, 10};
  const auto at = std::search(image.begin(), image.end(), head, head + sizeof head);
  ASSERT_NE(at, image.end());
  flash.flip_bit(static_cast<std::uint64_t>(at - image.begin()) + 40, 3);
  start();
  const auto found = all();
  ASSERT_EQ(found.size(), 30u);
  EXPECT_EQ(found[8].number, 9u);
  EXPECT_EQ(found[9].number, 11u);
  EXPECT_EQ(queue->counters().damaged, 1u);
  EXPECT_EQ(queue->waiting(), 30u) << "it does not pin the ring";
}

// Where the record of this tap of the newest epoch lies.
std::uint64_t place_of_tap(const FakeFlash& flash, std::uint8_t number) {
  const std::uint8_t head[] = {0, 45, 2, 0xa5, 0, 0, 0, 0, 0, 0, 0, number};
  const auto& image = flash.image();
  const auto at = std::search(image.begin(), image.end(), head, head + sizeof head);
  EXPECT_NE(at, image.end());
  return static_cast<std::uint64_t>(at - image.begin());
}

TEST_F(QueueTest, PlaceThatCannotBeReadHidesNoRecordAndStopsNoStart) {
  const auto epoch = queue->epoch();
  for (int i = 0; i < 70; ++i) append();
  ASSERT_GT(all().back().unit, 1u);
  flash.make_unreadable(place_of_tap(flash, 10));  // in an older unit
  flash.make_unreadable(place_of_tap(flash, 69));  // in the newest
  start();
  const auto found = all();
  EXPECT_EQ(found.size(), 68u);
  EXPECT_EQ(queue->counters().damaged, 2u);
  EXPECT_NE(queue->epoch(), epoch) << "a number may be burnt that nobody sees";
  EXPECT_EQ(append().number, 1u);
}

TEST_F(QueueTest, HeaderThatCannotBeReadStopsNoStart) {
  for (int i = 0; i < 70; ++i) append();
  flash.make_unreadable(geometry.unit_bytes);  // of unit 1, which lies in slot 1
  start();
  EXPECT_EQ(append().number, 71u);
  const auto found = all();
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found.front().unit, 2u);
}

// As a cheap card may give back an old block of its own.
TEST_F(QueueTest, RecordThatIsForgottenNeverLeadsToANumberUsedTwice) {
  for (int i = 0; i < 5; ++i) append();
  const auto epoch = queue->epoch();
  auto image = flash.image();
  const std::uint64_t third = place_of_tap(flash, 3);
  std::fill(image.begin() + static_cast<std::ptrdiff_t>(third),
            image.begin() + static_cast<std::ptrdiff_t>(place_of_tap(flash, 4)), 0xff);
  flash.restore(image);
  start();
  EXPECT_NE(queue->epoch(), epoch);
  EXPECT_EQ(append().number, 1u);
  EXPECT_EQ(flash.rule_breaks(), 0u);
  EXPECT_EQ(all().size(), 5u);
}

TEST_F(QueueTest, RecordThatFailsIsWrittenAgainInAnotherUnitAndEpoch) {
  for (const hal::sim::Cut how :
       {hal::sim::Cut::before, hal::sim::Cut::torn, hal::sim::Cut::after}) {
    for (std::uint64_t operation = 0; operation < 4; ++operation) {
      const protocol::Tap before = append();
      const std::uint64_t waiting = queue->waiting();
      flash.fail_at(operation, how, operation);
      const protocol::Tap tap = append();
      EXPECT_NE(tap.epoch, before.epoch);
      EXPECT_EQ(tap.number, 1u);
      EXPECT_EQ(queue->waiting(), waiting + 1);
      start();
      EXPECT_EQ(queue->epoch(), tap.epoch) << "nothing is torn in the new unit";
      const auto found = all();
      ASSERT_FALSE(found.empty());
      EXPECT_EQ(found.back().number, 1u);
      EXPECT_TRUE(protocol::open_reading(site_private, found.back()));
      queue->acknowledge(before.epoch, 1, before.number);
      queue->acknowledge(tap.epoch, 1, 1);
    }
  }
  EXPECT_EQ(flash.rule_breaks(), 0u);
}

TEST_F(QueueTest, AcknowledgementThatFailsIsKeptInTheNextUnit) {
  for (int i = 0; i < 5; ++i) append();
  const auto epoch = queue->epoch();
  queue->acknowledge(epoch, 1, 3);
  flash.fail_at(0, hal::sim::Cut::torn, 3);
  EXPECT_TRUE(queue->record_acknowledgements());
  start();
  EXPECT_EQ(queue->waiting(), 2u);
  EXPECT_EQ(queue->epoch(), epoch) << "no number was burnt";
  EXPECT_EQ(append().number, 6u);
}

TEST_F(QueueTest, DamagedHeaderOfTheNewestUnitNeverLeadsToANumberUsedTwice) {
  append();
  const auto epoch = queue->epoch();
  while (queue->append({1, 2, protocol::ClockTrust::synced, protocol::ReadingKind::uid, reading}) &&
         all().back().unit == 1) {
  }
  flash.flip_bit(2 * geometry.unit_bytes + 30, 0);  // unit 2 lies in slot 2
  start();
  EXPECT_NE(queue->epoch(), epoch);
}

TEST_F(QueueTest, NewSdCardCostsNoUnitAndNoEpochAtEachStart) {
  flash.restore(all_zeros(geometry));
  start();
  ASSERT_TRUE(queue->set_site_key(site_key));
  const protocol::Tap first = append();
  for (std::uint64_t number = 2; number <= 6; ++number) {
    queue->prepare();
    start();
    const protocol::Tap tap = append();
    EXPECT_EQ(tap.epoch, first.epoch);
    EXPECT_EQ(tap.number, number);
  }
  EXPECT_EQ(all().back().unit, 1u);
}

TEST_F(QueueTest, LogOfAnUnknownFormatIsLeftAlone) {
  // A header of version 2, whole.
  std::uint8_t payload[queue::max_payload];
  queue::UnitHeader header;
  header.unit = 5;
  const std::size_t size = queue::write_header(header, {}, payload);
  payload[9] = 2;
  const queue::Extent extent = queue::extent_of(size, geometry.program_bytes);
  std::uint8_t body[queue::max_body];
  queue::write_body(queue::RecordKind::unit_header, 5, {payload, size}, extent, body);
  FakeFlash other(geometry);
  ASSERT_TRUE(other.program(geometry.unit_bytes, {body, extent.body}));
  std::uint8_t commit[16] = {'C', 'M', 'T', '1'};
  ASSERT_TRUE(other.program(geometry.unit_bytes + extent.commit, commit));
  Queue stranger(other, entropy, keys);
  EXPECT_EQ(stranger.recover(), std::unexpected(QueueError::unknown_format));
}

TEST_F(QueueTest, StorageOfAnUnusableShapeIsRefused) {
  for (const hal::Geometry bad : {hal::Geometry{4096, 2, 16}, hal::Geometry{512, 8, 16},
                                  hal::Geometry{4096, 4, 1024}, hal::Geometry{4096, 4, 3}}) {
    FakeFlash storage(bad);
    Queue queue_on_it(storage, entropy, keys);
    EXPECT_EQ(queue_on_it.recover(), std::unexpected(QueueError::bad_geometry));
  }
}

TEST_F(QueueTest, FirstRecordIsOnTheStorageAsTheFormatSays) {
  append(0x0102030405060708);
  const auto& image = flash.image();
  const std::uint8_t* unit = image.data() + geometry.unit_bytes;  // unit 1 lies in slot 1
  const std::uint8_t head[] = {0, 119, 1,   0xa5, 0,   0,   0,   0,   0, 0, 0,
                               1, 'R', 'C', 'Q',  'U', 'E', 'U', 'E', 0, 0, 1};
  EXPECT_TRUE(std::equal(std::begin(head), std::end(head), unit));
  // 16 + 119 bytes in nine program units, the commit word in the tenth.
  const std::uint8_t commit[] = {'C', 'M', 'T', '1', 0xff};
  EXPECT_TRUE(std::equal(std::begin(commit), std::end(commit), unit + 144));
  const std::uint8_t tap[] = {0, 45, 2, 0xa5, 0, 0, 0, 0, 0, 0, 0, 1,
                              0, 0,  0, 1,    1, 2, 3, 4, 5, 6, 7, 8};
  EXPECT_TRUE(std::equal(std::begin(tap), std::end(tap), unit + 160));
}

TEST(RangeSet, MergesAndForgetsTheSmallestWhenThereAreTooMany) {
  queue::RangeSet<3> set;
  EXPECT_TRUE(set.add(10, 20));
  EXPECT_FALSE(set.add(12, 15));
  EXPECT_TRUE(set.add(30, 31));
  EXPECT_TRUE(set.add(40, 50));
  EXPECT_TRUE(set.add(60, 70));
  EXPECT_FALSE(set.contains(30));
  EXPECT_TRUE(set.contains(45));
  EXPECT_TRUE(set.add(0, 10));
  EXPECT_EQ(set.floor(), 20u);
  EXPECT_TRUE(set.add(20, 65));
  EXPECT_EQ(set.floor(), 70u);
  EXPECT_TRUE(set.ranges().empty());
  EXPECT_EQ(set.missing_below(75), 5u);
  EXPECT_EQ(set.next_missing(3), 70u);
}

}  // namespace
}  // namespace rollcall::firmware
