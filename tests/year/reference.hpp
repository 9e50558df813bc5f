// What a person's day comes to, found the slow way and by the written rules alone
// (docs/half-days.md, docs/decisions/0003, 0010 and 0013). It shares no code with the daemon: own
// time, own types, and minutes are counted second by second. Days are judged when they are long
// over.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rollcall::year {

using Ms = std::int64_t;   // Unix time
using Day = std::int64_t;  // days since 1970-01-01

inline constexpr Ms second = 1000, minute = 60 * second, hour = 60 * minute;

// Clocks on the wall in Brussels: UTC+2 from the last Sunday of March to that of October, 1:00 UTC,
// else UTC+1.
Ms wall_ahead_of_utc(Ms at);
Day day_on_the_wall(Ms at);
// When the wall shows so many minutes after the midnight that the day begins with. Of a time that
// is shown twice the first; one that is left out is the moment of the change.
Ms on_the_wall(Day day, int minutes);
std::string iso(Day day);
int weekday(Day day);  // 0 = Monday
Day day_from(int year, int month, int day);

// A session on one day, that took place.
struct Held {
  std::string id;
  std::string half_day;  // am, pm, eve
  Ms start = 0, end = 0;
  std::string room;
  bool exits = true;                       // the programme asks for exits
  int late_after = 10, early_before = 10;  // minutes
};

// A tap, or what staff stated, with the time that it is judged at: between `first` and `last`.
struct Seen {
  Ms first = 0, last = 0;
  std::string terminal;  // empty = staff stated it
  std::string room;      // of the terminal
  std::optional<bool> stated_in;
  // Of a tap, the terminal's own clock: its start, and how long that was ago.
  int start = 0;
  Ms since_start = 0;
  bool proven = true;
};

struct Line {
  std::string session;
  bool present = false, late = false, left_early = false;
  int minutes = 0, unproven = 0;

  bool operator==(const Line&) const = default;
};

// One for each session, in their order: by start, room and id.
std::vector<Line> lines_of(const std::vector<Held>& sessions, std::vector<Seen> seen);

// The day that an instant belongs to, for somebody with these sessions the day before and on the
// day that the wall shows.
Day day_of(Ms at, const std::vector<Held>& day_before, const std::vector<Held>& that_day);

}  // namespace rollcall::year
