// What one person's day at the site comes to: what each tap and each statement means, which stays
// they make, and what the site closes by itself. Pure: of the facts, the timetable and the moment
// it is asked at, in whatever order the facts came. The reasons are in
// docs/decisions/0013-a-day-is-concluded-as-a-whole.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/attendance/decision.hpp"

namespace rollcall::attendance {

enum class StatedBy : std::uint8_t { person, staff };

// One tap, or one movement that staff stated.
struct Fact {
  std::int64_t id = 0;        // of the event that recorded it: its position in the log
  std::int64_t first_ms = 0;  // it happened between these two, Unix ms; equal = its time is known
  std::int64_t last_ms = 0;
  std::string terminal;      // serial; empty = at no terminal
  std::uint64_t number = 0;  // of the tap at its terminal, from 1; 0 = not a tap
  std::string room = {};     // where that terminal stood
  protocol::TerminalMode mode = protocol::TerminalMode::training;
  bool repeat = false;                    // known to be one by the terminal's own clock alone
  std::optional<Direction> stated;        // what people say that it was
  StatedBy stated_by = StatedBy::person;  // of a tap; what is no tap was stated by staff
};

// A session of the day as instants. Its half-day is `SessionToday::half_day`.
struct DayFacts {
  Role role = Role::participant;
  std::int64_t midnight_ms = 0;  // local midnight that the day begins with, Unix ms
  std::int64_t end_ms = 0;       // and the next one
  std::int64_t double_tap_window_ms = 0;
  std::vector<SessionToday> sessions;   // of the person, minutes elapsed since midnight_ms
  std::vector<SessionToday> everybody;  // of the whole site
  std::vector<Fact> facts;
};

// A movement the day holds. Its key is (fact, closes): a fact has at most one of each.
struct DayMovement {
  std::int64_t fact = 0;
  bool closes = false;  // nobody tapped out: the stay that this fact began was closed by rule
  std::int64_t at_ms = 0;
  Decision decision;  // with a direction
};

// From an arrival to an exit, of one half-day at most.
struct Stay {
  std::optional<std::int64_t> arrival, exit;  // facts; one of both may be missing
  std::int64_t start_ms = 0;                  // without an arrival: when the half-day began
  std::int64_t end_ms = 0;                    // without an exit: when it ended, or now
  std::optional<std::string> session;         // that it was for
  bool open = false;                          // still here
  bool exit_expected =
      true;  // the programme asks for exits; otherwise one that is missing says nothing

  // Both ends were seen as the programme asks: its minutes count without anybody's word.
  bool proven() const { return arrival && (exit || !exit_expected); }
};

struct ConcludedDay {
  std::vector<Decision> decisions;     // of each fact, in the order they were given
  std::vector<DayMovement> movements;  // in order of time
  std::vector<Stay> stays;             // in order of time, never overlapping
  std::optional<std::int64_t>
      closes_ms;  // when the stay that is open will be closed if nobody taps, Unix ms
};

// `now_ms`: nothing is closed before it is due, an hour after the last session of the half-day.
ConcludedDay conclude_day(const DayFacts& day, std::int64_t now_ms);

}  // namespace rollcall::attendance
