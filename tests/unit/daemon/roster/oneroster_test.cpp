#include "daemon/roster/oneroster.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/roster/archive.hpp"
#include "daemon/roster/difference.hpp"

namespace rollcall::roster {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

std::string hash(std::span<const std::uint8_t>) {
  return std::string(64, 'a');
}

// A small export as a school system writes it: byte-order marks, every field quoted, columns of its
// own, rows whose references lead nowhere.
std::vector<File> school() {
  return {
      {"manifest.csv",
       "\xef\xbb\xbfpropertyName,value\nmanifest.version,1.0\noneroster.version,1.2\n"
       "file.users,bulk\nfile.classes,bulk\n"},
      {"orgs.csv",
       "\xef\xbb\xbfsourcedId,status,dateLastModified,name,type,identifier,"
       "parentSourcedId\no-1,,,School,school,,\n"},
      {"academicSessions.csv",
       "sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear\n"
       "t-1,,,Spring,term,2026-01-05,2026-03-31,,2026\nt-2,,,Summer,term,2026-04-01,2026-06-30,,"
       "2026\n"
       "t-3,,,Wrong,term,2026-02-30,2026-06-30,,2026\n"},
      {"courses.csv",
       "sourcedId,status,dateLastModified,schoolYearSourcedId,title\nk-1,,,,French\n"},
      {"users.csv",
       "\"sourcedId\",\"status\",\"dateLastModified\",\"enabledUser\",\"username\",\"givenName\","
       "\"familyName\",\"preferredGivenName\",\"primaryOrgSourcedId\",\"metadata.protected\","
       "\"metadata.card\",\"metadata.language\",\"x.secret\"\n"
       "\"u-1\",\"\",\"\",\"true\",\"ann\",\"Ann\",\"Doe\",\"\",\"o-1\",\"\",\"01020304\",\"fr "
       "en\",\"?\"\n"
       "u-2,,,true,bob,Robert,\"Roe, Jr\",Bob,o-1,,,,\n"
       "u-3,,,true,x,Hidden,Name,,o-1,true,,,\n"
       "u-4,,,true,x,Lost,Org,,o-9,,,,\n"
       "u-5,,,true,x,No,Role,,o-1,,,,\n"
       "u-6,,,false,x,Has,Left,,o-1,,,,\n"},
      {"roles.csv",
       "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,"
       "orgSourcedId\nr-1,,,u-1,primary,student,,,o-1\nr-2,,,u-2,secondary,student,,,o-1\n"
       "r-3,,,u-2,primary,teacher,,,o-1\nr-4,,,u-3,primary,student,,,o-1\n"
       "r-5,,,u-4,primary,student,,,o-1\n"},
      {"classes.csv",
       "sourcedId,status,dateLastModified,title,courseSourcedId,classCode,classType,location,"
       "schoolSourcedId,termSourcedIds,metadata.weekdays,metadata.start,metadata.end\n"
       "c-1,,,French A,k-1,,scheduled,Room 1,o-1,\"t-1,t-2\",mon wed,13:00,15:30\n"
       "c-2,,,French B,k-1,,scheduled,,o-1,,,,\n"
       "c-3,,,Orphan,k-9,,scheduled,,o-1,,,,\nc-4,,,Orphan,k-1,,scheduled,,o-1,t-9,,,\n"},
      {"enrollments.csv",
       "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,"
       "primary,"
       "beginDate,endDate\ne-1,,,c-1,o-1,u-1,student,,2026-02-01,2026-06-30\n"
       "e-2,,,c-1,o-1,u-2,teacher,true,,\ne-3,,,c-9,o-1,u-1,student,,,\n"
       "e-4,,,c-1,o-1,u-9,student,,,\ne-5,,,c-1,o-1,u-3,student,,2026-02-01,2026-01-01\n"}};
}

Reading read(const std::vector<File>& files) {
  auto reading = read_oneroster(files, hash);
  EXPECT_TRUE(reading);
  return reading.value_or(Reading{});
}

template <class R>
std::vector<R> of_kind(const Difference& d) {
  std::vector<R> all;
  for (const Change& change : d.changes)
    if (const auto* record = std::get_if<R>(&change.content)) all.push_back(*record);
  return all;
}

TEST(OneRoster, AnExportBecomesPeopleSessionsAndEnrolments) {
  const Difference d = difference({}, read(school()));
  const auto people = of_kind<PersonRecord>(d);
  ASSERT_EQ(people.size(), 3u);
  EXPECT_EQ(people[0].id, "u-1");
  EXPECT_EQ(people[0].role, "participant");
  EXPECT_EQ(people[0].display_name, "Ann Doe");
  EXPECT_EQ(people[0].languages, "fr en");
  EXPECT_EQ(people[1].role, "trainer") << "the primary role counts";
  EXPECT_EQ(people[1].display_name, "Bob Roe, Jr");
  EXPECT_TRUE(people[2].protected_identity);
  EXPECT_EQ(people[2].display_name, "");

  const auto sessions = of_kind<SessionRecord>(d);
  ASSERT_EQ(sessions.size(), 2u);
  EXPECT_EQ(sessions[0].title, "French A");
  EXPECT_EQ(sessions[0].trainer, "u-2");
  EXPECT_EQ(sessions[0].weekdays, "mon wed");
  EXPECT_EQ(sessions[0].first_day, "2026-01-05");
  EXPECT_EQ(sessions[0].last_day, "2026-06-30");
  EXPECT_EQ(sessions[0].half_day, "pm");
  EXPECT_EQ(sessions[1].weekdays, "") << "a class without hours takes place on no weekday";

  const auto enrolments = of_kind<EnrolmentRecord>(d);
  ASSERT_EQ(enrolments.size(), 1u);
  EXPECT_EQ(enrolments[0].from_day, "2026-02-01");
  EXPECT_EQ(of_kind<CardRecord>(d).size(), 1u);
}

TEST(OneRoster, RowsThatLeadNowhereAreReportedByFileAndLine) {
  const Difference d = difference({}, read(school()));
  std::vector<std::string> problems;
  for (const Problem& problem : d.problems) problems.push_back(problem.text());
  EXPECT_THAT(problems,
              UnorderedElementsAre(
                  HasSubstr("academicSessions.csv:4: startDate and endDate are no dates"),
                  HasSubstr("users.csv:5: orgs.csv has no such primaryOrgSourcedId"),
                  HasSubstr("users.csv:6: neither users.csv nor roles.csv states a role"),
                  HasSubstr("classes.csv:4: courses.csv has no such courseSourcedId"),
                  HasSubstr("classes.csv:5: academicSessions.csv has no such termSourcedIds"),
                  HasSubstr("enrollments.csv:4: classes.csv has no such class"),
                  HasSubstr("enrollments.csv:5: users.csv has no such user"),
                  HasSubstr("enrollments.csv:6: the last day is before the first")));
}

TEST(OneRoster, ADeltaRemovesWhatItSaysAndNothingElse) {
  std::vector<File> files = {
      {"manifest.csv", "propertyName,value\nfile.users,delta\nfile.enrollments,delta\n"},
      {"users.csv",
       "sourcedId,status,dateLastModified,enabledUser,givenName,familyName,role\n"
       "u-1,tobedeleted,2026-03-01T00:00:00Z,true,Ann,Doe,student\n"
       "u-7,active,2026-03-01T00:00:00Z,true,New,One,student\n"},
      {"enrollments.csv",
       "sourcedId,status,dateLastModified,classSourcedId,userSourcedId,role\n"
       "e-1,tobedeleted,2026-03-01T00:00:00Z,c-1,u-1,student\n"
       "e-7,active,2026-03-01T00:00:00Z,c-1,u-7,student\n"}};
  const Reading reading = read(files);
  EXPECT_FALSE(reading.whole);
  Known known;
  for (int i = 0; i < 20; ++i) {
    PersonRecord person;
    person.id = "u-" + std::to_string(i + 1);
    person.role = "participant";
    known.stated[0].insert(person.id);
    known.records[0].emplace(person.id, person);
  }
  const Difference d = difference(known, reading);
  ASSERT_EQ(d.removed.size(), 1u);
  EXPECT_EQ(d.removed[0].key, "u-1");
  EXPECT_EQ(of_kind<EnrolmentRecord>(d).size(), 1u);
  EXPECT_THAT(d.problems, IsEmpty());
}

TEST(OneRoster, AnExportWithoutUsersOrOfAnotherVersionCannotBeUsed) {
  EXPECT_FALSE(is_oneroster({{"people.csv", ""}}));
  auto files = school();
  files[0].text = "propertyName,value\noneroster.version,2.0\n";
  EXPECT_THAT(read_oneroster(files, hash).error(), ElementsAre(HasSubstr("no OneRoster")));
  files = school();
  files[4].text = "sourcedId,status\n";
  EXPECT_THAT(read_oneroster(files, hash).error(), ElementsAre(HasSubstr("\"enabledUser\"")));
}

// A zip archive of these files.
std::string zip(const std::vector<File>& files) {
  std::string bytes(1 << 20, '\0');
  std::size_t used = 0;
  archive* out = archive_write_new();
  archive_write_set_format_zip(out);
  archive_write_open_memory(out, bytes.data(), bytes.size(), &used);
  for (const File& file : files) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, file.name.c_str());
    archive_entry_set_size(entry, static_cast<la_int64_t>(file.text.size()));
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0600);
    archive_write_header(out, entry);
    archive_write_data(out, file.text.data(), file.text.size());
    archive_entry_free(entry);
  }
  archive_write_close(out);
  archive_write_free(out);
  bytes.resize(used);
  return bytes;
}

