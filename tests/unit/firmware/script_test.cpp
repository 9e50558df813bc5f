// Scripts, card files and reports of the simulator.
#include "firmware/simulator/script.hpp"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "firmware/simulator/page.hpp"
#include "firmware/simulator/report.hpp"

namespace rollcall::simulator {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

template <class Action>
Action only(const std::string& line) {
  const auto steps = parse_script(line, "test");
  EXPECT_TRUE(steps) << line;
  return std::get<Action>(steps.value().at(0).action);
}

TEST(Script, EachStepIsUnderstood) {
  EXPECT_EQ(only<step::At>("at 08:05").time, 8h + 5min);
  EXPECT_EQ(only<step::At>("at 23:59:58").time, 23h + 59min + 58s);
  EXPECT_EQ(only<step::Wait>("wait 250ms").time, 250ms);
  EXPECT_EQ(only<step::Wait>("wait 3s").time, 3s);
  EXPECT_EQ(only<step::Wait>("wait 2min").time, 2min);
  EXPECT_EQ(only<step::Tap>("tap 04D77579F29403").card.size, 7);
  EXPECT_EQ(only<step::Tap>("tap b2a6a5d0").card.uid[0], 0xb2);
  EXPECT_FALSE(only<step::Cable>("offline").plugged);
  EXPECT_TRUE(only<step::Cable>("online").plugged);
  EXPECT_FALSE(only<step::PowerCut>("power-cut").during_append);
  EXPECT_TRUE(only<step::PowerCut>("power-cut during-append").during_append);
  EXPECT_EQ(only<step::Touch>("touch 250 400").point.y, 400);
  EXPECT_EQ(only<step::Expect>("expect outcome arrived").value, "arrived");
}

TEST(Script, CommentsAndEmptyLinesAreNothingAndLinesKeepTheirNumbers) {
  const auto steps = parse_script("# a day\n\n  offline   # the switch\nonline\n", "day");
  ASSERT_TRUE(steps);
  ASSERT_EQ(steps->size(), 2u);
  EXPECT_EQ((*steps)[0].line, 3u);
  EXPECT_EQ((*steps)[0].text, "offline");
}

TEST(Script, AllProblemsAreToldAtOnceWithTheirLines) {
  const auto steps = parse_script(
      "tap 04\nat 24:00\nwait 5\njump\nexpect light red\ntouch 1\npower-cut now\n", "day");
  ASSERT_FALSE(steps);
  EXPECT_THAT(steps.error(),
              ElementsAre(StartsWith("day:1: `tap` takes"), StartsWith("day:2: `at` takes"),
                          StartsWith("day:3: `wait` takes"), HasSubstr("\"jump\" is not a step"),
                          HasSubstr("\"red\" is not one of green, amber, blue, none"),
                          StartsWith("day:6: `touch` takes"), StartsWith("day:7: `power-cut`")));
}

class Files : public testing::Test {
 protected:
  Files() : path_(testing::TempDir() + "rollcall-simulator-" + std::to_string(::getpid())) {}
  ~Files() override { std::filesystem::remove(path_); }
  void write(const std::string& text) { std::ofstream(path_) << text; }
  std::string path_;
};

TEST_F(Files, MissingScriptIsSaid) {
  const auto steps = load_script(path_);
  ASSERT_FALSE(steps);
  EXPECT_THAT(steps.error(), ElementsAre(HasSubstr("cannot be read")));
}

TEST_F(Files, CardsHaveALabelOrShowTheirNumber) {
  write("card,label\n0407E1214324D1,\"Participant 07\"\r\nB2A6A5D0\n");
  const auto cards = load_cards(path_);
  ASSERT_TRUE(cards) << cards.error();
  ASSERT_EQ(cards->size(), 2u);
  EXPECT_EQ((*cards)[0].label, "Participant 07");
  EXPECT_EQ((*cards)[1].label, "B2A6A5D0");
}

TEST_F(Files, CardThatIsNoneIsNamedWithItsLine) {
  write("card,label\n0407E1214324D1,a\nhello,b\n");
  const auto cards = load_cards(path_);
  ASSERT_FALSE(cards);
  EXPECT_THAT(cards.error(), HasSubstr(":3: "));
}

TEST_F(Files, ReportHasALineForEachTapAsSoonAsItIsShown) {
  Report report;
  ASSERT_TRUE(report.append_to(path_));
  protocol::Tap tap;
  tap.epoch.fill(0xab);
  tap.number = 7;
  tap.wall_ms = 1234;
  const hal::Card card = *parse_card("04D77579F29403");
  report.shown("T-1", card, &tap, firmware::Shown::arrived, 12ms);
  report.shown("T-1", card, nullptr, firmware::Shown::not_accepted, 0ms);
  report.interrupted("T-1", card, &tap);
  report.late_answer("T-1", {tap.epoch, 6, protocol::Outcome::left});
  std::vector<nlohmann::json> lines;
  std::ifstream in(path_);
  for (std::string line; std::getline(in, line);) lines.push_back(nlohmann::json::parse(line));
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[0],
            nlohmann::json::parse(
                R"({"type":"tap","serial":"T-1","epoch":"abababababababababababababababab",
      "number":7,"card":"04D77579F29403","wall_ms":1234,"light":"green","outcome":"arrived","shown_ms":12})"));
  EXPECT_TRUE(lines[1]["number"].is_null());
  EXPECT_EQ(lines[1]["light"], "none");
  EXPECT_EQ(lines[2]["outcome"], "interrupted");
  EXPECT_EQ(lines[3]["type"], "late_answer");
  EXPECT_EQ(lines[3]["outcome"], "left");
}

TEST(Report, SummaryCountsLightsAndPercentiles) {
  Report report;
  const hal::Card card = *parse_card("04D77579F29403");
  const protocol::Tap tap;
  for (int ms = 1; ms <= 100; ++ms)
    report.shown("T-1", card, &tap, firmware::Shown::arrived, std::chrono::milliseconds(ms));
  report.shown("T-1", card, &tap, firmware::Shown::recorded_offline, 1500ms);
  const auto summary = nlohmann::json::parse(report.summary({}, 10s));
  EXPECT_EQ(summary["taps"], 101);
  EXPECT_EQ(summary["lights"]["green"], 100);
  EXPECT_EQ(summary["lights"]["amber"], 1);
  EXPECT_EQ(summary["tap_to_green_ms"]["p50"], 50);
  EXPECT_EQ(summary["tap_to_green_ms"]["p99"], 99);
  EXPECT_EQ(summary["tap_to_green_ms"]["max"], 100);
}

TEST(Card, IsFourSevenOrTenBytesInHex) {
  EXPECT_TRUE(parse_card("B2A6A5D0"));
  EXPECT_TRUE(parse_card("04D77579F29403"));
  EXPECT_TRUE(parse_card("04D77579F29403040506"));
  EXPECT_FALSE(parse_card(""));
  EXPECT_FALSE(parse_card("04D77579F294"));
  EXPECT_FALSE(parse_card("04D77579F2940G"));
}

}  // namespace
}  // namespace rollcall::simulator
