#include "daemon/roster/csv.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rollcall::roster {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

CsvTable read(const std::string& text, const Columns& columns = {{"a", "b"}, {}}) {
  auto table = parse_csv(text, "x.csv", columns);
  EXPECT_TRUE(table) << table.error();
  return table.value_or(CsvTable{});
}
std::vector<std::string> cells(const CsvTable& table) {
  std::vector<std::string> all;
  for (const CsvRow& row : table.rows) {
    std::string line = std::to_string(row.line) + ":";
    for (const std::string& field : row.fields) line += " [" + field + "]";
    all.push_back(line);
  }
  return all;
}
std::vector<std::string> problems(const CsvTable& table) {
  std::vector<std::string> all;
  for (const Problem& problem : table.problems) all.push_back(problem.text());
  return all;
}

TEST(Csv, ColumnsMayStandInAnyOrderWithABomAndExtraOnes) {
  const auto table = read(
      "\xef\xbb\xbf"
      "b,extra,a\r\n1,2,\"3 \"\"q\"\"\"\r\n");
  EXPECT_THAT(cells(table), ElementsAre("2: [3 \"q\"] [1]"));
}

TEST(Csv, AnOptionalColumnIsEmptyInAFileWithoutIt) {
  EXPECT_THAT(cells(read("a,b\n1,2\n", {{"a"}, {"c", "b"}})), ElementsAre("2: [1] [] [2]"));
}

TEST(Csv, FieldsAreTrimmedAndQuotedOnesMayHoldCommasAndLines) {
  const auto table = read("a,b\n  x y  ,\" z, \nz \"\n\n , \nlast,line");
  EXPECT_THAT(cells(table), ElementsAre("2: [x y] [ z, \nz ]", "5: [] []", "6: [last] [line]"));
  EXPECT_THAT(table.problems, IsEmpty());
}

TEST(Csv, ARowThatCannotBeReadIsReportedWithItsLineAndTheNextOnesAreRead) {
  const auto table = read("a,b\n1\n1,2,3\n\"open,2\n\"x\"y,2\n\xff,2\n3,4\n");
  EXPECT_THAT(cells(table), ElementsAre("7: [3] [4]"));
  EXPECT_THAT(problems(table),
              ElementsAre(HasSubstr("x.csv:2: the row has 1 columns, not 2"),
                          HasSubstr("x.csv:3: the row has 3 columns, not 2"),
                          HasSubstr("x.csv:4: text follows a closing quotation mark"),
                          HasSubstr("x.csv:5: text follows a closing quotation mark"),
                          HasSubstr("x.csv:6: the row is no UTF-8")));
}

TEST(Csv, ALineOfTenMegabytesIsSkippedAloneQuotedOrNot) {
  const std::string huge(10 * 1024 * 1024, 'x');
  const auto table = read("a,b\n1,2\n" + huge + ",2\n\"" + huge + "\",2\n3,4\n");
  EXPECT_THAT(cells(table), ElementsAre("2: [1] [2]", "5: [3] [4]"));
  EXPECT_THAT(
      problems(table),
      ElementsAre(HasSubstr("x.csv:3: the row is longer than 64 KiB; the row was skipped"),
                  HasSubstr("x.csv:4: the row is longer than 64 KiB; the row was skipped")));
}

TEST(Csv, AQuotationMarkThatIsNeverClosedTakesItsOwnLineOnly) {
  const auto table = read("a,b\n1,\"2\n3,4\n");
  EXPECT_THAT(cells(table), ElementsAre("3: [3] [4]"));
  EXPECT_THAT(problems(table), ElementsAre(HasSubstr("x.csv:2: a quotation mark is never closed")));
}

TEST(Csv, AFileWithoutAColumnOrWithoutALineCannotBeRead) {
  EXPECT_THAT(parse_csv("a\n1\n", "x.csv", {{"a", "b"}, {}}).error(),
              HasSubstr("\"b\" is missing"));
  EXPECT_THAT(parse_csv("", "x.csv", {{"a"}, {}}).error(), HasSubstr("\"a\" is missing"));
  EXPECT_THAT(parse_csv("\"a\n1\n", "x.csv", {{"a"}, {}}).error(), HasSubstr("x.csv: "));
  EXPECT_FALSE(parse_csv(std::string(longest_file + 1, 'a'), "x.csv", {{"a"}, {}}));
}

TEST(Csv, RowsAndProblemsOfOneFileAreBounded) {
  std::string text = "a,b\n";
  for (std::size_t i = 0; i < most_problems + 10; ++i) text += "1\n";
  const auto table = read(text);
  EXPECT_TRUE(table.cut);
  EXPECT_EQ(table.problems.size(), most_problems + 1);
  EXPECT_THAT(table.problems.back().what, HasSubstr("the rest is not looked at"));
}

TEST(Csv, BytesOfEveryKindBreakNothing) {
  std::string text = "a,b\n";
  for (int byte = 0; byte < 256; ++byte) text += std::string(3, static_cast<char>(byte)) + ",2\n";
  const auto table = read(text);
  EXPECT_GT(table.rows.size(), 100u);
  EXPECT_GT(table.problems.size(), 100u);
}

}  // namespace
}  // namespace rollcall::roster
