#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "daemon/delivery/batch.hpp"
#include "daemon/delivery/case_system.hpp"
#include "daemon/delivery/outbox.hpp"
#include "daemon/recovery/high_water.hpp"
#include "daemon/recovery/import.hpp"
#include "tests/unit/daemon/delivery/site.hpp"
#include "tests/unit/daemon/scratch_database.hpp"

namespace rollcall {
namespace {

TEST(BatchFormat, HoldsTheRangeAndTheEventsOfTheContract) {
  testing::ScratchDatabase scratch;
  store::Database db(scratch.path(), store::Database::Mode::read_write);
  for (int i = 0; i < 3; ++i) events::append(db, test::Site::event("p-1"), 1'700'000'000'000);
  const auto batch =
      delivery::make_batch(db, "site-1", delivery::outbox::next_items(db, 100), 1'700'000'000'000);
  const auto text = delivery::gunzip(batch.body, 1 << 20);
  ASSERT_TRUE(text.has_value());
  const auto json = nlohmann::json::parse(*text);
  EXPECT_EQ(json["batch"], batch.id);
  EXPECT_EQ(json["site"], "site-1");
  EXPECT_EQ(json["range"]["first"], 1);
  EXPECT_EQ(json["range"]["last"], 3);
  EXPECT_EQ(json["range"]["epoch"], events::current_epoch(db));
  EXPECT_EQ(json["events"].size(), 3u);
  EXPECT_TRUE(json["checkpoint"].is_null());
  EXPECT_EQ(json.size(), 5u);
}

TEST(BatchFormat, IsCutAtItsSizeButNeverEmpty) {
  testing::ScratchDatabase scratch;
  store::Database db(scratch.path(), store::Database::Mode::read_write);
  for (int i = 0; i < 5; ++i) events::append(db, test::Site::event("p-1"), 1);
  const auto items = delivery::outbox::next_items(db, 100);
  EXPECT_EQ(delivery::make_batch(db, "s", items, 1, 1).items.size(), 1u);
  const auto some = delivery::make_batch(db, "s", items, 1, 1500);
  EXPECT_GT(some.items.size(), 1u);
  EXPECT_LT(some.items.size(), 5u);
  EXPECT_EQ(some.last(), static_cast<std::int64_t>(some.items.size()));
}

TEST(Gzip, RoundTripsAndIsBounded) {
  const std::string text(100'000, 'x');
  const auto packed = delivery::gzip(text);
  EXPECT_EQ(delivery::gunzip(packed, 200'000), text);
  EXPECT_FALSE(delivery::gunzip(packed, 50'000).has_value());
  auto cut = packed;
  cut.resize(cut.size() / 2);
  EXPECT_FALSE(delivery::gunzip(cut, 200'000).has_value());
}

TEST(Address, IsReadFromTheUrl) {
  EXPECT_EQ(delivery::origin_of("https://case.example").host, "case.example");
  EXPECT_EQ(delivery::origin_of("https://case.example").port, "443");
  EXPECT_EQ(delivery::origin_of("https://case.example:8443/").port, "8443");
  EXPECT_EQ(delivery::origin_of("https://[::1]:9000").host, "::1");
  EXPECT_EQ(delivery::origin_of("https://[::1]:9000").port, "9000");
  EXPECT_EQ(delivery::origin_of("https://[::1]").port, "443");
}

class HighWaterFile : public ::testing::Test {
 protected:
  test::TemporaryFolder folder;
  const std::string path = (folder.path() / "highwater").string();
};

TEST_F(HighWaterFile, KeepsTheNewestMarkOfEachEpochLast) {
  recovery::HighWater file(path);
  ASSERT_TRUE(file.load().has_value());
  EXPECT_FALSE(file.newest().has_value());
  ASSERT_TRUE(file.raise({"e1", 10, "id-10"}).has_value());
  ASSERT_TRUE(file.raise({"e2", 0, ""}).has_value());
  ASSERT_TRUE(file.raise({"e1", 12, "id-12"}).has_value());
  recovery::HighWater again(path);
  ASSERT_TRUE(again.load().has_value());
  EXPECT_EQ(again.newest(), (recovery::Mark{"e1", 12, "id-12"}));
  EXPECT_EQ(again.marks().size(), 2u);
  EXPECT_EQ(again.marks().front(), (recovery::Mark{"e2", 0, ""}));
}

TEST_F(HighWaterFile, IsBounded) {
  recovery::HighWater file(path);
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(file.raise({"e" + std::to_string(i), 1, "id"}).has_value());
  }
  EXPECT_EQ(file.marks().size(), recovery::HighWater::max_marks);
  EXPECT_EQ(file.newest()->epoch, "e99");
}

TEST_F(HighWaterFile, DamageIsSaidAndNothingIsUsed) {
  for (const char* content : {"", "something else\n", "rollcall-highwater 1\ne1 x id\n",
                              "rollcall-highwater 1\ne1 5\n", "rollcall-highwater 1\ne1 -5 id\n"}) {
    std::ofstream(path, std::ios::trunc) << content;
    recovery::HighWater file(path);
    const auto loaded = file.load();
    ASSERT_FALSE(loaded.has_value()) << content;
    EXPECT_NE(loaded.error().find(path), std::string::npos);
    EXPECT_TRUE(file.marks().empty());
  }
}

TEST_F(HighWaterFile, CannotBeWrittenIsSaid) {
  recovery::HighWater file((folder.path() / "missing" / "highwater").string());
  EXPECT_FALSE(file.raise({"e", 1, "id"}).has_value());
}

TEST(Timestamps, AreReadAsTheyAreWritten) {
  for (const std::int64_t ms : {0LL, 1'700'000'000'123LL, 951'782'400'000LL}) {
    EXPECT_EQ(events::parse_rfc3339(events::rfc3339(ms)), ms);
  }
  for (const char* bad :
       {"", "2026-02-30T00:00:00.000Z", "2026-02-03T24:00:00.000Z", "2026-02-03 00:00:00.000Z",
        "2026-02-03T00:00:00Z", "2026-02-03T00:00:00.000+", "2o26-02-03T00:00:00.000Z"}) {
    EXPECT_FALSE(events::parse_rfc3339(bad).has_value()) << bad;
  }
}

TEST(Pages, WithForeignOrDisorderedEventsAreRefused) {
  const auto event = [](int sequence, const char* site = "s") {
    return nlohmann::json{{"id", "i" + std::to_string(sequence)},
                          {"source", std::string("urn:rollcall:site:") + site},
                          {"type", "org.rollcall.tap.recorded.v1"},
                          {"logepoch", "e"},
                          {"sequence", "0000000000000000000" + std::to_string(sequence)},
                          {"recordedtime", "2026-02-03T00:00:00.000Z"},
                          {"data", nlohmann::json::object()}};
  };
  const auto page = [](const nlohmann::json& events) {
    return nlohmann::json{{"epoch", "e"}, {"events", events}, {"after", nullptr}}.dump();
  };
  EXPECT_TRUE(recovery::read_page(page({event(3), event(4)}), "s", "e", 2).has_value());
  EXPECT_FALSE(recovery::read_page(page({event(4), event(3)}), "s", "e", 2).has_value());
  EXPECT_FALSE(recovery::read_page(page({event(2)}), "s", "e", 2).has_value());
  EXPECT_FALSE(recovery::read_page(page({event(3, "other")}), "s", "e", 2).has_value());
  EXPECT_FALSE(recovery::read_page(page({event(3)}), "s", "other", 2).has_value());
  EXPECT_FALSE(recovery::read_page("[]", "s", "e", 2).has_value());
  EXPECT_FALSE(recovery::read_page("", "s", "e", 2).has_value());
}

}  // namespace
}  // namespace rollcall
