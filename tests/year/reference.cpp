#include "tests/year/reference.hpp"

#include <algorithm>
#include <map>

namespace rollcall::year {
namespace {

constexpr Ms a_day = 24 * hour;
constexpr Ms double_tap = 60 * second;

Day last_sunday(int year, int month) {
  Day day = day_from(year, month, 31);
  while (weekday(day) != 6) --day;
  return day;
}

int year_of(Day day) {
  int year = 1970 + static_cast<int>(day / 366);
  while (day_from(year + 1, 1, 1) <= day) ++year;
  return year;
}

// Rules count whole minutes.
Ms to_the_minute(Ms at) {
  return at - at % minute;
}

// ---- What is known of the person when something is seen

struct Movement {
  bool in = false;
  Ms at = 0;  // to the minute
  const Held* session = nullptr;
  std::string terminal;
};

struct Meaning {
  enum { nothing, arrives, leaves } what = nothing;
  const Held* session = nullptr;
  bool again = false;  // it only says once more what the last movement said
  bool counts = true;  // for the double-tap window

  bool same_as(const Meaning& other) const {
    return what == other.what && session == other.session && counts == other.counts;
  }
};

struct Knowing {
  const std::vector<Held>& sessions;
  const Seen& seen;
  Ms at;  // to the minute
  const std::optional<Movement>& last;

  bool is_here() const { return last && last->in; }
  const Held* came_for() const { return last ? last->session : nullptr; }

  // Open for arrivals from an hour before its start until its end; the earliest to start.
  const Held* opens() const {
    const Held* found = nullptr;
    for (const Held& s : sessions)
      if (at >= s.start - hour && at < s.end && (!found || s.start < found->start)) found = &s;
    return found;
  }
  // An exit counts for it from its start until an hour after its end; the latest to start.
  const Held* can_be_left() const {
    const Held* found = nullptr;
    for (const Held& s : sessions)
      if (at >= s.start && at <= s.end + hour && (!found || s.start > found->start)) found = &s;
    return found;
  }
  // The last quarter of an hour of a session and what comes after it.
  static bool at_the_end_of(const Held& s, Ms when) { return when >= s.end - 15 * minute; }
  bool at_the_end_of(const Held& s) const { return at_the_end_of(s, at); }
  // Between the end of one and the start of the next the nearer boundary decides.
  bool nearer_to(const Held& next, const Held& ending) const {
    return at >= next.start || next.start - at < at - ending.end;
  }
  // Another terminal within a quarter of an hour: the same way on.
  bool same_way_on() const {
    return last && !last->terminal.empty() && !seen.terminal.empty() &&
           last->terminal != seen.terminal && moved_a_moment_ago();
  }
  bool moved_a_moment_ago() const { return last && at - last->at < 15 * minute; }
};

// Somebody who is here, and comes for another of their sessions: it opened after they came, and
// its start is nearer than the end of what they are in.
const Held* comes_for_another(const Knowing& k) {
  const Held* next = k.opens();
  if (!next || k.last->at >= next->start - hour) return nullptr;
  if (next->exits && k.at_the_end_of(*next)) return nullptr;
  if (const Held* current = k.came_for())
    return next != current && k.at >= current->end && k.nearer_to(*next, *current) ? next : nullptr;
  const Held* ending = k.can_be_left();
  return !ending || ending == next || k.nearer_to(*next, *ending) ? next : nullptr;
}

const Held* ended_by_an_exit(const Knowing& k) {
  const Held* ending = k.can_be_left();
  const Held* current = k.came_for();
  if (!current || (ending && ending->start >= current->end)) return ending;
  return current;
}

Meaning of_somebody_here(const Knowing& k) {
  if (const Held* next = comes_for_another(k)) return {Meaning::arrives, next};
  const Held* current = k.came_for();
  if (k.same_way_on() && !(current && k.at_the_end_of(*current)))
    return {Meaning::arrives, current, true};
  if (current && !current->exits) return {.counts = false};  // no exits are asked for
  return {Meaning::leaves, ended_by_an_exit(k)};
}

Meaning of_somebody_out(const Knowing& k) {
  const Held* opens = k.opens();
  // A session at its end, of which nobody saw them come.
  const Held* ends = k.can_be_left();
  if (ends && (!ends->exits || !k.at_the_end_of(*ends))) ends = nullptr;
  if (ends && opens && opens != ends && k.nearer_to(*opens, *ends)) ends = nullptr;
  const bool left_it =
      ends && k.last && k.last->session == ends && Knowing::at_the_end_of(*ends, k.last->at);
  const bool in_the_room_that_opens = opens && !opens->room.empty() && opens->room == k.seen.room;
  const bool goes_on_leaving = k.same_way_on() || (left_it && k.moved_a_moment_ago());
  if (goes_on_leaving && !in_the_room_that_opens) return {Meaning::leaves, k.came_for(), true};
  if (ends && !left_it) return {Meaning::leaves, ends};
  return {Meaning::arrives, opens};
}

Meaning as_staff_say(const Knowing& k, bool in) {
  if (!in) return {Meaning::leaves, k.is_here() ? ended_by_an_exit(k) : k.can_be_left()};
  const Held* session = k.is_here() ? comes_for_another(k) : nullptr;
  return {Meaning::arrives, session ? session : k.opens()};
}

// ---- Stays

struct HalfDay {
  std::string name;
  Ms start = 0, end = 0;
};

struct Stay {
  std::optional<Ms> arrival, exit;  // when they were seen
  Ms from = 0, to = 0;
  const Held* session = nullptr;
  std::optional<HalfDay> half_day;
  bool exits = true;

