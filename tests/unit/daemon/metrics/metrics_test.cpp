#include "daemon/metrics/metrics.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rollcall::metrics {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Metrics, EverySeriesExistsFromTheStart) {
  const std::string text = scrape();
  EXPECT_THAT(text, HasSubstr("rollcall_taps_total{outcome=\"not_recorded\"} 0"));
  EXPECT_THAT(text, HasSubstr("rollcall_rejected_events{reason=\"unknown-person\"} 0"));
  EXPECT_THAT(text, HasSubstr("rollcall_tap_commit_seconds_count 0"));
  EXPECT_THAT(text, HasSubstr("rollcall_build_info{version=\"" ROLLCALL_VERSION "\"} 1"));
}

TEST(Metrics, UndeclaredLabelsCountAsOther) {
  add(Counter::link_errors, "bad_frame", 2);
  add(Counter::link_errors, "made up by a hostile terminal");
  const std::string text = scrape();
  EXPECT_THAT(text, HasSubstr("rollcall_link_errors_total{kind=\"bad_frame\"} 2"));
  EXPECT_THAT(text, HasSubstr("rollcall_link_errors_total{kind=\"other\"} 1"));
  EXPECT_THAT(text, Not(HasSubstr("hostile")));
}

TEST(Metrics, TotalsCountedElsewhereNeverFall) {
  raise_to(Counter::writer_groups, 7);
  raise_to(Counter::writer_groups, 3);
  EXPECT_THAT(scrape(), HasSubstr("rollcall_writer_groups_total 7"));
}

TEST(Metrics, RefreshEndsWithItsHold) {
  int runs = 0;
  auto hold = at_scrape([&] { set(Gauge::present, ++runs); });
  EXPECT_THAT(scrape(), HasSubstr("rollcall_people_present 1"));
  hold.reset();
  EXPECT_THAT(scrape(), HasSubstr("rollcall_people_present 1"));
  EXPECT_EQ(runs, 1);
}

TEST(Metrics, DurationsAreSeconds) {
  observe(Histogram::tap_commit, std::chrono::milliseconds{3});
  const std::string text = scrape();
  EXPECT_THAT(text, HasSubstr("rollcall_tap_commit_seconds_bucket{le=\"0.002\"} 0"));
  EXPECT_THAT(text, HasSubstr("rollcall_tap_commit_seconds_bucket{le=\"0.004\"} 1"));
}

TEST(Metrics, PromtoolFindsNothingToCriticise) {
  ASSERT_EQ(std::system("command -v promtool >/dev/null"), 0)
      << "promtool is missing: apt-get install prometheus (listed in setup/packages.txt)";
  std::string file = (std::filesystem::temp_directory_path() / "rollcall-metrics-XXXXXX").string();
  const int descriptor = mkstemp(file.data());
  ASSERT_GE(descriptor, 0);
  std::ofstream{file} << scrape();
  FILE* pipe = popen(("promtool check metrics < " + file + " 2>&1").c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  std::string said;
  char buffer[512];
  while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) said += buffer;
  EXPECT_EQ(pclose(pipe), 0) << said;
  EXPECT_EQ(said, "");
  std::filesystem::remove(file);
}

// ROLLCALL_WRITE_DOCS=1 writes the table into the page instead of comparing.
TEST(Metrics, ReferencePageHoldsTheGeneratedTable) {
  const std::string page_file = ROLLCALL_SOURCE_DIR "/docs/metrics.md";
  std::ostringstream page;
  page << std::ifstream{page_file}.rdbuf();
  const std::string text = page.str();
  const std::string begin = "<!-- generated from daemon/metrics/declarations.cpp -->\n";
  const auto from = text.find(begin);
  const auto to = text.find("<!-- end of the generated part -->\n");
  ASSERT_NE(from, std::string::npos);
  ASSERT_NE(to, std::string::npos);
  const auto start = from + begin.size();
  if (std::getenv("ROLLCALL_WRITE_DOCS") != nullptr) {
    std::ofstream{page_file} << text.substr(0, start) << "\n"
                             << reference_markdown() << "\n"
                             << text.substr(to);
    GTEST_SKIP() << "written";
  }
  EXPECT_EQ(text.substr(start, to - start), "\n" + reference_markdown() + "\n")
      << "run this test with ROLLCALL_WRITE_DOCS=1 to write the table anew";
}

}  // namespace
}  // namespace rollcall::metrics
