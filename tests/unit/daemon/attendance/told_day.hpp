// Days as people tell them: a timetable, taps at times of day, and in words what came of them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "daemon/attendance/day.hpp"
#include "daemon/attendance/half_day.hpp"

namespace rollcall::attendance {

class ToldDay {
 public:
  static constexpr std::int64_t midnight = 1'772'406'000'000;  // 2 March 2026 in Brussels
  static constexpr std::int64_t minute = 60'000;

  // "09:05" or, after midnight, "25:05", as minutes; "09:05:30" keeps its seconds.
  static std::int64_t at(const std::string& clock) {
    const std::int64_t seconds = clock.size() > 5 ? std::stoi(clock.substr(6)) : 0;
    return midnight + (std::stoi(clock) * 60 + std::stoi(clock.substr(3))) * minute +
           seconds * 1000;
  }

  ToldDay() {
    facts.midnight_ms = midnight;
    facts.end_ms = midnight + 24 * 60 * minute;
    facts.double_tap_window_ms = minute;
  }
  ToldDay& session(const std::string& id, const std::string& part, const std::string& from,
                   const std::string& to, const std::string& room = "Room Senne") {
    SessionToday s{.id = id,
                   .half_day = part,
                   .start_minute = minutes(from),
                   .end_minute = minutes(to),
                   .programme = "bilan",
                   .grant = {},
                   .contract = {},
                   .room = room};
    facts.sessions.push_back(s);
    facts.everybody.push_back(s);
    return *this;
  }
  // A morning from 9:00 to 12:30 and an afternoon from 13:30 to 16:30.
  ToldDay& whole_day() {
    return session("AM", "am", "09:00", "12:30").session("PM", "pm", "13:30", "16:30");
  }
  ToldDay& arrivals_only() {
    for (SessionToday& s : facts.sessions) s.exit_expected = false;
    return *this;
  }
  ToldDay& tap(const std::string& clock, const std::string& terminal = "DOOR",
               const std::string& room = "Door") {
    Fact& fact = add(clock);
    fact.terminal = terminal;
    fact.room = room;
    fact.number = static_cast<std::uint64_t>(fact.id);
    return *this;
  }
  ToldDay& between(const std::string& first, const std::string& last) {
    tap(last);
    facts.facts.back().first_ms = at(first);
    return *this;
  }
  ToldDay& turned(Direction direction) {  // the last tap, by the person
    facts.facts.back().stated = direction;
    return *this;
  }
  ToldDay& stated(Direction direction, const std::string& clock) {
    add(clock).stated = direction;
    return *this;
  }

  ConcludedDay concluded(const std::string& now) const { return conclude_day(facts, at(now)); }

  // "in 08:55 AM, out 12:31 AM"; what was closed by rule in brackets, what makes no movement by its
  // outcome.
  std::string movements(const std::string& now = "47:00") const {
    const ConcludedDay day = concluded(now);
    std::string told;
    for (const DayMovement& m : day.movements) {
      const bool in = m.decision.direction == Direction::in;
      const std::string what = std::string(in ? "in " : "out ") + clock(m.at_ms) +
                               (m.decision.session ? " " + m.decision.session->id : "");
      told += (told.empty() ? "" : ", ") + (m.closes ? "(" + what + ")" : what);
    }
    return told;
  }

  // "AM 210, PM late 170+10?": minutes that count, then those that staff must confirm.
  std::string lines(const std::string& now = "47:00",
                    const std::vector<std::string>& excused = {}) const {
    std::string told;
    for (const HalfDay& line : half_days(facts, concluded(now), {}, excused)) {
      told += (told.empty() ? "" : ", ") + line.session;
      if (line.presence == Presence::absent) {
        told += " absent";
        continue;
      }
      if (line.presence == Presence::excused) {
        told += " excused";
        continue;
      }
      if (line.here) told += " here";
      if (line.late) told += " late";
      if (line.left_early) told += " early";
      told += " " + std::to_string(line.minutes);
      if (line.unproven_minutes > 0) told += "+" + std::to_string(line.unproven_minutes) + "?";
      if (line.missing_arrival) told += " no arrival";
      if (line.missing_exit) told += " no exit";
    }
    return told;
  }

  static int minutes(const std::string& clock) {
    return static_cast<int>((at(clock) - midnight) / minute);
  }

  DayFacts facts;

 private:
  Fact& add(const std::string& clock) {
    Fact fact;
    fact.id = static_cast<std::int64_t>(facts.facts.size()) + 1;
    fact.first_ms = fact.last_ms = at(clock);
    facts.facts.push_back(fact);
    return facts.facts.back();
  }
  static std::string clock(std::int64_t at_ms) {
    const std::int64_t m = (at_ms - midnight) / minute;
    const auto two = [](std::int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
    return two(m / 60) + ":" + two(m % 60);
  }
};

}  // namespace rollcall::attendance