  bool counts() const { return arrival && (exit || !exits); }
};

class TheDay {
 public:
  TheDay(const std::vector<Held>& sessions, std::vector<Seen> seen)
      : sessions_(sessions), seen_(std::move(seen)) {
    for (const Held& s : sessions) {
      auto known = std::ranges::find(half_days_, s.half_day, &HalfDay::name);
      if (known == half_days_.end()) known = half_days_.insert(known, {s.half_day, s.start, s.end});
      known->start = std::min(known->start, s.start);
      known->end = std::max(known->end, s.end);
    }
    std::ranges::sort(half_days_, {}, &HalfDay::start);
  }

  std::vector<Stay> stays() {
    std::ranges::stable_sort(seen_, {}, [](const Seen& s) { return std::pair(s.last, s.first); });
    for (const Seen& seen : seen_) {
      const Meaning meaning = meaning_of(seen);
      if (meaning.counts && !seen.terminal.empty()) counted_.push_back(seen);
      if (meaning.what == Meaning::nothing) continue;
      meaning.what == Meaning::arrives ? arrive(seen, meaning) : leave(seen, meaning);
      last_ = Movement{meaning.what == Meaning::arrives, to_the_minute(seen.last), meaning.session,
                       seen.terminal};
      last_at_ = seen.last;
    }
    if (open_) nobody_saw_the_exit(open_->half_day ? open_->half_day->end : open_->from);
    return stays_;
  }

 private:
  // By the times that are told, or, where one of both has none, also by the terminal's own clock.
  bool is_double(const Seen& seen) const {
    const auto soon = [](Ms before, Ms after) {
      return after >= before && after - before <= double_tap;
    };
    for (const Seen& before : counted_) {
      if (before.terminal != seen.terminal) continue;
      const bool one_start = before.start == seen.start && (!before.proven || !seen.proven);
      if (one_start && soon(before.since_start, seen.since_start)) return true;
      if (seen.first == seen.last && soon(before.last, seen.last)) return true;
    }
    return false;
  }

  Meaning meaning_at(const Seen& seen, Ms at) const {
    const Knowing k{sessions_, seen, to_the_minute(at), last_};
    if (seen.stated_in) return as_staff_say(k, *seen.stated_in);
    return k.is_here() ? of_somebody_here(k) : of_somebody_out(k);
  }

