// The expected bytes and digests come from tests/conformance/sheet_digest.py, which shares nothing
// with the code here.
#include <cstdlib>
#include <fstream>
#include <functional>
#include <limits>
#include <random>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "daemon/events/event.hpp"
#include "daemon/sheets/cbor.hpp"
#include "daemon/sheets/sheet.hpp"
#include "tests/unit/daemon/scratch_folder.hpp"
#include "tests/unit/daemon/sheets/samples.hpp"

namespace rollcall::sheets {
namespace {

using nlohmann::json;

std::string cbor(const json& value) {
  return events::hex(deterministic_cbor(value));
}

TEST(DeterministicCbor, IsThatOfTheExamplesInRfc8949) {  // appendix A
  EXPECT_EQ(cbor(0), "00");
  EXPECT_EQ(cbor(23), "17");
  EXPECT_EQ(cbor(24), "1818");
  EXPECT_EQ(cbor(255), "18ff");
  EXPECT_EQ(cbor(256), "190100");
  EXPECT_EQ(cbor(1000), "1903e8");
  EXPECT_EQ(cbor(65536), "1a00010000");
  EXPECT_EQ(cbor(1000000000000), "1b000000e8d4a51000");
  EXPECT_EQ(cbor(18446744073709551615u), "1bffffffffffffffff");
  EXPECT_EQ(cbor(-1), "20");
  EXPECT_EQ(cbor(-100), "3863");
  EXPECT_EQ(cbor(-1000), "3903e7");
  EXPECT_EQ(cbor(std::numeric_limits<std::int64_t>::min()), "3b7fffffffffffffff");
  EXPECT_EQ(cbor(false), "f4");
  EXPECT_EQ(cbor(true), "f5");
  EXPECT_EQ(cbor(nullptr), "f6");
  EXPECT_EQ(cbor(json::binary({1, 2, 3, 4})), "4401020304");
  EXPECT_EQ(cbor(""), "60");
  EXPECT_EQ(cbor("ü水"), "65c3bce6b0b4");
  EXPECT_EQ(cbor(json::parse("[1,[2,3],[4,5]]")), "8301820203820405");
  EXPECT_EQ(cbor(json::parse(R"({"a":1,"b":[2,3]})")), "a26161016162820203");
  EXPECT_EQ(cbor(json::object()), "a0");
}

TEST(DeterministicCbor, KeysStandInTheOrderOfTheirEncodings) {
  // "b" is shorter than "aa", so its head is smaller: not the order of the letters.
  EXPECT_EQ(cbor(json::parse(R"({"aa":1,"b":2,"":3,"é":4})")),
            "a46003616202626161016"
            "2c3a904");
}

TEST(DeterministicCbor, TheOrderOfWritingDoesNotMatter) {
  const nlohmann::ordered_json one = {{"zz", 1}, {"a", 2}};
  const nlohmann::ordered_json other = {{"a", 2}, {"zz", 1}};
  EXPECT_EQ(cbor(json::parse(one.dump())), cbor(json::parse(other.dump())));
}

TEST(DeterministicCbor, AFractionIsRefused) {
  EXPECT_THROW(deterministic_cbor(json(1.5)), std::invalid_argument);
  EXPECT_THROW(deterministic_cbor(json::array({1.0})), std::invalid_argument);
}

TEST(DeterministicCbor, IsReadBackAsItWas) {
  std::mt19937 random(7);
  const auto up_to = [&](int most) { return std::uniform_int_distribution<int>(0, most)(random); };
  const std::function<json(int)> any = [&](int depth) -> json {
    switch (up_to(depth > 3 ? 3 : 5)) {
      case 0:
        return std::uniform_int_distribution<std::int64_t>(
            std::numeric_limits<std::int64_t>::min())(random);
      case 1:
        return std::string(static_cast<std::size_t>(up_to(300)), 'x');
      case 2:
        return up_to(1) == 0;
      case 3:
        return nullptr;
      case 4: {
        json out = json::array();
        for (int i = up_to(30); i > 0; --i) out.push_back(any(depth + 1));
        return out;
      }
      default: {
        json out = json::object();
        for (int i = up_to(30); i > 0; --i)
          out[std::string(static_cast<std::size_t>(up_to(40)),
                          static_cast<char>('a' + up_to(25)))] = any(depth + 1);
        return out;
      }
    }
  };
  for (int i = 0; i < 300; ++i) {
    const json value = any(0);
    ASSERT_EQ(json::from_cbor(deterministic_cbor(value)), value);
  }
}

Sheet documented() {                                 // docs/api/examples/halfday.confirmed.v1.json
  constexpr std::int64_t eight = 1'772'438'400'000;  // 2026-03-02T08:00:00Z
  Sheet out;
  out.session = "fr-digital-1-mon-am";
  out.title = "Numérique de base 1";
  out.date = *date_from_iso("2026-03-02");
  out.part = Part::am;
  out.start_ms = eight;
  out.end_ms = eight + 210 * 60'000;
  out.lines.push_back({.person = {"p-0017", "Amina"},
                       .mark = Mark::present,
                       .arrived = Moment{eight + 62'123},
                       .left = Moment{eight + 12'760'511},
                       .minutes = 209,
                       .rests_on = {"7c180c37-e97c-527d-9661-10dc0f9638ca",
                                    "09110c93-8a78-5b4e-8a49-c4d6cae51be1"}});
  out.lines.push_back({.person = {"p-0025", "Benoît"}, .mark = Mark::absent});
  return out;
}

TEST(Digest, OfTheDocumentedSheetIsThatOfTheScript) {
  EXPECT_EQ(events::hex(digest(documented())),
            "54bc69b67818ddb5adf5d65b64b1c639a35be6609d90e5291c286af29d59d3f1");
}

TEST(Digest, OfNoLinesIsThatOfTheScript) {
  Sheet empty = documented();
  empty.lines.clear();
  EXPECT_EQ(events::hex(digest(empty)),
            "bd911140ab21f575c8195e0b7848896cfe77d8bea080f81b7ab0cdb0728a1ecd");
}

TEST(Digest, OfManySheetsIsThatOfTheScript) {
  Sheet empty = documented();
  empty.lines.clear();
  EXPECT_EQ(events::hex(digest({digest(documented()), digest(empty)})),
            "779020412aad1d2799494358ae18d5f59f7972f42d6de9acffd2b0b909640578");
  EXPECT_EQ(events::hex(digest(std::vector<crypto::Digest>{})),
            "76be8b528d0075f7aae98d6fa57a6d3c83ae480a8469e668d7b0af968995ac71");
}

// Sheets of every size, as events whose digest the script computes for itself.
TEST(Digest, IsThatOfTheScriptForManySheets) {
  const rollcall::testing::ScratchFolder folder;
  std::string command = std::string("/usr/bin/python3 ") + DIGEST_SCRIPT;
  for (const int people : {1, 23, 24, 100, 300}) {
    Sheet sheet =
        people == 100 ? testing::eventful(people) : testing::morning(testing::monday, people);
    sheet.title += std::string(static_cast<std::size_t>(people), 'e') + "é水😀";
    json data = signed_content(sheet);
    data["digest"] = events::hex(digest(sheet));
    const auto file = folder.folder() / (std::to_string(people) + ".json");
    std::ofstream(file) << json{{"data", data}}.dump();
    command += " " + file.string();
  }
  EXPECT_EQ(std::system((command + " >&2").c_str()), 0);
}

TEST(Digest, StaysWhilePeopleSign) {
  const Sheet before = documented();
  Sheet after = before;
  after.lines[0].closing = Signature{"s", 1, testing::scribble(3)};
  after.lines[0].person.shown = "p-0017";
  after.lines[0].mark = Mark::late;
  after.trainer_signature = Signature{"t", 2, ByCard{}};
  after.version = 2;
  after.corrections.push_back({});
  EXPECT_EQ(digest(after), digest(before));
}

TEST(Digest, ChangesWithWhatWasShown) {
  const auto changed = [](auto&& change) {
    Sheet other = documented();
    change(other);
    return digest(other);
  };
  const std::vector<crypto::Digest> all{
      digest(documented()),
      changed([](Sheet& s) { s.session = "other"; }),
      changed([](Sheet& s) { s.title += " "; }),
      changed([](Sheet& s) { s.date = *date_from_iso("2026-03-03"); }),
      changed([](Sheet& s) { s.part = Part::pm; }),
      changed([](Sheet& s) { s.end_ms += 1; }),
      changed([](Sheet& s) { s.start_ms += 1; }),
      changed([](Sheet& s) { s.lines[0].minutes = 208; }),
      changed([](Sheet& s) { s.lines[0].minutes.reset(); }),
      changed([](Sheet& s) { s.lines[0].left.reset(); }),
      changed([](Sheet& s) { s.lines[0].arrived->at_ms += 1; }),
      changed([](Sheet& s) { s.lines[0].person.id = "p-0018"; }),
      changed([](Sheet& s) { s.lines[1].mark = Mark::excused; }),
      changed([](Sheet& s) { s.lines[0].rests_on.pop_back(); }),
      changed([](Sheet& s) { std::swap(s.lines[0], s.lines[1]); }),
  };
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) EXPECT_NE(all[i], all[k]) << i << " " << k;
  }
}

}  // namespace
}  // namespace rollcall::sheets