TEST(Archives, FilesComeOutWithoutTheirFolders) {
  const auto files = unpack(zip({{"export/users.csv", "a"}, {"export/orgs.csv", "bc"}}));
  ASSERT_TRUE(files) << files.error();
  ASSERT_EQ(files->size(), 2u);
  EXPECT_EQ((*files)[0].name, "users.csv");
  EXPECT_EQ((*files)[1].text, "bc");
}

TEST(Archives, WhatIsNoneOrTooMuchIsRefusedWithASentence) {
  EXPECT_THAT(unpack("person,role\n").error(), HasSubstr("no zip archive"));
  EXPECT_FALSE(unpack(""));
  EXPECT_THAT(unpack(zip({{"a/x.csv", "1"}, {"b/x.csv", "2"}})).error(), HasSubstr("one name"));
  std::vector<File> many;
  for (int i = 0; i < 65; ++i) many.push_back({std::to_string(i), "x"});
  EXPECT_THAT(unpack(zip(many)).error(), HasSubstr("more than 64"));
  std::string cut = zip({{"users.csv", std::string(1000, 'x') + "yz"}});
  cut.resize(60);
  EXPECT_FALSE(unpack(cut));
}

TEST(Archives, OneThatUnpacksToFarMoreThanItIsIsStopped) {
  const std::string bomb = zip({{"users.csv", std::string(longest_archive + 1, '0')}});
  ASSERT_LT(bomb.size(), std::size_t{1} << 20);
  EXPECT_THAT(unpack(bomb).error(), HasSubstr("more than 128 MiB"));
}

}  // namespace
}  // namespace rollcall::roster