  // A time between two: only what is the same at both, with nothing in between.
  Meaning meaning_of(const Seen& seen) const {
    if (!seen.stated_in && is_double(seen)) return {.counts = false};
    const Meaning meaning = meaning_at(seen, seen.last);
    if (seen.first == seen.last) return meaning;
    if (last_at_ <= seen.first && meaning_at(seen, seen.first).same_as(meaning)) return meaning;
    return {};
  }

  std::optional<HalfDay> half_day_of(const Held& session) const {
    return *std::ranges::find(half_days_, session.half_day, &HalfDay::name);
  }
  std::optional<HalfDay> half_day_to_come(Ms at) const {
    for (const HalfDay& h : half_days_)
      if (h.end > at) return h;
    return std::nullopt;
  }
  std::optional<HalfDay> half_day_begun(Ms at) const {
    std::optional<HalfDay> found;
    for (const HalfDay& h : half_days_)
      if (h.start < at) found = h;
    return found;
  }

  void arrive(const Seen& seen, const Meaning& meaning) {
    const auto half_day =
        meaning.session ? half_day_of(*meaning.session) : half_day_to_come(seen.last);
    const bool another = open_ && open_->half_day && !meaning.again &&
                         (!half_day || half_day->name != open_->half_day->name);
    if (another) nobody_saw_the_exit(std::min(open_->half_day->end, seen.last));
    if (!open_) {
      open_.emplace();
      open_->arrival = seen.last;
      open_->from = open_->to = seen.last;
      if (meaning.session) open_->exits = meaning.session->exits;
    } else if (meaning.session) {
      open_->exits = meaning.session->exits;
    }
    if (meaning.session) open_->session = meaning.session;
    open_->half_day = half_day;
  }

  void leave(const Seen& seen, const Meaning& meaning) {
    const auto half_day =
        meaning.session ? half_day_of(*meaning.session) : half_day_begun(seen.last);
    if (open_ && open_->half_day && half_day && open_->half_day->name != half_day->name)
      nobody_saw_the_exit(std::min(open_->half_day->end, seen.last));
    if (!open_) {
      if (meaning.again || !half_day) return;
      // Nobody saw them come: from the half-day's start, or since they were last here.
      Stay stay;
      stay.exit = seen.last;
      stay.to = seen.last;
      stay.from = std::min(half_day->start, seen.last);
      if (!stays_.empty()) stay.from = std::min(std::max(stay.from, stays_.back().to), seen.last);
      stay.session = meaning.session;
      stays_.push_back(stay);
      return;
    }
    const bool too_late = open_->half_day && seen.last > open_->half_day->end + hour;
    open_->to = too_late ? open_->half_day->end : seen.last;
    if (!too_late) open_->exit = seen.last;
    if (!open_->session) open_->session = meaning.session;
    stays_.push_back(*open_);
    open_.reset();
  }

  void nobody_saw_the_exit(Ms at) {
    open_->to = open_->half_day ? at : open_->from;
    stays_.push_back(*open_);
    open_.reset();
  }

