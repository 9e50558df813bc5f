// What a person's day comes to in each session: the lines of the sheets. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/attendance/day.hpp"

namespace rollcall::attendance {

enum class Presence : std::uint8_t { present, excused, absent };

// What a programme calls late and early.
struct Tolerance {
  std::chrono::minutes late{10};   // an arrival up to so long after the start is in time
  std::chrono::minutes early{10};  // an exit from so long before the end on is none before it
};

struct HalfDay {
  std::string session;
  std::string part;  // am, pm or eve
  Presence presence = Presence::absent;
  bool late = false;
  bool left_early = false;
  bool here = false;  // has not left, as far as anybody knows
  int minutes = 0;    // within the session, both ends of the stay seen
  int unproven_minutes =
      0;  // within the session, of stays with an end that nobody saw: they count when staff say so
  std::optional<std::int64_t> arrived_ms;  // first arrival and last exit that were seen, Unix ms
  std::optional<std::int64_t> left_ms;
  bool missing_exit = false;
  bool missing_arrival = false;
  std::vector<std::int64_t> rests_on;  // facts, in order of time
};

// One for each session of the person, in their order. `excused`: sessions for which a reason is on
// file.
std::vector<HalfDay> half_days(const DayFacts& day, const ConcludedDay& concluded,
                               const Tolerance& tolerance, const std::vector<std::string>& excused);

}  // namespace rollcall::attendance
