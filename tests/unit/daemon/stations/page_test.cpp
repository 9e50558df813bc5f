#include "daemon/stations/page.hpp"

#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace rollcall::stations {
namespace {

using protocol::Outcome;
using Json = nlohmann::json;

const std::vector<std::string> french_first{"fr", "en"};

TEST(Pages, EachOutcomeLooksAndReadsDifferently) {
  std::set<std::string> kinds, titles;
  for (const Outcome outcome : {Outcome::arrived, Outcome::left, Outcome::recorded, Outcome::repeat,
                                Outcome::see_staff, Outcome::not_recorded}) {
    const Page page = answer(outcome, french_first);
    kinds.emplace(page.kind);
    titles.insert(page.title);
    EXPECT_EQ(page.language, "fr");
    EXPECT_EQ(page.second_language, "en");
    EXPECT_NE(page.second, page.title);
  }
  EXPECT_EQ(kinds.size(), 6u);
  EXPECT_EQ(titles.size(), 6u);
}

TEST(Pages, LanguagesStandAtTheSamePlacesWhicheverIsSpoken) {
  EXPECT_EQ(at_rest({"fr", "en"}).languages, at_rest({"en", "fr"}).languages);
  EXPECT_TRUE(at_rest({"fr"}).languages.empty()) << "one alone is no choice";
}

TEST(Pages, OnlyWhatIsOnAPageCanBeChosen) {
  const Page rest = at_rest(french_first);
  EXPECT_TRUE(rest.offers("language-en"));
  EXPECT_FALSE(rest.offers("language-nl"));
  EXPECT_FALSE(rest.offers("language-"));
  EXPECT_FALSE(rest.offers("yes"));
  const Page question =
      page_of(screens::QuestionScreen{"fr", "Ça va ?", {{"a", "Oui"}, {"b", "Non"}}, 1, 2});
  EXPECT_TRUE(question.offers("a"));
  EXPECT_TRUE(question.offers("later"));
  EXPECT_FALSE(question.offers("language-en"));
  EXPECT_FALSE(question.offers(""));
  EXPECT_FALSE(out_of_order(french_first).offers("yes"));
}

TEST(Pages, CodeIsTypedOnItsOwnPageAlone) {
  EXPECT_TRUE(at_rest(french_first).offers("have-code"));
  EXPECT_FALSE(at_rest(french_first).offers("code-12345678"));
  const Page keys = type_code(french_first);
  EXPECT_TRUE(keys.offers("code-12345678"));
  EXPECT_TRUE(keys.offers("no-code"));
  EXPECT_FALSE(keys.offers("have-code"));
  EXPECT_FALSE(keys.offers("code-1234567８"));
  const Page question = page_of(
      screens::QuestionScreen{"fr", "Ça va ?", {{"have-code", "Oui"}, {"code-1", "Non"}}, 1, 2});
  EXPECT_TRUE(question.offers("code-1")) << "answers may be called anything";
  const auto json = Json::parse(to_json(keys, "run-1"));
  EXPECT_EQ(json.at("kind"), "code");
  EXPECT_EQ(json.at("keypad"), (Json{{"digits", 8}, {"erase", "Effacer"}, {"done", "Valider"}}));
  EXPECT_EQ(Json::parse(to_json(at_rest(french_first), "s")).at("keypad"), nullptr);
}

TEST(Pages, QuestionSaysHowFarItIs) {
  const auto json = Json::parse(
      to_json(page_of(screens::QuestionScreen{"en", "How?", {{"a", "Well"}}, 2, 5}), "run-7"));
  EXPECT_EQ(json.at("screen"), "run-7");
  EXPECT_EQ(json.at("kind"), "question");
  EXPECT_EQ(json.at("progress"), (Json{{"number", 2}, {"count", 5}}));
  EXPECT_EQ(json.at("choices").at(0), (Json{{"id", "a"}, {"text", "Well"}, {"style", "plain"}}));
  EXPECT_EQ(json.at("second"), nullptr);
  EXPECT_EQ(json.at("away").at("title"), "Out of order");
}

TEST(Pages, BytesThatAreNoTextAreShownAsSuch) {
  const std::string line =
      to_json(page_of(screens::QuestionScreen{"en", "\xFFHow?\n", {{"a", "b"}}, 1, 1}), "s");
  EXPECT_EQ(line.find('\n'), std::string::npos) << "an event is one line";
  EXPECT_EQ(Json::parse(line).at("title"), "\uFFFDHow?\n");
}

}  // namespace
}  // namespace rollcall::stations