  const std::vector<Held>& sessions_;
  std::vector<Seen> seen_;
  std::vector<HalfDay> half_days_;
  std::vector<Seen> counted_;
  std::vector<Stay> stays_;
  std::optional<Stay> open_;
  std::optional<Movement> last_;
  Ms last_at_ = 0;
};

// Of a stay, the milliseconds of each session. Each moment counts once: for the session they came
// for, else for the first that runs.
std::map<std::string, Ms> shares(const std::vector<Held>& sessions, const Stay& stay) {
  std::map<std::string, Ms> share;
  for (Ms at = stay.from - stay.from % second; at < stay.to; at += second) {
    const Ms from = std::max(at, stay.from), to = std::min(at + second, stay.to);
    const auto runs = [from](const Held& s) { return s.start <= from && from < s.end; };
    const Held* session = stay.session && runs(*stay.session) ? stay.session : nullptr;
    for (const Held& s : sessions)
      if (!session && runs(s)) session = &s;
    if (session) share[session->id] += to - from;
  }
  return share;
}

}  // namespace

Day day_from(int year, int month, int day) {
  static constexpr int before_month[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
  const auto leap = [](int y) { return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0; };
  Day days = 0;
  for (int y = 1970; y < year; ++y) days += leap(y) ? 366 : 365;
  return days + before_month[month - 1] + (month > 2 && leap(year) ? 1 : 0) + day - 1;
}

int weekday(Day day) {
  return static_cast<int>((day + 3) % 7);  // 1970-01-01 was a Thursday
}

std::string iso(Day day) {
  const int year = year_of(day);
  int month = 1;
  while (month < 12 && day_from(year, month + 1, 1) <= day) ++month;
  const auto two = [](Day n) { return (n < 10 ? "-0" : "-") + std::to_string(n); };
  return std::to_string(year) + two(month) + two(day - day_from(year, month, 1) + 1);
}

Ms wall_ahead_of_utc(Ms at) {
  const int year = year_of(at / a_day);
  const bool summer =
      at >= last_sunday(year, 3) * a_day + hour && at < last_sunday(year, 10) * a_day + hour;
  return summer ? 2 * hour : hour;
}

Day day_on_the_wall(Ms at) {
  return (at + wall_ahead_of_utc(at)) / a_day;
}

Ms on_the_wall(Day day, int minutes) {
  const Ms shown = day * a_day + minutes * minute;
  for (const Ms ahead : {2 * hour, hour})
    if (wall_ahead_of_utc(shown - ahead) == ahead) return shown - ahead;
  return shown / a_day * a_day + hour;  // left out
}

std::vector<Line> lines_of(const std::vector<Held>& sessions, std::vector<Seen> seen) {
  const std::vector<Stay> stays = TheDay(sessions, std::move(seen)).stays();
  std::vector<Line> lines;
  for (const Held& session : sessions) {
    Line line{.session = session.id};
    Ms counted = 0, unproven = 0;
    std::optional<Ms> first_arrival, last_exit;
    bool an_arrival_is_missing = false, an_exit_is_missing = false;
    for (const Stay& stay : stays) {
      const Ms share = shares(sessions, stay)[session.id];
      if (share == 0) continue;
      line.present = true;
      (stay.counts() ? counted : unproven) += share;
      if (stay.arrival && !first_arrival) first_arrival = stay.arrival;
      if (stay.exit) last_exit = stay.exit;
      an_arrival_is_missing |= !stay.arrival;
      an_exit_is_missing |= !stay.exit && stay.exits;
    }
    line.minutes = static_cast<int>(counted / minute);
    line.unproven = static_cast<int>(unproven / minute);
    line.late = first_arrival && !an_arrival_is_missing &&
                *first_arrival > session.start + session.late_after * minute;
    line.left_early = last_exit && !an_exit_is_missing &&
                      *last_exit < session.end - session.early_before * minute;
    lines.push_back(line);
  }
  return lines;
}

// A class over midnight belongs to the day it began on, with all its taps: up to an hour after its
// end, unless one of the new day opens.
Day day_of(Ms at, const std::vector<Held>& day_before, const std::vector<Held>& that_day) {
  const Day day = day_on_the_wall(at);
  const Ms midnight = on_the_wall(day, 0);
  const bool class_goes_on = std::ranges::any_of(day_before, [&](const Held& s) {
    return s.end > midnight && to_the_minute(at) <= s.end + hour;
  });
  const bool another_opens = std::ranges::any_of(
      that_day, [&](const Held& s) { return to_the_minute(at) >= s.start - hour; });
  return class_goes_on && !another_opens ? day - 1 : day;
}

}  // namespace rollcall::year
