#include "daemon/sheets/texts.hpp"

#include <set>

#include <gmock/gmock.h>

#include "daemon/sheets/month.hpp"
#include "daemon/sheets/words.hpp"
#include "tests/unit/daemon/sheets/samples.hpp"

namespace rollcall::sheets {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::multiset<char> places_of(std::string_view text) {
  std::multiset<char> out;
  for (std::size_t at = 0; at + 2 < text.size(); ++at) {
    if (text[at] == '{' && text[at + 2] == '}') out.insert(text[at + 1]);
  }
  return out;
}

TEST(Texts, EachIsThereInEachLanguageWithTheSamePlaces) {
  for (std::size_t i = 0; i < text_count; ++i) {
    const auto id = static_cast<Text>(i);
    const auto english = text(id, "en");
    EXPECT_FALSE(english.empty()) << i;
    for (const std::string& language : languages()) {
      EXPECT_FALSE(text(id, language).empty()) << english;
      EXPECT_EQ(places_of(text(id, language)), places_of(english)) << english;
    }
  }
  EXPECT_EQ(text(Text::signature, "xx"), text(Text::signature, "en"));
}

TEST(Texts, ValuesAreFilledInOnceAndAsTheyAre) {
  EXPECT_EQ(filled("{1} and {0}, {1}", {"a", "{0}"}), "{0} and a, {0}");
  EXPECT_EQ(filled("{0}{2}", {"a"}), "a");
  EXPECT_EQ(filled("{", {"a"}), "{");
}

TEST(Words, DatesAndTimesAreThoseOfTheSite) {
  const Words en("en", "Europe/Brussels");
  const Words fr("fr", "Europe/Brussels");
  const Date first{std::chrono::year{2026}, std::chrono::August, std::chrono::day{1}};
  EXPECT_EQ(en.long_date(testing::monday), "Monday 2 March 2026");
  EXPECT_EQ(fr.long_date(testing::monday), "lundi 2 mars 2026");
  EXPECT_EQ(fr.long_date(first), "samedi 1er août 2026");
  EXPECT_EQ(en.long_date(first), "Saturday 1 August 2026");
  const std::int64_t nine = testing::winter(testing::monday, 9, 5);
  EXPECT_EQ(en.time(nine), "09:05");
  EXPECT_EQ(en.time(nine, testing::monday), "09:05");
  EXPECT_EQ(en.time(nine, days_after(testing::monday, -1)), "2 March, 09:05");
  EXPECT_EQ(Words("en", "America/El_Salvador").time(nine), "02:05");
  EXPECT_EQ(en.day_and_time(nine), "2 March 2026, 09:05");
  EXPECT_EQ(en.duration(209), "3\u00a0h\u00a029");
  EXPECT_EQ(en.duration(0), "0\u00a0h\u00a000");
}

TEST(Findings, EachKindSaysItselfInEachLanguage) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < finding_kinds; ++i) {
    const auto kind = static_cast<FindingKind>(i);
    EXPECT_TRUE(names.insert(name(kind)).second);
    const Finding finding{kind,
                          "the-sheet",
                          "S-AM",
                          testing::monday,
                          Part::pm,
                          "p-0017",
                          {"VALUE-0", "VALUE-1", "VALUE-2"}};
    const std::string en = in_words(finding, "en");
    const std::string fr = in_words(finding, "fr");
    EXPECT_THAT(en, ::testing::StartsWith("2026-03-02 afternoon, sheet the-sheet, p-0017: "));
    EXPECT_THAT(fr,
                ::testing::StartsWith("2026-03-02 après-midi, feuille the-sheet, p-0017\u00a0: "));
    EXPECT_NE(en, fr);
    for (int value = 0; value < 3; ++value) {
      const std::string text = "VALUE-" + std::to_string(value);
      EXPECT_EQ(en.find(text) == std::string::npos, fr.find(text) == std::string::npos) << en;
    }
    EXPECT_THAT(en, Not(HasSubstr("{")));
  }
}

}  // namespace
}  // namespace rollcall::sheets
