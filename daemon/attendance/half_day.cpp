#include "daemon/attendance/half_day.hpp"

#include <algorithm>
#include <map>

namespace rollcall::attendance {
namespace {

constexpr std::int64_t minute_ms = 60'000;

struct Interval {
  std::int64_t start_ms, end_ms;
};

// What is left of `whole` without `taken`.
std::vector<Interval> without(const Interval& whole, const std::vector<Interval>& taken) {
  std::vector<Interval> left{whole};
  for (const Interval& gone : taken) {
    std::vector<Interval> next;
    for (const Interval& part : left) {
      if (gone.end_ms <= part.start_ms || gone.start_ms >= part.end_ms) {
        next.push_back(part);
        continue;
      }
      if (part.start_ms < gone.start_ms) next.push_back({part.start_ms, gone.start_ms});
      if (gone.end_ms < part.end_ms) next.push_back({gone.end_ms, part.end_ms});
    }
    left = std::move(next);
  }
  return left;
}

Interval window_of(const DayFacts& day, const SessionToday& session) {
  return {day.midnight_ms + session.start_minute * minute_ms,
          day.midnight_ms + session.end_minute * minute_ms};
}

// How long a stay was in each session, Unix ms: the one it was for first, so that two at the same
// time never count the same minute twice.
std::vector<std::int64_t> shares(const DayFacts& day, const Stay& stay) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < day.sessions.size(); ++i) order.push_back(i);
  std::ranges::stable_partition(order,
                                [&](std::size_t i) { return day.sessions[i].id == stay.session; });
  std::vector<std::int64_t> share(day.sessions.size());
  std::vector<Interval> taken;
  for (const std::size_t i : order) {
    const Interval window = window_of(day, day.sessions[i]);
    const Interval seen{std::max(window.start_ms, stay.start_ms),
                        std::min(window.end_ms, stay.end_ms)};
    if (seen.start_ms >= seen.end_ms) continue;
    for (const Interval& part : without(seen, taken)) share[i] += part.end_ms - part.start_ms;
    taken.push_back(seen);
  }
  return share;
}

}  // namespace

std::vector<HalfDay> half_days(const DayFacts& day, const ConcludedDay& concluded,
                               const Tolerance& tolerance,
                               const std::vector<std::string>& excused) {
  std::vector<HalfDay> result(day.sessions.size());
  std::vector<std::int64_t> proven(day.sessions.size()), unproven(day.sessions.size());
  std::map<std::int64_t, std::int64_t> when;
  for (const Fact& fact : day.facts) when[fact.id] = fact.last_ms;

  for (const Stay& stay : concluded.stays) {
    const std::vector<std::int64_t> share = shares(day, stay);
    for (std::size_t i = 0; i < day.sessions.size(); ++i) {
      HalfDay& line = result[i];
      const bool only_for_it = day.sessions[i].id == stay.session && stay.open;
      if (share[i] == 0 && !only_for_it) continue;
      line.presence = Presence::present;
      // Somebody who is here has an exit to come.
      (stay.proven() || (stay.open && stay.arrival) ? proven : unproven)[i] += share[i];
      if (stay.arrival) {
        if (!line.arrived_ms) line.arrived_ms = when.at(*stay.arrival);
        line.rests_on.push_back(*stay.arrival);
      } else {
        line.missing_arrival = true;
      }
      if (stay.exit) {
        line.left_ms = when.at(*stay.exit);
        line.rests_on.push_back(*stay.exit);
      } else if (!stay.open && stay.exit_expected) {
        line.missing_exit = true;
      }
      line.here = stay.open;
    }
  }

  for (std::size_t i = 0; i < day.sessions.size(); ++i) {
    const SessionToday& session = day.sessions[i];
    const Interval window = window_of(day, session);
    HalfDay& line = result[i];
    line.session = session.id;
    line.part = session.half_day;
    line.minutes = static_cast<int>(proven[i] / minute_ms);
    line.unproven_minutes = static_cast<int>(unproven[i] / minute_ms);
    if (line.presence == Presence::absent) {
      if (std::ranges::find(excused, session.id) != excused.end())
        line.presence = Presence::excused;
      continue;
    }
    line.late = line.arrived_ms && !line.missing_arrival &&
                *line.arrived_ms > window.start_ms + tolerance.late.count() * minute_ms;
    line.left_early = line.left_ms && !line.here && !line.missing_exit &&
                      *line.left_ms < window.end_ms - tolerance.early.count() * minute_ms;
  }
  return result;
}

}  // namespace rollcall::attendance
