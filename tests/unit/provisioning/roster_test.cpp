// A roster on its way to the daemon, and what people read of its answers.
#include <fstream>

#include <archive.h>
#include <archive_entry.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "provisioning/pack.hpp"
#include "provisioning/show.hpp"
#include "tests/unit/daemon/scratch_folder.hpp"

namespace rollcall::provisioning {
namespace {

using Json = nlohmann::ordered_json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Packing : ::testing::Test {
  rollcall::testing::ScratchFolder scratch;

  std::string file(const std::string& name, const std::string& text) {
    const auto path = scratch.folder() / name;
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
  }
  static std::vector<std::string> members(const std::string& zip) {
    std::vector<std::string> found;
    archive* in = archive_read_new();
    archive_read_support_format_zip(in);
    archive_read_open_memory(in, zip.data(), zip.size());
    for (archive_entry* entry = nullptr; archive_read_next_header(in, &entry) == ARCHIVE_OK;) {
      std::string text(static_cast<std::size_t>(archive_entry_size(entry)), '\0');
      archive_read_data(in, text.data(), text.size());
      found.push_back(std::string(archive_entry_pathname(entry)) + "=" + text);
    }
    archive_read_free(in);
    return found;
  }
};

TEST_F(Packing, AFileGoesAsItIs) {
  EXPECT_EQ(pack(file("t.ics", "BEGIN:VCALENDAR\r\n")).value(), "BEGIN:VCALENDAR\r\n");
}

TEST_F(Packing, OfAFolderTheCsvFilesGoAndNothingElse) {
  file("people.csv", "person\np-1\n");
  file("cards.csv", "card\n");
  file("notes.txt", "not for the daemon");
  EXPECT_THAT(members(pack(scratch.folder().string()).value()),
              ElementsAre("cards.csv=card\n", "people.csv=person\np-1\n"));
}

TEST_F(Packing, WhatCannotBeSentIsSaidWithItsPath) {
  EXPECT_THAT(pack(scratch.folder().string()).error(), HasSubstr("has no .csv file"));
  EXPECT_THAT(pack(file("e.ics", "")).error(), HasSubstr("e.ics: is empty"));
  EXPECT_THAT(pack((scratch.folder() / "none").string()).error(),
              HasSubstr("none: cannot be read"));
}

Json counts(int added, int held) {
  return {{"person",
           {{"added", added},
            {"changed", 2},
            {"unchanged", 3},
            {"removed", 0},
            {"held", held},
            {"bad", 1}}}};
}

TEST(ShowRoster, AnImportTellsCountsMessagesAndWhatWaits) {
  const Json answer = {
      {"source", "csv"},
      {"dry_run", false},
      {"counts", counts(1, 7)},
      {"skipped", 3},
      {"messages", {"people.csv:4: the role is none; the row was skipped", "b\x1b[31m"}}};
  const std::string out = show_import(answer);
  EXPECT_THAT(out, HasSubstr("Read from csv:\nRECORD  ADDED"));
  EXPECT_THAT(out, HasSubstr("people.csv:4: the role is none"));
  EXPECT_THAT(out, HasSubstr("and 1 more"));
  EXPECT_THAT(out, HasSubstr("rollcall roster apply-removals"));
  EXPECT_EQ(out.find('\x1b'), std::string::npos) << "no text works the reader's terminal";
}

TEST(ShowRoster, ADryRunSaysThatNothingWasChanged) {
  const Json answer = {{"source", "csv"},
                       {"dry_run", true},
                       {"counts", Json::object()},
                       {"skipped", 0},
                       {"messages", Json::array()}};
  EXPECT_EQ(show_import(answer),
            "Nothing was changed. It would be, from csv:\nIt names nothing.\n");
}

TEST(ShowRoster, TheStatusNamesEachSource) {
  EXPECT_EQ(show_roster({{"sources", Json::array()}}), "No roster was read yet.\n");
  const Json one = {{"source", "files"},         {"read", "2026-03-02T08:00:00.000Z"},
                    {"counts", counts(0, 0)},    {"skipped", 0},
                    {"messages", Json::array()}, {"held", {{"person", 4}}}};
  const std::string out = show_roster({{"sources", {one}}});
  EXPECT_THAT(out, HasSubstr("files, read 2026-03-02 08:00:00Z:"));
  EXPECT_THAT(out, HasSubstr("4 person to be removed, when someone agrees"));
}

TEST(ShowRoster, RemovalsAndCorrectedDaysAreTold) {
  EXPECT_EQ(show_removals({{"removed", Json::object()}}), "Nothing waits to be removed.\n");
  EXPECT_EQ(show_removals({{"removed", {{"person", 2}, {"card", 1}}}}),
            "Removed: 2 person, 1 card. What was recorded of them stays.\n");
  EXPECT_EQ(
      show_corrected_day({{"session", "S"}, {"day", "2026-03-02"}, {"people", 3}}),
      "S of 2026-03-02 is corrected. To be concluded again: 3 people who moved on that day.\n");
}

TEST(ShowCheckedDays, TellsWhatDiffersAndWhatWasNotCompared) {
  Json answer = {{"people", 2},  {"days", 9},   {"movements", 30},
                 {"waiting", 0}, {"differ", 0}, {"differences", Json::array()}};
  EXPECT_EQ(
      show_checked_days(answer),
      "9 days of 2 people, 30 movements: the log says what their taps and statements come to.\n");
  answer["waiting"] = 1;
  answer["differ"] = 1;
  answer["differences"] = {
      {{"person", "p-1"}, {"day", "2026-03-02"}, {"text", "comes to nothing"}}};
  EXPECT_EQ(show_checked_days(answer),
            "9 days of 2 people, 30 movements: 1 day comes to something else.\n"
            "p-1, 2026-03-02: comes to nothing\n"
            "1 day was not compared: it waits to be concluded again.\n");
}

}  // namespace
}  // namespace rollcall::provisioning
