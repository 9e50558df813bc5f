#include "daemon/sheets/calendar.hpp"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include "tests/unit/daemon/scratch_folder.hpp"

namespace rollcall::sheets {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Date day(const char* text) {
  return date_from_iso(text).value();
}

Calendar of(const std::string& id) {
  auto calendar = load_calendar(CALENDARS_FOLDER, id);
  if (!calendar) ADD_FAILURE() << calendar.error().front();
  return calendar.value_or(Calendar());
}

std::vector<std::string> holidays_of(const std::string& id, int year) {
  const Calendar calendar = of(id);
  std::vector<std::string> out;
  const Date first{std::chrono::year{year}, std::chrono::January, std::chrono::day{1}};
  for (Date at = first; at.year() == first.year(); at = days_after(at, 1)) {
    if (calendar.is_holiday(at)) out.push_back(iso(at).substr(5));
  }
  return out;
}

TEST(Dates, AreReadOnlyAsTheyAreWritten) {
  EXPECT_EQ(iso(day("2026-03-02")), "2026-03-02");
  EXPECT_EQ(iso(day("2024-02-29")), "2024-02-29");
  for (const char* wrong : {"", "2026-3-02", "2026-02-29", "2026-13-01", "2026-00-10", "02-03-2026",
                            "2026-03-02 ", "2026/03/02", "20a6-03-02", "-026-03-02"})
    EXPECT_FALSE(date_from_iso(wrong)) << wrong;
}

TEST(Dates, EasterIsWhenTheChurchesKeptIt) {
  for (const char* sunday : {"1818-03-22", "1943-04-25", "2000-04-23", "2024-03-31", "2025-04-20",
                             "2026-04-05", "2027-03-28", "2038-04-25", "2285-03-22"})
    EXPECT_EQ(iso(easter(static_cast<int>(day(sunday).year()))), sunday);
  for (const char* sunday : {"2000-04-30", "2008-04-27", "2021-05-02", "2024-05-05", "2025-04-20",
                             "2026-04-12", "2027-05-02", "2028-04-16", "2100-05-02"})
    EXPECT_EQ(iso(orthodox_easter(static_cast<int>(day(sunday).year()))), sunday);
}

TEST(Dates, EasterIsASundayBetweenItsBounds) {
  for (int year = 1583; year <= 9999; ++year) {
    const Date western = easter(year);
    ASSERT_EQ(weekday_of(western), std::chrono::Sunday) << year;
    ASSERT_GE(western, (Date{std::chrono::year{year}, std::chrono::March, std::chrono::day{22}}))
        << year;
    ASSERT_LE(western, (Date{std::chrono::year{year}, std::chrono::April, std::chrono::day{25}}))
        << year;
    ASSERT_EQ(weekday_of(orthodox_easter(year)), std::chrono::Sunday) << year;
  }
}

TEST(Calendars, HaveTheDaysOf2026) {
  const std::vector<std::string> belgium{"01-01", "04-06", "05-01", "05-14", "05-25",
                                         "07-21", "08-15", "11-01", "11-11", "12-25"};
  EXPECT_EQ(holidays_of("be", 2026), belgium);
  auto brussels = belgium;
  brussels.insert(brussels.begin() + 3, "05-08");
  EXPECT_EQ(holidays_of("be-bru", 2026), brussels);
  EXPECT_THAT(holidays_of("fr", 2026),
              ElementsAre("01-01", "04-06", "05-01", "05-08", "05-14", "05-25", "07-14", "08-15",
                          "11-01", "11-11", "12-25"));
  EXPECT_THAT(holidays_of("se", 2026),
              ElementsAre("01-01", "01-06", "04-03", "04-05", "04-06", "05-01", "05-14", "05-24",
                          "06-06", "06-20", "10-31", "12-25", "12-26"));
  EXPECT_THAT(holidays_of("fi", 2026),
              ElementsAre("01-01", "01-06", "04-03", "04-05", "04-06", "05-01", "05-14", "05-24",
                          "06-20", "10-31", "12-06", "12-25", "12-26"));
  EXPECT_THAT(holidays_of("mt", 2026),
              ElementsAre("01-01", "02-10", "03-19", "03-31", "04-03", "05-01", "06-07", "06-29",
                          "08-15", "09-08", "09-21", "12-08", "12-13", "12-25"));
  EXPECT_THAT(holidays_of("lv", 2026),
              ElementsAre("01-01", "04-03", "04-05", "04-06", "05-01", "05-04", "05-10", "06-23",
                          "06-24", "11-18", "12-24", "12-25", "12-26", "12-31"));
  EXPECT_THAT(holidays_of("cy", 2026),
              ElementsAre("01-01", "01-06", "02-23", "03-25", "04-01", "04-10", "04-12", "04-13",
                          "05-01", "06-01", "08-15", "10-01", "10-28", "12-25", "12-26"));
  EXPECT_THAT(holidays_of("es", 2026), ElementsAre("01-01", "01-06", "04-03", "05-01", "08-15",
                                                   "10-12", "11-01", "12-06", "12-08", "12-25"));
  EXPECT_THAT(holidays_of("sv", 2026),
              ElementsAre("01-01", "04-02", "04-03", "04-04", "05-01", "05-10", "06-17", "08-06",
                          "09-15", "11-02", "12-25"));
  EXPECT_THAT(holidays_of("sv-ss", 2026),
              ElementsAre("01-01", "04-02", "04-03", "04-04", "05-01", "05-10", "06-17", "08-03",
                          "08-05", "08-06", "09-15", "11-02", "12-25"));
}

TEST(Calendars, AWeekendInLatviaGivesTheMonday) {
  const Calendar latvia = of("lv");
  EXPECT_TRUE(latvia.is_holiday(day("2025-05-05")));   // the 4th was a Sunday
  EXPECT_FALSE(latvia.is_holiday(day("2026-05-05")));  // the 4th is a Monday
  EXPECT_TRUE(latvia.is_holiday(day("2023-11-20")));   // the 18th was a Saturday
  EXPECT_TRUE(latvia.is_holiday(day("2023-07-10")));   // by a single act
  EXPECT_FALSE(latvia.is_holiday(day("2024-07-10")));
}

TEST(Calendars, DaysBeginAndEndWithTheirLaw) {
  EXPECT_FALSE(of("fr").is_holiday(day("1981-05-08")));
  EXPECT_TRUE(of("fr").is_holiday(day("1982-05-08")));
  EXPECT_FALSE(of("se").is_holiday(day("2004-06-06")));
  EXPECT_EQ(of("sv").holiday(day("2016-05-10")), "Mother's Day");
}

TEST(Calendars, EachFileIsCorrect) {
  int seen = 0;
  for (const auto& file : std::filesystem::directory_iterator(CALENDARS_FOLDER)) {
    EXPECT_FALSE(of(file.path().stem()).name().empty()) << file.path();
    ++seen;
  }
  EXPECT_GE(seen, 11);
}

constexpr const char* head = "id = \"x\"\nname = \"X\"\nsource = \"none\"\n";

std::vector<std::string> problems_of(const std::string& text) {
  const auto file = Calendar::parse(text, "x.toml");
  return file ? std::vector<std::string>{} : file.error();
}

TEST(CalendarFiles, SayLineAndWhatWouldBeRight) {
  const std::string day_of = "[[holiday]]\nname = \"A\"\n";
  const std::pair<std::string, std::vector<std::string>> wrong[] = {
      {"rule = \"fixd\"\n", {"x.toml:6: rule: \"fixd\" is none; write one of fixed, easter"}},
      {"rule = \"fixed\"\nmonth = 2\nday = 30\n", {"x.toml:8: day: that month has no day 30"}},
      {"rule = \"fixed\"\nmonth = 2\n", {"x.toml:4: day: is missing; the rule fixed needs it"}},
      {"rule = \"fixed\"\nmonth = \"2\"\nday = 3\n", {"x.toml:7: month: must be a whole number"}},
      {"rule = \"easter\"\ndays = 1\nmonday_too = true\n",
       {"x.toml:8: monday_too: is no key here"}},
      {"rule = \"easter\"\ndayz = 1\n",
       {"x.toml:4: days: is missing", "x.toml:7: dayz: is no key here; did you mean \"days\"?"}},
      {"rule = \"easter\"\ndays = 400\n",
       {"x.toml:7: days: must be a whole number from -70 to 70"}},
      {"rule = \"once\"\ndate = \"2026-02-30\"\n", {"x.toml:7: date: \"2026-02-30\" is no day"}},
      {"rule = \"weekday\"\nweekday = \"Sat\"\nmonth = 6\nday = 20\n",
       {"x.toml:7: weekday: \"Sat\" is none; write one of sunday"}},
      {"rule = \"fixed\"\nmonth = 1\nday = 1\nfrom = 2030\nuntil = 2020\n",
       {"x.toml:4: from: is after until"}},
      {"rule = \n", {"x.toml:6: "}},
  };
  for (const auto& [rest, expected] : wrong) {
    const auto found = problems_of(head + day_of + rest);
    ASSERT_EQ(found.size(), expected.size()) << rest;
    for (std::size_t i = 0; i < found.size(); ++i) EXPECT_THAT(found[i], HasSubstr(expected[i]));
  }
  EXPECT_THAT(problems_of(head), ElementsAre(HasSubstr("there is none")));
  EXPECT_THAT(problems_of(""), ::testing::SizeIs(4));
  EXPECT_THAT(problems_of("holiday = 3\n" + std::string(head)),
              ElementsAre(HasSubstr("x.toml:1: holiday: must repeat")));
}

class CalendarFolders : public ::testing::Test {
 protected:
  void write(const std::string& id, const std::string& more, const std::string& name = "") {
    std::ofstream(folder_.folder() / ((name.empty() ? id : name) + ".toml"))
        << "id = \"" << id << "\"\nname = \"" << id << "\"\nsource = \"none\"\n"
        << more;
  }
  std::string problem_of(const std::string& id) {
    const auto read = load_calendar(folder_.folder().string(), id);
    return read ? "" : read.error().front();
  }

  rollcall::testing::ScratchFolder folder_;
};

TEST_F(CalendarFolders, AMissingFileACircleAndAWrongNameAreSaid) {
  write("a", "extends = \"b\"\n");
  write("b", "extends = \"a\"\n");
  write("c", "extends = \"nowhere\"\n");
  write("d", "extends = \"c\"\n", "e");
  EXPECT_THAT(problem_of("a"), HasSubstr("in a circle"));
  EXPECT_THAT(problem_of("c"), AllOf(HasSubstr("nowhere.toml"), HasSubstr("is not there")));
  EXPECT_THAT(problem_of("e"), HasSubstr("id: is \"d\"; write it as the file is called: \"e\""));
  EXPECT_THAT(problem_of("../a"), HasSubstr("is no calendar's name"));
}

}  // namespace
}  // namespace rollcall::sheets
