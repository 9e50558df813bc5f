#include "daemon/assessments/library.hpp"

#include <fstream>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/daemon/assessments/example.hpp"
#include "tests/unit/daemon/scratch_database.hpp"

namespace rollcall::assessments {
namespace {

namespace asio = boost::asio;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct LibraryTest : ::testing::Test {
  LibraryTest() {
    std::filesystem::create_directories(folder());
    write("instruments/start.json", test::example().dump());
    write("assignments.csv",
          "person,instrument,due\np-1,digital-start,2026-03-01\r\np-2,digital-start,2026-04-01\n");
  }
  std::filesystem::path folder() const { return scratch.folder() / "files"; }
  void write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((folder() / name).parent_path());
    std::ofstream(folder() / name, std::ios::binary) << text;
  }
  std::expected<Library, std::vector<std::string>> read() const {
    return Library::read(
        {(folder() / "instruments").string(), (folder() / "assignments.csv").string()});
  }
  std::vector<std::string> problems() const {
    auto library = read();
    return library ? std::vector<std::string>{} : library.error();
  }
  std::optional<Due> due(const Library& library, const std::string& person,
                         const std::string& today) {
    store::Readers readers(scratch.path(), 1);
    asio::io_context io;
    auto found = asio::co_spawn(io, library.due(readers, person, today), asio::use_future);
    io.run();
    return found.get();
  }

  testing::ScratchDatabase scratch;
  store::Database db{scratch.path(), store::Database::Mode::read_write};
};

TEST_F(LibraryTest, OffersWhatIsDueFromItsDayOn) {
  const auto library = read();
  ASSERT_TRUE(library) << library.error().front();
  EXPECT_THAT(library->store(db), IsEmpty());
  db.exec("INSERT INTO person (id, role, programme) VALUES ('p-1', 'participant', 'bilan')");
  EXPECT_FALSE(due(*library, "p-1", "2026-02-28"));
  const auto found = due(*library, "p-1", "2026-03-01");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->instrument->id, "digital-start");
  EXPECT_EQ(found->date, "2026-03-01");
  EXPECT_EQ(found->earlier_offers, 0);
  EXPECT_EQ(found->programme, "bilan");
  EXPECT_EQ(found->grant, std::nullopt);
  EXPECT_FALSE(due(*library, "p-3", "2026-03-01"));
}

TEST_F(LibraryTest, TheInstrumentRestsInTheDatabaseWithItsExactDigest) {
  const auto library = read();
  ASSERT_TRUE(library);
  library->store(db);
  auto row = db.prepare("SELECT version, digest, body FROM instrument WHERE id = 'digital-start'");
  ASSERT_TRUE(row.step());
  EXPECT_EQ(row.text(0), "1.0.0");
  EXPECT_EQ(row.fixed<32>(1), library->find("digital-start")->digest);
  EXPECT_EQ(row.text(2), test::example().dump());
}

TEST_F(LibraryTest, ACompletedAssignmentStaysCompletedAfterTheNextStart) {
  const auto library = read();
  ASSERT_TRUE(library);
  library->store(db);
  db.exec("UPDATE assignment SET state = 'completed' WHERE person = 'p-1'");
  EXPECT_THAT(library->store(db), IsEmpty());
  EXPECT_FALSE(due(*library, "p-1", "2026-03-01"));
}

TEST_F(LibraryTest, WhatTheFileNoLongerAssignsIsNoLongerOffered) {
  read()->store(db);
  write("assignments.csv", "person,instrument,due\np-2,digital-start,2026-01-01\n");
  const auto library = read();
  library->store(db);
  EXPECT_FALSE(due(*library, "p-1", "2026-03-01"));
  EXPECT_TRUE(due(*library, "p-2", "2026-03-01")) << "a changed date counts";
}

TEST_F(LibraryTest, AChangedFileWithoutANewVersionIsAProblemAndChangesNothing) {
  read()->store(db);
  auto edited = test::example();
  edited["title"]["en"] = "Other";
  write("instruments/start.json", edited.dump());
  EXPECT_THAT(read()->store(db), ElementsAre(HasSubstr("was changed, but is still version 1.0.0")));
  edited["version"] = "1.0.1";
  write("instruments/start.json", edited.dump());
  EXPECT_THAT(read()->store(db), IsEmpty());
}

TEST_F(LibraryTest, ProblemsNameFileAndLine) {
  write("assignments.csv",
        "person,instrument,due\np-1,digital-start\n,digital-start,2026-01-01\np-1,digital-start,"
        "2026-02-30\n"
        "p-2,digital-start,2026-01-01\np-2,digital-start,2026-01-02\n");
  EXPECT_THAT(problems(),
              ElementsAre(HasSubstr("assignments.csv:2: has 2 fields"),
                          HasSubstr("assignments.csv:3: person and instrument must not be empty"),
                          HasSubstr("assignments.csv:4: \"2026-02-30\" is not a date"),
                          HasSubstr("assignments.csv:6: this person has this instrument")));
}

TEST_F(LibraryTest, AnAssignmentOfAMissingInstrumentIsAProblem) {
  write("assignments.csv", "person,instrument,due\np-1,other,2026-01-01\np-2,other,2026-01-01\n");
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("assigns \"other\", but no file in")));
}

TEST_F(LibraryTest, TwoFilesOfTheSameInstrumentAreAProblem) {
  write("instruments/start2.json", test::example().dump());
  EXPECT_THAT(problems(),
              ElementsAre(HasSubstr("keep one version of an instrument in the folder")));
}

TEST_F(LibraryTest, MissingFoldersAndFilesAreNamed) {
  const auto none = Library::read({"/nowhere/instruments", "/nowhere/assignments.csv"});
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error(), ElementsAre(HasSubstr("/nowhere/instruments"),
                                        HasSubstr("/nowhere/assignments.csv")));
}

TEST_F(LibraryTest, ASiteWithoutAssessmentsIsFine) {
  const auto library = Library::read({});
  ASSERT_TRUE(library);
  EXPECT_EQ(library->size(), 0u);
  EXPECT_FALSE(due(*library, "p-1", "2026-03-01"));
}

}  // namespace
}  // namespace rollcall::assessments
