#include "daemon/assessments/instrument.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/unit/daemon/assessments/example.hpp"

namespace rollcall::assessments {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> problems(const json& document) {
  auto parsed = parse_instrument("x.json", document.dump());
  return parsed ? std::vector<std::string>{} : parsed.error();
}

TEST(Instrument, IsReadWithItsTextsAndExactDigest) {
  const std::string bytes = test::example().dump(1);
  const auto read = parse_instrument("x.json", bytes);
  ASSERT_TRUE(read) << read.error().front();
  EXPECT_EQ(read->id, "digital-start");
  EXPECT_EQ(read->version, "1.0.0");
  EXPECT_EQ(read->title.in("fr"), "Mes débuts numériques");
  EXPECT_EQ(read->title.in("sv"), "My digital start")
      << "a language without texts falls back to English";
  ASSERT_EQ(read->questions.size(), 2u);
  EXPECT_EQ(read->questions[0].options[1].score, 2);
  EXPECT_EQ(read->questions[1].options[2].score, std::nullopt);
  EXPECT_EQ(read->body, bytes);
  EXPECT_EQ(read->digest,
            crypto::sha256({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}));
}

TEST(Instrument, SaysWhereAndWhatAndWhatWouldBeRight) {
  json document = test::example();
  document["questions"][0]["options"][1]["txt"] = 1;
  document["questions"][1]["text"].erase("fr");
  document["version"] = "one";
  EXPECT_THAT(
      problems(document),
      ElementsAre(
          "x.json: /version: \"one\" is not a version; write three numbers such as \"1.0.0\"",
          "x.json: /questions/0/options/1/txt: no such member here; the members are id, text, "
          "score",
          "x.json: /questions/1/text: member \"fr\" is missing"));
}

TEST(Instrument, EveryRuleHasItsSentence) {
  struct Case {
    const char* pointer;
    json value;
    const char* sentence;
  };
  const std::string long_text(91, 'x');
  const Case cases[] = {
      {"/id", "Digital Start", "is not an id"},
      {"/id", 7, "must be a text in quotes"},
      {"/title/en", "", "must not be empty"},
      {"/title/en", "two\nlines", "must be one line"},
      {"/title", "text", "must be an object in braces"},
      {"/questions", json::array(), "has 0 items; 1 to 40 are possible"},
      {"/questions", "none", "must be a list in brackets"},
      {"/questions/0/text/fr", long_text, "has 91 characters; at most 90 fit"},
      {"/questions/0/options/0/id", "later", "is a button of the terminal itself"},
      {"/questions/0/options/0/id", "yes", "is a button of the terminal itself"},
      {"/questions/0/options/0/id", "often", "is used twice in this list"},
      {"/questions/1/id", "q-computer", "is used twice in this list"},
      {"/questions/0/options/0/score", 1.5, "must be a whole number"},
      {"/questions/0/options/0/score", 1001, "must be a whole number between -1000 and 1000"},
      {"/questions/1/options/2/score", 1, "\"prefer-not\" is never scored"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.pointer + std::string(" = ") + c.value.dump());
    json document = test::example();
    document[json::json_pointer(c.pointer)] = c.value;
    EXPECT_THAT(problems(document), ElementsAre(HasSubstr(c.sentence)));
  }
}

TEST(Instrument, OptionsAreTwoToFive) {
  for (const std::size_t count : {1u, 6u}) {
    json document = test::example();
    json& options = document["questions"][0]["options"];
    const json one = options[0];
    options.clear();
    for (std::size_t i = 0; i < count; ++i) {
      options.push_back(one);
      options.back()["id"] = "o" + std::to_string(i);
    }
    EXPECT_THAT(problems(document), ElementsAre(HasSubstr("2 to 5 are possible")));
  }
}

TEST(Instrument, WhatIsNotJsonIsSaidWithItsLine) {
  const auto read = parse_instrument("x.json", "{\n\"id\": \n}");
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error(), ElementsAre(HasSubstr("is not JSON: line 3")));
}

TEST(Instrument, AMemberGivenTwiceIsAProblem) {
  const auto read = parse_instrument("x.json", R"({"id": "a", "id": "b"})");
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().front(), HasSubstr("member \"id\" is given twice"));
}

TEST(Instrument, DeepNestingAndLargeFilesAreTurnedAway) {
  const auto deep = parse_instrument("x.json", std::string(5000, '[') + std::string(5000, ']'));
  ASSERT_FALSE(deep);
  EXPECT_THAT(deep.error().front(), HasSubstr("nested deeper than 8"));
  const auto large = parse_instrument("x.json", std::string(limit::file_bytes + 1, ' '));
  ASSERT_FALSE(large);
  EXPECT_THAT(large.error().front(), HasSubstr("at most 262144 are read"));
}

TEST(Instrument, TextThatIsNotUtf8IsNotRead) {
  std::string bytes = test::example().dump();
  bytes.replace(bytes.find("My digital"), 2, "\xff\xfe");
  EXPECT_FALSE(parse_instrument("x.json", bytes));
}

}  // namespace
}  // namespace rollcall::assessments
