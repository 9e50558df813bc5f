#include "daemon/log/log.hpp"

#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace rollcall::logging {
namespace {

using namespace std::chrono_literals;

TEST(Log, TextQuotesOnlyWhatNeedsIt) {
  EXPECT_EQ(render(Format::text, "batch accepted",
                   {{"batch", "b-1"}, {"events", 12}, {"late", false}, {"room", "Room 1"}}),
            "msg=\"batch accepted\" batch=b-1 events=12 late=false room=\"Room 1\"");
}

TEST(Log, NothingFromOutsideForgesALine) {
  const std::string line =
      render(Format::text, "hello", {{"serial", "A\nlevel=error msg=\"owned\""}, {"empty", ""}});
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_EQ(line, "msg=\"hello\" serial=\"A\\u000alevel=error msg=\\\"owned\\\"\" empty=\"\"");
}

TEST(Log, JsonStaysJsonWhateverTheBytes) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  const std::string out =
      "{" +
      render(Format::json, all, {{"value", all}, {"ratio", 0.0 / 0.0}, {"time_ms", 1500us}}, 3) +
      "}";
  const auto parsed = nlohmann::json::parse(out);
  EXPECT_EQ(parsed["suppressed"], 3);
  EXPECT_EQ(parsed["ratio"], "nan");
  EXPECT_EQ(parsed["time_ms"], 1.5);
}

TEST(Log, LongValuesAreCutBetweenCharacters) {
  std::string text(longest_value - 1, 'a');
  text += "é";
  const auto parsed =
      nlohmann::json::parse("{" + render(Format::json, "m", {{"value", text}}) + "}");
  EXPECT_EQ(parsed["value"], std::string(longest_value - 1, 'a'));
}

TEST(Log, LinesBelowTheLevelAreNotWritten) {
  std::ostringstream out;
  ASSERT_TRUE(open({.level = Level::warning, .format = Format::json, .file = "", .stream = &out}));
  info("quiet");
  warning("loud", {{"n", 1u}});
  ASSERT_TRUE(open({}));
  const auto parsed = nlohmann::json::parse(out.str());  // exactly one line
  EXPECT_EQ(parsed["message"], "loud");
  EXPECT_EQ(parsed["level"], "warning");
  EXPECT_EQ(parsed["n"], 1);
  EXPECT_EQ(parsed["time"].get<std::string>().size(),
            std::string{"2026-03-02T08:01:02.123Z"}.size());
}

TEST(Log, LimitedTellsHowManyLinesItDropped) {
  Limited limited{2, 10s};
  const auto start = std::chrono::steady_clock::time_point{} + 1h;
  EXPECT_EQ(limited.admit(start), 0);
  EXPECT_EQ(limited.admit(start), 0);
  EXPECT_EQ(limited.admit(start + 1s), -1);
  EXPECT_EQ(limited.admit(start + 9s), -1);
  EXPECT_EQ(limited.admit(start + 10s), 2);
  EXPECT_EQ(limited.admit(start + 11s), 0);
  EXPECT_EQ(limited.admit(start + 12s), -1);
}

TEST(Log, UnwritableFileIsASentence) {
  const auto opened =
      open({.level = Level::info, .format = Format::text, .file = "/proc/nothing/rollcall.log"});
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().find("/proc/nothing/rollcall.log cannot be written"), std::string::npos)
      << opened.error();
}

}  // namespace
}  // namespace rollcall::logging
