// Ranges, schemas, gzip, roster and faults, each by itself.
#include <cstdlib>
#include <iostream>
#include <random>
#include <set>

#include <gtest/gtest.h>
#include <zlib.h>

#include "tests/casesim/faults.hpp"
#include "tests/casesim/gzip.hpp"
#include "tests/casesim/range.hpp"
#include "tests/casesim/roster.hpp"
#include "tests/casesim/test_support.hpp"

namespace rollcall::casesim {
namespace {

std::string gzipped(const std::string& text) {
  std::string out(compressBound(text.size()) + 64, '\0');
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::multiset<std::string> all_ids(const json& receipt) {
  std::multiset<std::string> all;
  for (const char* list : {"accepted", "rejected"}) {
    for (const std::string& id : ids(receipt[list])) all.insert(id);
  }
  return all;
}

TEST(Range, AnyWayOfCuttingALogFitsAndCoversIt) {
  const char* given = std::getenv("ROLLCALL_SEED");
  const unsigned seed = given ? static_cast<unsigned>(std::atoi(given)) : std::random_device{}();
  std::cout << "seed " << seed << '\n';
  std::mt19937 random(seed);
  for (int run = 0; run < 200; ++run) {
    std::int64_t held = 0;
    while (held < 50) {
      const auto first = std::uniform_int_distribution<std::int64_t>(1, held + 1)(random);
      const auto last = std::uniform_int_distribution<std::int64_t>(first, first + 20)(random);
      std::vector<std::int64_t> sequences;
      for (auto s = first; s <= last; ++s) {
        if (s > held || random() % 2 == 0) sequences.push_back(s);
      }
      ASSERT_EQ(judge_range(held, {first, last}, sequences).standing, Standing::fits)
          << "seed " << seed;
      if (last > held) {
        sequences.pop_back();
        ASSERT_EQ(judge_range(held, {first, last}, sequences).standing, Standing::malformed)
            << "seed " << seed;
      }
      held = std::max(held, last);
    }
  }
}

TEST(Range, StartsWhereTheReceiverStands) {
  EXPECT_EQ(judge_range(0, {1, 2}, {1, 2}).standing, Standing::fits);
  EXPECT_EQ(judge_range(0, {2, 2}, {2}).standing, Standing::gap);
  EXPECT_EQ(judge_range(7, {9, 9}, {9}).standing, Standing::gap);
  EXPECT_EQ(judge_range(7, {3, 5}, {4}).standing, Standing::fits);
  EXPECT_EQ(judge_range(7, {5, 3}, {4}).standing, Standing::malformed);
  EXPECT_EQ(judge_range(7, {8, 9}, {9, 8}).standing, Standing::malformed);
  EXPECT_EQ(judge_range(7, {0, 9}, {8, 9}).standing, Standing::malformed);
}

TEST(Schema, EveryExampleIsValidHereToo) {
  std::set<std::string> types;
  for (const auto& entry : std::filesystem::directory_iterator(api_dir() + "/examples")) {
    const std::string name = entry.path().filename();
    const json value = example(name);
    if (name.ends_with(".v1.json")) {
      EXPECT_EQ(schemas().fault("cloudevent.json", value), std::nullopt) << name;
      EXPECT_EQ(event_fault(schemas(), value), std::nullopt) << name;
      types.insert(value["type"]);
    } else if (name.ends_with(".batch.json")) {
      EXPECT_EQ(schemas().fault("batch.json", value), std::nullopt) << name;
    } else if (name.ends_with(".receipt.json")) {
      EXPECT_EQ(schemas().fault("receipt.json", value), std::nullopt) << name;
    } else if (name.ends_with(".problem.json")) {
      EXPECT_EQ(schemas().fault("problem.json", value), std::nullopt) << name;
    } else {
      EXPECT_EQ(schemas().fault(name, value), std::nullopt) << name;
    }
  }
  EXPECT_GE(types.size(), 40u);
}

TEST(Schema, APropertyNobodyDeclaredIsNoticedAtEveryDepth) {
  // A property nobody declared must be noticed at every depth.
  for (const auto& entry : std::filesystem::directory_iterator(api_dir() + "/examples")) {
    const std::string name = entry.path().filename();
    if (!name.ends_with(".v1.json")) continue;
    const json value = example(name);
    const json leaves = value["data"].flatten();
    for (const auto& [pointer, leaf] : leaves.items()) {
      json longer = value;
      const auto parent = json::json_pointer("/data" + pointer).parent_pointer();
      if (!longer[parent].is_object()) continue;
      longer[parent]["unheard-of"] = 1;
      EXPECT_NE(event_fault(schemas(), longer), std::nullopt) << name << pointer;
    }
  }
}

TEST(Schema, AFaultSaysWhereItIs) {
  json value = event(1);
  value["data"]["tap"]["number"] = "41";
  const auto fault = event_fault(schemas(), value);
  ASSERT_TRUE(fault);
  EXPECT_NE(fault->find("number"), std::string::npos) << *fault;
  EXPECT_LT(fault->size(), 300u) << *fault;
}

TEST(Schema, AFolderWithoutSchemasIsNamed) {
  const auto none = Schemas::load("/nonexistent");
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().find("/nonexistent"), std::string::npos);
}

TEST(Gzip, ComesBackWholeOrNotAtAll) {
  const std::string text(300000, 'x');
  const std::string packed = gzipped(text);
  EXPECT_EQ(gunzip(packed, 1 << 20).value(), text);
  EXPECT_EQ(gunzip(gzipped(""), 10).value(), "");
  EXPECT_EQ(gunzip(packed, 1000).error(), GzipError::too_large);
  EXPECT_EQ(gunzip(packed.substr(0, packed.size() - 1), 1 << 20).error(), GzipError::damaged);
  EXPECT_EQ(gunzip(packed + "x", 1 << 20).error(), GzipError::damaged);
  EXPECT_EQ(gunzip("", 10).error(), GzipError::damaged);
  EXPECT_EQ(gunzip("{}", 10).error(), GzipError::damaged);
  std::string wrong = packed;
  wrong[wrong.size() - 8] = static_cast<char>(wrong[wrong.size() - 8] ^ 1);  // checksum
  EXPECT_EQ(gunzip(wrong, 1 << 20).error(), GzipError::damaged);
}

TEST(Faults, TheSameSeedGivesTheSameFaults) {
  const FaultRates rates{.fail = 0.3, .drop_after_commit = 0.2, .wrong_receipt = 0.1};
  Faults one(rates, 7), two(rates, 7), other(rates, 8);
  int differences = 0;
  for (int n = 0; n < 1000; ++n) {
    const Fault fault = one.draw(true);
    EXPECT_EQ(fault, two.draw(true));
    if (fault != other.draw(true)) ++differences;
  }
  EXPECT_GT(differences, 0);
  EXPECT_NEAR(static_cast<double>(one.counts().failed), 300, 60);
  EXPECT_EQ(one.counts().busy, 0u);
}

TEST(Faults, OnlyBatchesAreDroppedOrSpoiled) {
  Faults always({.drop_after_commit = 1}, 1);
  EXPECT_EQ(always.draw(false), Fault::none);
  EXPECT_EQ(always.draw(true), Fault::drop_after_commit);
  EXPECT_EQ(Faults({}, 1).draw(true), Fault::none);
}

TEST(Faults, ASpoiledReceiptNeverFitsItsBatch) {
  Faults faults({}, 3);
  for (const json& receipt :
       {example("morning.receipt.json"),
        json{{"receipt", "r-1"},
             {"accepted", json::array()},
             {"checkpoint", nullptr},
             {"rejected", {{{"id", uuid('e', 1)}, {"type", "schema"}, {"detail", ""}}}}}}) {
    for (int n = 0; n < 100; ++n) {
      const json spoiled = json::parse(faults.spoil(receipt.dump()), nullptr, false);
      if (spoiled.is_discarded() || schemas().fault("receipt.json", spoiled)) continue;
      EXPECT_NE(all_ids(spoiled), all_ids(receipt));
    }
  }
}

TEST(RosterFeed, IsReadInPagesByCursor) {
  const std::string file = testing::TempDir() + "/roster.jsonl";
  {
    std::ofstream out(file);
    const json page = example("roster.json");
    for (const json& record : page["records"]) out << record.dump() << "\n\n";
  }
  const auto roster = Roster::open(file, schemas());
  ASSERT_TRUE(roster) << roster.error();
  json seen = json::array();
  std::string cursor;
  for (bool more = true; more;) {
    const json page = json::parse(roster->page(cursor, 4).value());
    EXPECT_EQ(schemas().fault("roster.json", page), std::nullopt);
    seen.insert(seen.end(), page["records"].begin(), page["records"].end());
    cursor = page["cursor"];
    more = page["more"];
  }
  EXPECT_EQ(seen, example("roster.json")["records"]);
  EXPECT_EQ(json::parse(roster->page(cursor, 4).value())["cursor"], cursor) << "nothing new";
  EXPECT_FALSE(roster->page("r-99", 4));
  EXPECT_FALSE(roster->page("elsewhere", 4));
  std::ofstream(file) << R"({"kind":"person","id":"p-1"})" << '\n';
  const auto broken = Roster::open(file, schemas());
  ASSERT_FALSE(broken);
  EXPECT_NE(broken.error().find("roster.jsonl:1"), std::string::npos);
}

}  // namespace
}  // namespace rollcall::casesim
