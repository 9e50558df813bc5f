#include "daemon/roster/difference.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rollcall::roster {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

PersonRecord person(const std::string& id, const std::string& name = "Name") {
  PersonRecord record;
  record.id = id;
  record.role = "participant";
  record.display_name = name;
  return record;
}
EnrolmentRecord enrolment(const std::string& id) {
  return {"C", id, {}, {}};
}

struct Differences : ::testing::Test {
  Known known;
  Reading reading{"files"};
  unsigned line = 1;

  // `count` people that this source stated before.
  void know(int count) {
    for (int i = 0; i < count; ++i) know(person("p-" + std::to_string(i)));
  }
  void know(Content content) {
    const std::size_t kind = content.index();
    const std::string key = key_of(content);
    known.stated[kind].insert(key);
    known.records[kind].emplace(key, std::move(content));
  }
  void say(Content content, bool removed = false) {
    reading.records.push_back({std::move(content), removed, {"f.csv", ++line}});
  }
  Counts counts(const Difference& d, Kind kind = Kind::person) const {
    return d.counts[index_of(kind)];
  }
  static std::vector<std::string> keys(const std::vector<Key>& all) {
    std::vector<std::string> out;
    for (const Key& key : all) out.push_back(key.key);
    return out;
  }
};

TEST_F(Differences, WhatIsNewIsAddedWhatDiffersIsChangedTheRestIsLeftAlone) {
  know(person("p-1"));
  know(person("p-2", "Old"));
  say(person("p-1"));
  say(person("p-2", "New"));
  say(person("p-3"));
  const auto d = difference(known, reading);
  EXPECT_EQ(counts(d), (Counts{.added = 1, .changed = 1, .unchanged = 1}));
  ASSERT_THAT(d.changes, SizeIs(2));
  EXPECT_FALSE(d.changes[0].added);
  EXPECT_TRUE(d.changes[1].added);
}

TEST_F(Differences, ATenthMayGoAtOnce) {
  know(20);
  for (int i = 2; i < 20; ++i) say(person("p-" + std::to_string(i)));
  const auto d = difference(known, reading);
  EXPECT_THAT(keys(d.removed), ElementsAre("p-0", "p-1"));
  EXPECT_THAT(d.held, IsEmpty());
}

TEST_F(Differences, MoreThanATenthIsHeldAndDelaysNoAddition) {
  know(20);
  for (int i = 3; i < 20; ++i) say(person("p-" + std::to_string(i)));
  say(person("new"));
  const auto d = difference(known, reading);
  EXPECT_THAT(d.removed, IsEmpty());
  EXPECT_THAT(keys(d.held), ElementsAre("p-0", "p-1", "p-2"));
  EXPECT_EQ(counts(d), (Counts{.added = 1, .unchanged = 17, .held = 3}));
}

TEST_F(Differences, TheTenthIsCountedForEachKindAlone) {
  know(20);
  for (int i = 0; i < 20; ++i) know(enrolment("p-" + std::to_string(i)));
  for (int i = 1; i < 20; ++i) say(person("p-" + std::to_string(i)));
  for (int i = 5; i < 20; ++i) say(enrolment("p-" + std::to_string(i)));
  const auto d = difference(known, reading);
  EXPECT_THAT(keys(d.removed), ElementsAre("p-0"));
  EXPECT_EQ(counts(d, Kind::enrolment).held, 5);
}

TEST_F(Differences, ABadRowIsSkippedAndWhatItNamesIsNotRemoved) {
  know(20);
  for (int i = 1; i < 20; ++i) say(person("p-" + std::to_string(i)));
  PersonRecord wrong = person("p-0");
  wrong.role = "wizard";
  say(wrong);
  const auto d = difference(known, reading);
  EXPECT_THAT(d.removed, IsEmpty());
  EXPECT_THAT(d.held, IsEmpty());
  ASSERT_THAT(d.problems, SizeIs(1));
  EXPECT_THAT(d.problems[0].text(), HasSubstr("f.csv:21: the role is none of participant"));
  EXPECT_EQ(counts(d), (Counts{.unchanged = 19, .bad = 1}));
}

TEST_F(Differences, OfAFileWithARowThatCannotBeReadNothingIsRemovedAtOnce) {
  know(20);
  for (int i = 1; i < 20; ++i) say(person("p-" + std::to_string(i)));
  reading.problems.push_back({{"f.csv", 1}, "the row is no UTF-8", Kind::person});
  const auto d = difference(known, reading);
  EXPECT_THAT(d.removed, IsEmpty());
  EXPECT_THAT(keys(d.held), ElementsAre("p-0"));
}

TEST_F(Differences, ARowAboutSomebodyWhomNobodyKnowsIsReported) {
  know(person("p-1"));
  say(person("p-1"));
  say(person("p-2"));
  say(enrolment("p-2"));
  say(enrolment("p-9"));
  say(CardRecord{std::string(64, 'a'), "p-9"});
  say(GuardianshipRecord{"p-1", "p-9", true, {}, {}});
  say(SessionDayRecord{"S", "2026-03-02", true, {}, {}, {}, {}, {}});
  const auto d = difference(known, reading);
  EXPECT_EQ(counts(d, Kind::enrolment), (Counts{.added = 1, .bad = 1}));
  ASSERT_THAT(d.problems, SizeIs(4));
  EXPECT_EQ(d.problems[0].what, "no session has the id S");
  EXPECT_EQ(d.problems[1].what, "nobody has the id p-9");
}

