#include "daemon/roster/calendar.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/attendance/local_time.hpp"
#include "daemon/roster/difference.hpp"

namespace rollcall::roster {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Calendars : ::testing::Test {
  const attendance::TimeZone zone{"Europe/Brussels"};
  const ToLocal to_local = [this](std::int64_t unix_ms) {
    const auto local = zone.at(unix_ms);
    return LocalMinute{local.day, local.minute};
  };
  CalendarWish wish{"calendar:timetable", "C", "2026-03-02"};

  static std::string event(const std::string& lines) {
    return "BEGIN:VEVENT\r\nDTSTAMP:20260101T000000Z\r\n" + lines + "END:VEVENT\r\n";
  }
  static std::string calendar(const std::string& events) {
    return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\n" + events +
           "END:VCALENDAR\r\n";
  }
  Reading read(const std::string& events) {
    auto reading = read_calendar(calendar(events), wish, to_local);
    EXPECT_TRUE(reading) << reading.error();
    return reading.value_or(Reading{});
  }
  // "DAY START-END", with what is special about it.
  static std::vector<std::string> days(const Reading& reading) {
    std::vector<std::string> all;
    SessionRecord session;
    for (const Record& record : reading.records) {
      if (const auto* s = std::get_if<SessionRecord>(&record.content)) session = *s;
      const auto* d = std::get_if<SessionDayRecord>(&record.content);
      if (d == nullptr) continue;
      all.push_back(d->day + ' ' + std::to_string(d->start_minute.value_or(session.start_minute)) +
                    '-' + std::to_string(d->end_minute.value_or(session.end_minute)) +
                    (d->cancelled ? " cancelled" : "") + (d->room ? " in " + *d->room : ""));
    }
    return all;
  }
  static std::vector<std::string> problems(const Reading& reading) {
    std::vector<std::string> all;
    for (const Problem& problem : reading.problems) all.push_back(problem.text());
    return all;
  }
};

const std::string weekly =
    "UID:fr-1\r\nSUMMARY:French\r\nLOCATION:Room "
    "1\r\nDTSTART;TZID=Europe/Brussels:20260302T090000\r\n"
    "DTEND;TZID=Europe/Brussels:20260302T123000\r\n";

TEST_F(Calendars, AnEventIsASessionOnASingleDay) {
  const Reading reading = read(event(weekly));
  EXPECT_THAT(days(reading), ElementsAre("2026-03-02 540-750"));
  const auto& session = std::get<SessionRecord>(reading.records[0].content);
  EXPECT_EQ(session.id, "fr-1");
  EXPECT_EQ(session.course, "C");
  EXPECT_EQ(session.title, "French");
  EXPECT_EQ(session.room, "Room 1");
  EXPECT_EQ(session.weekdays, "");
  EXPECT_EQ(session.half_day, "am");
  EXPECT_EQ(reading.records[0].place.line, 4u);
  EXPECT_THAT(difference({}, reading).problems, IsEmpty());
}

TEST_F(Calendars, ARuleIsFollowedOverTheChangeOfTheClocks) {
  const Reading reading = read(event(weekly + "RRULE:FREQ=WEEKLY;COUNT=5\r\n"));
  EXPECT_THAT(days(reading),
              ElementsAre("2026-03-02 540-750", "2026-03-09 540-750", "2026-03-16 540-750",
                          "2026-03-23 540-750", "2026-03-30 540-750"));
}

TEST_F(Calendars, TimesInUtcFallOnTheSitesClocks) {
  const Reading reading = read(event(
      "UID:u\r\nSUMMARY:T\r\nDTSTART:20260323T080000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=WEEKLY;COUNT=2"
      "\r\n"));
  EXPECT_THAT(days(reading), ElementsAre("2026-03-23 540-600", "2026-03-30 600-660"));
}

TEST_F(Calendars, ATimeWithoutAZoneIsTheSitesAndANightEndsOnTheNextDay) {
  const Reading reading =
      read(event("UID:u\r\nSUMMARY:T\r\nDTSTART:20260303T220000\r\nDTEND:20260304T020000\r\n"));
  EXPECT_THAT(days(reading), ElementsAre("2026-03-03 1320-1560"));
}

TEST_F(Calendars, ExceptionsCancelMoveAndAddDays) {
  const Reading reading = read(
      event(weekly + "RRULE:FREQ=WEEKLY;COUNT=4\r\nEXDATE;TZID=Europe/Brussels:20260309T090000\r\n"
                     "RDATE;TZID=Europe/Brussels:20260320T090000\r\n") +
      event("UID:fr-1\r\nSUMMARY:French\r\nLOCATION:Garden\r\n"
            "RECURRENCE-ID;TZID=Europe/Brussels:20260316T090000\r\n"
            "DTSTART;TZID=Europe/Brussels:20260317T140000\r\n"
            "DTEND;TZID=Europe/Brussels:20260317T160000\r\n") +
      event("UID:fr-1\r\nSUMMARY:French\r\nSTATUS:CANCELLED\r\n"
            "RECURRENCE-ID;TZID=Europe/Brussels:20260323T090000\r\n"
            "DTSTART;TZID=Europe/Brussels:20260323T090000\r\n"));
  EXPECT_THAT(days(reading),
              ElementsAre("2026-03-02 540-750", "2026-03-09 540-750 cancelled",
                          "2026-03-16 540-750 cancelled", "2026-03-17 840-960 in Garden",
                          "2026-03-20 540-750", "2026-03-23 540-750 cancelled"));
  EXPECT_THAT(problems(reading), IsEmpty());
}

TEST_F(Calendars, AnEventThatIsMovedWithinItsDayIsOneDay) {
  const Reading reading =
      read(event(weekly) + event("UID:fr-1\r\nSUMMARY:French\r\n"
                                 "RECURRENCE-ID;TZID=Europe/Brussels:20260302T090000\r\n"
                                 "DTSTART;TZID=Europe/Brussels:20260302T100000\r\n"
                                 "DTEND;TZID=Europe/Brussels:20260302T123000\r\n"));
  EXPECT_THAT(days(reading), ElementsAre("2026-03-02 600-750"));
}

TEST_F(Calendars, ACancelledEventIsCancelledOnAllItsDays) {
  const Reading reading = read(event(weekly + "STATUS:CANCELLED\r\nRRULE:FREQ=DAILY;COUNT=2\r\n"));
  EXPECT_THAT(days(reading),
              ElementsAre("2026-03-02 540-750 cancelled", "2026-03-03 540-750 cancelled"));
}

TEST_F(Calendars, OnlyDaysAroundTodayAreMade) {
  const Reading reading =
      read(event("UID:u\r\nSUMMARY:T\r\nDTSTART:20200101T090000\r\nDTEND:20200101T100000\r\nRRULE:"
                 "FREQ=DAILY\r\n"));
  const auto all = days(reading);
  ASSERT_EQ(all.size(), static_cast<std::size_t>(days_back + days_ahead + 1));
  EXPECT_THAT(all.front(), HasSubstr("2026-01-30"));
  EXPECT_EQ(reading.days_from, "2026-01-30");
}

TEST_F(Calendars, TheCourseIsStatedOrTheCategoryOrTheOneGiven) {
  const auto course = [&](const std::string& line) {
    return std::get<SessionRecord>(read(event(weekly + line)).records[0].content).course;
  };
  EXPECT_EQ(course("CATEGORIES:DIG-1\r\n"), "DIG-1");
  EXPECT_EQ(course("CATEGORIES:no id\r\n"), "C");
  EXPECT_EQ(course("X-ROLLCALL-COURSE:X1\r\nCATEGORIES:DIG-1\r\n"), "X1");
  wish.course = "";
  EXPECT_EQ(course(""), "fr-1");
}

TEST_F(Calendars, WhatCannotBeASessionIsReportedByItsLineAndTheOthersStand) {
  const Reading reading = read(
      event("SUMMARY:No uid\r\nDTSTART:20260302T090000\r\nDTEND:20260302T100000\r\n") +
      event("UID:a\r\nSUMMARY:Whole day\r\nDTSTART;VALUE=DATE:20260302\r\n") +
      event("UID:b\r\nSUMMARY:Zone\r\nDTSTART;TZID=Mars/"
            "Crater:20260302T090000\r\nDURATION:PT1H\r\n") +
      event("UID:c\r\nSUMMARY:Backwards\r\nDTSTART:20260302T090000\r\nDTEND:20260302T080000\r\n") +
      event("UID:d\r\nSUMMARY:Every second\r\nDTSTART:20250302T090000\r\nDURATION:PT1H\r\n"
            "RRULE:FREQ=SECONDLY\r\n") +
      event("UID:e\r\nSUMMARY:Impossible\r\nDTSTART:20260230T990000\r\nDURATION:PT1H\r\n") +
      event("UID:f\r\nSUMMARY:Lonely\r\nRECURRENCE-ID:20260302T090000\r\nDTSTART:"
            "20260302T090000\r\n") +
      event(weekly) + event(weekly));
  EXPECT_THAT(days(reading), ElementsAre("2026-03-02 540-750"));
  const auto all = problems(reading);
  EXPECT_EQ(all.size(), 8u);
  EXPECT_THAT(all, Contains(HasSubstr("calendar:timetable:4: the event has no UID")));
  for (const char* what : {"whole days", "time zone", "no end after its start", "more often",
                           "impossible", "is not there", "same UID"}) {
    EXPECT_THAT(all, Contains(HasSubstr(what)));
  }
}

TEST_F(Calendars, AUidThatIsNoIdHereIsHashedAlways) {
  const auto id = [&](const std::string& uid) {
    return std::get<SessionRecord>(
               read(event("UID:" + uid +
                          "\r\nSUMMARY:T\r\nDTSTART:20260302T090000\r\nDURATION:PT1H"
                          "\r\n"))
                   .records[0]
                   .content)
        .id;
  };
  EXPECT_EQ(id("040000008200E00074C5@example.org").size(), 28u);
  EXPECT_EQ(id("a b"), id("a b"));
  EXPECT_NE(id("a b"), id("a c"));
}

TEST_F(Calendars, TitlesThatAreNoTextAreReportedWhenTheyAreCompared) {
  const Reading reading =
      read(event("UID:u\r\nSUMMARY:\xff\xfe\r\nDTSTART:20260302T090000\r\nDURATION:PT1H\r\n"));
  const Difference d = difference({}, reading);
  EXPECT_THAT(d.changes, IsEmpty());
  EXPECT_FALSE(d.problems.empty());
}

TEST_F(Calendars, WhatIsNoCalendarIsRefused) {
  EXPECT_TRUE(
      is_calendar("\xef\xbb\xbf"
                  "BEGIN:VCALENDAR\n"));
  EXPECT_FALSE(is_calendar("person,role\n"));
  EXPECT_THAT(read_calendar(calendar(event("SUMMARY:" + std::string(10'000'000, 'x') + "\r\n")),
                            wish, to_local)
                  .error(),
              HasSubstr("longer than 64 KiB"));
  EXPECT_THAT(read_calendar(std::string("BEGIN:VCALENDAR\n\0", 17), wish, to_local).error(),
              HasSubstr("zero bytes"));
  EXPECT_FALSE(read_calendar(std::string(longest_calendar + 1, '\n'), wish, to_local));
}

}  // namespace
}  // namespace rollcall::roster
