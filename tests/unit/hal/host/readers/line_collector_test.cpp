#include "hal/host/readers/line_collector.hpp"

#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace rollcall::readers {
namespace {

std::vector<std::string> lines_of(LineCollector& collector, std::string_view text) {
  std::vector<std::string> lines;
  for (const char c : text)
    if (auto line = collector.put(c)) lines.push_back(std::move(*line));
  return lines;
}
using Lines = std::vector<std::string>;

TEST(Lines, EndAtWhateverReadersEndThemWith) {
  LineCollector collector;
  EXPECT_EQ(lines_of(collector, "12\r\n34\n56\r\r\n\n"), (Lines{"12", "34", "56"}));
  EXPECT_EQ(lines_of(collector,
                     "\x02"
                     "78\r\n\x03"),
            (Lines{"78"}));
  EXPECT_TRUE(collector.empty());
}

TEST(Lines, BeginAnewAtTheirMark) {
  LineCollector collector;
  EXPECT_EQ(lines_of(collector,
                     "noise\x02"
                     "12\x03"),
            (Lines{"12"}));
}

TEST(Lines, WaitForTheirEnd) {
  LineCollector collector;
  EXPECT_EQ(lines_of(collector, "12"), Lines{});
  EXPECT_FALSE(collector.empty());
  EXPECT_EQ(lines_of(collector, "34\n5"), (Lines{"1234"}));
  EXPECT_EQ(collector.take(), "5");
  EXPECT_EQ(collector.take(), std::nullopt);
}

TEST(Lines, WithoutAnEndTakeNoRoomAndAreRefused) {
  LineCollector collector;
  EXPECT_EQ(lines_of(collector, std::string(1'000'000, '1')), Lines{});
  const auto line = collector.put('\n');
  ASSERT_TRUE(line);
  EXPECT_EQ(line->size(), longest_line + 1);
  EXPECT_FALSE(read_line(*line, LineFormat::code));
  EXPECT_EQ(lines_of(collector, "12\n"), (Lines{"12"})) << "and the next one is whole";
}

}  // namespace
}  // namespace rollcall::readers