TEST_F(Differences, OfTwoRowsThatDisagreeTheFirstCounts) {
  say(person("p-1", "First"));
  say(person("p-1", "Second"));
  say(person("p-1", "First"));
  const auto d = difference(known, reading);
  ASSERT_THAT(d.changes, SizeIs(1));
  EXPECT_EQ(std::get<PersonRecord>(d.changes[0].content).display_name, "First");
  ASSERT_THAT(d.problems, SizeIs(1));
  EXPECT_EQ(d.problems[0].what, "line 2 says otherwise already");
}

TEST_F(Differences, OfAListOfChangesTheLastCountsAndSilenceRemovesNothing) {
  know(5);
  reading.whole = false;
  reading.ordered = true;
  say(person("p-1", "First"));
  say(person("p-1", "Second"));
  const auto d = difference(known, reading);
  ASSERT_THAT(d.changes, SizeIs(1));
  EXPECT_EQ(std::get<PersonRecord>(d.changes[0].content).display_name, "Second");
  EXPECT_EQ(counts(d), (Counts{.changed = 1}));
}

TEST_F(Differences, RemovalsOfAListOfChangesAreHeldAboveATenthToo) {
  know(20);
  reading.whole = false;
  say(person("p-1"), true);
  say(person("p-2"), true);
  say(person("nobody"), true);
  EXPECT_THAT(keys(difference(known, reading).removed), ElementsAre("p-1", "p-2"));
  say(person("p-3"), true);
  const auto d = difference(known, reading);
  EXPECT_THAT(d.removed, IsEmpty());
  EXPECT_EQ(counts(d).held, 3);
}

TEST_F(Differences, WhatAnotherSourceStatesStaysAndIsNoRemoval) {
  know(5);
  for (int i = 0; i < 5; ++i) known.stated_elsewhere[0].insert("p-" + std::to_string(i));
  const auto d = difference(known, reading);
  EXPECT_THAT(d.removed, IsEmpty());
  EXPECT_THAT(d.held, IsEmpty());
  EXPECT_THAT(d.withdrawn, SizeIs(5));
}

TEST_F(Differences, DaysBeforeThoseTheSourceSpeaksOfAreNotMissed) {
  SessionRecord session;
  session.id = session.course = "S";
  session.title = "Title";
  session.first_day = session.last_day = "2026-03-02";
  session.start_minute = 540;
  session.end_minute = 600;
  session.half_day = "am";
  know(session);
  for (const char* day : {"2026-02-01", "2026-03-09"})
    know(SessionDayRecord{"S", day, false, {}, {}, {}, {}, {}});
  say(session);
  reading.days_from = "2026-03-01";
  EXPECT_THAT(keys(difference(known, reading).held), ElementsAre("S 2026-03-09"));
}

TEST_F(Differences, AMergeMovesWhatIsSaidOfTheIdThatEndsToTheOneThatStays) {
  know(person("p-1"));
  say(person("p-1"));
  say(person("p-2"));
  say(MergeRecord{"p-1", "p-2"});
  say(enrolment("p-1"));
  const auto d = difference(known, reading);
  ASSERT_THAT(d.changes, SizeIs(3));
  EXPECT_EQ(std::get<PersonRecord>(d.changes[0].content).id, "p-2");
  EXPECT_EQ(std::get<MergeRecord>(d.changes[1].content).into, "p-2");
  EXPECT_EQ(std::get<EnrolmentRecord>(d.changes[2].content).person, "p-2");
  EXPECT_THAT(d.removed, IsEmpty());
  EXPECT_THAT(d.held, IsEmpty());
  EXPECT_THAT(d.problems, IsEmpty());
}

TEST_F(Differences, DaysOfASessionThatCannotBeReadStay) {
  know(SessionDayRecord{"S", "2026-03-09", false, {}, {}, {}, {}, {}});
  know(SessionDayRecord{"T", "2026-03-09", false, {}, {}, {}, {}, {}});
  reading.problems.push_back({{"f.csv", 1}, "its hours are impossible", Kind::session, "S"});
  EXPECT_THAT(keys(difference(known, reading).held), ElementsAre("T 2026-03-09"));
}

TEST_F(Differences, AMergeInACircleOrIntoNobodyIsReported) {
  for (const char* id : {"p-1", "p-2", "p-3"}) know(person(id));
  known.merged = {{"p-1", "p-2"}};
  for (const char* id : {"p-1", "p-2", "p-3"}) say(person(id));
  say(MergeRecord{"p-2", "p-1"});
  say(MergeRecord{"p-1", "p-3"});
  say(MergeRecord{"p-3", "nobody"});
  say(MergeRecord{"p-3", "p-3"});
  const auto d = difference(known, reading);
  EXPECT_THAT(d.changes, IsEmpty());
  EXPECT_EQ(counts(d, Kind::merge), (Counts{.bad = 4}));
}

TEST_F(Differences, ACardOfTheDeskIsNotTouched) {
  const CardRecord card{std::string(64, 'a'), "p-1"};
  know(person("p-1"));
  know(person("p-2"));
  know(card);
  known.desk_cards.insert(card.token);
  say(person("p-1"));
  say(person("p-2"));
  say(CardRecord{card.token, "p-2"});
  EXPECT_THAT(difference(known, reading).changes, IsEmpty());
}

}  // namespace
}  // namespace rollcall::roster
