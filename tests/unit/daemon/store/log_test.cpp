#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "daemon/events/event.hpp"
#include "protocol/crypto/crypto.hpp"
#include "tests/unit/daemon/scratch_database.hpp"

namespace rollcall::events {
namespace {

struct Log : ::testing::Test {
  testing::ScratchDatabase scratch;
  store::Database db{scratch.path(), store::Database::Mode::read_write};

  static Event event(std::string id, std::string data = R"({"a":1})") {
    return {std::move(id),     "tap.recorded",    std::nullopt,
            1'700'000'000'123, Purpose::movement, std::move(data)};
  }
};

TEST_F(Log, SequenceHasNoHolesAndAnIdIsTakenOnce) {
  const Appended first = append(db, event("id-1"), 5);
  const Appended second = append(db, event("id-2"), 6);
  const Appended again = append(db, event("id-1"), 7);
  EXPECT_TRUE(first.fresh);
  EXPECT_TRUE(second.fresh);
  EXPECT_FALSE(again.fresh);
  EXPECT_EQ(again.position, first.position);
  auto rows = db.prepare("SELECT count(*), min(sequence), max(sequence) FROM log");
  rows.step();
  EXPECT_EQ(rows.integer(0), 2);
  EXPECT_EQ(rows.integer(1), 1);
  EXPECT_EQ(rows.integer(2), 2);
}

TEST_F(Log, CannotBeChangedOrDeleted) {
  append(db, event("id-1"), 5);
  EXPECT_THROW(db.exec("UPDATE log SET type = 'other'"), store::StoreError);
  EXPECT_THROW(db.exec("DELETE FROM log"), store::StoreError);
}

TEST_F(Log, LeafIsTheSaltedDigestOfThePayloadAndSurvivesAPurge) {
  const auto position = append(db, event("id-1"), 5).position;
  store::Blob input;
  {
    auto row = db.prepare("SELECT salt, data FROM payload_movement WHERE position = ?");
    row.bind(position);
    ASSERT_TRUE(row.step());
    input = row.blob(0);
    ASSERT_EQ(input.size(), 16u);
    for (const char c : row.text(1)) input.push_back(static_cast<std::uint8_t>(c));
  }
  auto leaf = db.prepare("SELECT leaf FROM log WHERE position = ?");
  leaf.bind(position);
  leaf.step();
  EXPECT_EQ(leaf.fixed<32>(0), crypto::sha256(input));
  db.exec("DELETE FROM payload_movement");
  const auto json = nlohmann::json::parse(to_cloudevent(db, "site-1", position, 1));
  EXPECT_FALSE(json.contains("data"));
  EXPECT_EQ(json["id"], "id-1");
}

TEST_F(Log, ANewEpochCountsFromOneAgain) {
  append(db, event("id-1"), 5);
  const std::string old_epoch = current_epoch(db);
  const std::string new_epoch = open_new_epoch(db);
  EXPECT_NE(old_epoch, new_epoch);
  const auto json =
      nlohmann::json::parse(to_cloudevent(db, "site-1", append(db, event("id-2"), 6).position, 1));
  EXPECT_EQ(json["logepoch"], new_epoch);
  EXPECT_EQ(json["sequence"], "00000000000000000001");
}

TEST_F(Log, CloudEventCarriesTheEnvelope) {
  const auto position = append(db, event("id-1"), 1'700'000'001'000).position;
  const auto json = nlohmann::json::parse(to_cloudevent(db, "site-1", position, 3));
  EXPECT_EQ(json["specversion"], "1.0");
  EXPECT_EQ(json["source"], "urn:rollcall:site:site-1");
  EXPECT_EQ(json["type"], "org.rollcall.tap.recorded.v1");
  EXPECT_EQ(json["time"], "2023-11-14T22:13:20.123Z");
  EXPECT_EQ(json["recordedtime"], "2023-11-14T22:13:21.000Z");
  EXPECT_EQ(json["attempt"], 3);
  EXPECT_EQ(json["data"]["a"], 1);
  EXPECT_FALSE(json.contains("subject"));
}

TEST(EventIds, OfATapAreTheSameWheneverTheyAreMade) {
  const TapIdentity tap{"TC-1", {1, 2, 3}, 7};
  const std::string id = tap_event_id("site", tap, "tap.recorded", 0);
  EXPECT_EQ(id, tap_event_id("site", tap, "tap.recorded", 0));
  EXPECT_NE(id, tap_event_id("site", tap, "tap.recorded", 1));
  EXPECT_NE(id, tap_event_id("site", tap, "attendance.arrived", 0));
  EXPECT_NE(id, tap_event_id("other", tap, "tap.recorded", 0));
  EXPECT_EQ(id.size(), 36u);
  EXPECT_EQ(id[14], '5');
}

TEST(EventIds, OfTheDaemonSortByTime) {
  const std::string early = new_event_id(1'700'000'000'000);
  const std::string late = new_event_id(1'700'000'000'001);
  EXPECT_EQ(early[14], '7');
  EXPECT_LT(early, late);
}

TEST(Hex, RoundTripsAndRefusesRubbish) {
  const std::vector<std::uint8_t> bytes = {0x00, 0xff, 0x1a};
  EXPECT_EQ(hex(bytes), "00ff1a");
  EXPECT_EQ(unhex("00FF1a"), bytes);
  EXPECT_EQ(unhex("0"), std::nullopt);
  EXPECT_EQ(unhex("zz"), std::nullopt);
}

}  // namespace
}  // namespace rollcall::events
