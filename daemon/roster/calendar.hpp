// An iCalendar timetable (RFC 5545) as records: each event becomes a session without weekdays and
// one single day for each time it takes place (RRULE, RDATE; RECURRENCE-ID moves one, EXDATE and
// STATUS:CANCELLED cancel). Only days in a window around today are made.
//
//   UID          the session; one that is no id here is hashed
//   SUMMARY      title, LOCATION room, DTSTART and DTEND or DURATION the hours
//   CATEGORIES   the course, when its first is an id here; else the course given, else the session
//   X-ROLLCALL-COURSE, X-ROLLCALL-TRAINER, X-ROLLCALL-KIND   the same stated outright
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/roster/records.hpp"

namespace rollcall::roster {

inline constexpr std::size_t longest_calendar = 16 * 1024 * 1024;  // bytes
inline constexpr std::size_t most_events = 20'000;                 // VEVENTs of one calendar
inline constexpr std::size_t most_repeats = 20'000;                // of one event, since its first
inline constexpr std::size_t most_days = 200'000;                  // of one calendar
inline constexpr int days_back = 31, days_ahead = 400;             // the window around today

// Where an instant falls at the site.
struct LocalMinute {
  std::string day;  // ISO date
  int minute = 0;   // after local midnight
};
using ToLocal = std::function<LocalMinute(std::int64_t unix_ms)>;

struct CalendarWish {
  std::string source;  // calendar:NAME
  std::string course;  // of events that name none; empty = each is a course of its own
  std::string today;   // ISO date
};

bool is_calendar(std::string_view text);

// Whole, within the window. The error is one sentence: this is no calendar, or too large a one.
std::expected<Reading, std::string> read_calendar(std::string_view text, const CalendarWish& wish,
                                                  const ToLocal& to_local);

}  // namespace rollcall::roster
