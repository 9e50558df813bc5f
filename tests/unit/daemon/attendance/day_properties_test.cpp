// What holds for every day, whatever people do: 100 000 random ones.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "tests/unit/daemon/attendance/told_day.hpp"
#include "tests/unit/sanitized.hpp"

namespace rollcall::attendance {
namespace {

constexpr int days = sanitized ? 10'000 : 100'000;
constexpr std::int64_t minute_ms = ToldDay::minute;

class AnyDay : public testing::Test {
 protected:
  AnyDay() {
    const char* given = std::getenv("ROLLCALL_SEED");
    seed_ = given ? std::strtoul(given, nullptr, 10) : std::random_device{}();
    random_.seed(seed_);
  }

  int between(int low, int high) { return std::uniform_int_distribution(low, high)(random_); }
  bool one_in(int n) { return between(1, n) == 1; }
  std::int64_t at(int minute) const { return ToldDay::midnight + minute * minute_ms; }

  SessionToday session(const std::string& id, const std::string& part, int start, int end) {
    return {.id = id,
            .half_day = part,
            .start_minute = start,
            .end_minute = end,
            .programme = {},
            .grant = {},
            .contract = {},
            .room = one_in(2) ? "A" : "B",
            .exit_expected = !one_in(8)};
  }

  void add_sessions(DayFacts& day) {
    const auto part = [&](const char* name, int earliest, int latest_end) {
      if (one_in(3)) return;
      const int start = earliest + 5 * between(0, 24);
      const int end = std::min(start + 30 * between(1, 8), latest_end);
      if (one_in(4) && end - start > 60) {  // two modules in a row, or at the same time
        const int middle = start + (end - start) / 2;
        day.sessions.push_back(
            session(std::string(name) + "1", name, start, one_in(4) ? end : middle));
        day.sessions.push_back(session(std::string(name) + "2", name, middle, end));
      } else {
        day.sessions.push_back(session(name, name, start, end));
      }
    };
    part("am", 8 * 60, 13 * 60);
    part("pm", 12 * 60 + 30, 17 * 60);
    part("eve", 17 * 60, 26 * 60);
  }

  int likely_minute(const DayFacts& day) {
    if (day.sessions.empty() || one_in(3)) return between(5 * 60, 27 * 60);
    const SessionToday& near = day.sessions[static_cast<std::size_t>(
        between(0, static_cast<int>(day.sessions.size()) - 1))];
    return (one_in(2) ? near.start_minute : near.end_minute) + between(-40, 40);
  }

  DayFacts any_day() {
    DayFacts day = ToldDay().facts;
    day.role = one_in(10) ? Role::trainer : Role::participant;
    add_sessions(day);
    day.everybody = day.sessions;
    const int facts = between(0, 9);
    for (int i = 1; i <= facts; ++i) {
      Fact fact;
      fact.id = i;
      fact.last_ms = at(likely_minute(day)) + between(0, 59) * 1000;
      fact.first_ms = one_in(12) ? fact.last_ms - between(0, 5) * minute_ms : fact.last_ms;
      if (one_in(8)) {
        fact.stated = one_in(2) ? Direction::in : Direction::out;
      } else {
        fact.terminal = one_in(2) ? "DOOR" : "ROOM";
        fact.room = one_in(2) ? "A" : "Door";
        fact.number = static_cast<std::uint64_t>(i);
        if (one_in(10)) fact.stated = one_in(2) ? Direction::in : Direction::out;
      }
      day.facts.push_back(fact);
    }
    return day;
  }

  std::mt19937 random_;
  unsigned long seed_ = 0;
};

std::string told(const DayFacts& day, const ConcludedDay& concluded) {
  ToldDay words;
  words.facts = day;
  std::string text;
  for (const Fact& fact : day.facts)
    text +=
        std::to_string((fact.last_ms - ToldDay::midnight) / minute_ms) + (fact.stated ? "s " : " ");
  for (const SessionToday& s : day.sessions)
    text += s.id + " " + std::to_string(s.start_minute) + "-" + std::to_string(s.end_minute) + " ";
  return text + "\n" + words.movements() + "\n" + std::to_string(concluded.stays.size());
}

bool same(const Decision& a, const Decision& b) {
  return a.outcome == b.outcome && a.direction == b.direction && a.rule == b.rule &&
         a.session.has_value() == b.session.has_value() &&
         (!a.session || a.session->id == b.session->id);
}

TEST_F(AnyDay, ComesToTheSameInWhateverOrderItIsTold) {
  SCOPED_TRACE("ROLLCALL_SEED=" + std::to_string(seed_));
  for (int i = 0; i < days / 2; ++i) {
    const DayFacts day = any_day();
    const std::int64_t now = at(between(6 * 60, 30 * 60));
    const ConcludedDay first = conclude_day(day, now);
    DayFacts other = day;
    std::ranges::shuffle(other.facts, random_);
    const ConcludedDay second = conclude_day(other, now);
    std::map<std::int64_t, Decision> by_fact;
    for (std::size_t f = 0; f < day.facts.size(); ++f)
      by_fact[day.facts[f].id] = first.decisions[f];
    for (std::size_t f = 0; f < day.facts.size(); ++f)
      ASSERT_TRUE(same(second.decisions[f], by_fact[other.facts[f].id])) << told(day, first);
    ASSERT_EQ(first.movements.size(), second.movements.size()) << told(day, first);
    for (std::size_t m = 0; m < first.movements.size(); ++m) {
      ASSERT_EQ(first.movements[m].fact, second.movements[m].fact);
      ASSERT_EQ(first.movements[m].closes, second.movements[m].closes);
      ASSERT_EQ(first.movements[m].at_ms, second.movements[m].at_ms);
    }
  }
}

// What a minute counts for, found again the slow way: by asking each minute of the day in which
// stay it is.
int minutes_one_by_one(const DayFacts& day, const ConcludedDay& concluded) {
  int counted = 0;
  for (int minute = 0; minute < 30 * 60; ++minute) {
    const std::int64_t from = day.midnight_ms + minute * minute_ms;
    const bool in_session = std::ranges::any_of(day.sessions, [&](const SessionToday& s) {
      return minute >= s.start_minute && minute < s.end_minute;
    });
    const bool seen = std::ranges::any_of(concluded.stays, [&](const Stay& stay) {
      return stay.proven() && stay.start_ms <= from && from + minute_ms <= stay.end_ms;
    });
    if (in_session && seen) ++counted;
  }
  return counted;
}

TEST_F(AnyDay, HasStaysThatNeverOverlapAndHoursThatAreTheSumOfItsHalfDays) {
  SCOPED_TRACE("ROLLCALL_SEED=" + std::to_string(seed_));
  for (int i = 0; i < days / 2; ++i) {
    DayFacts day = any_day();
    for (Fact& fact : day.facts) {  // whole minutes, so that counting them one by one is exact
      fact.last_ms -= fact.last_ms % minute_ms;
      fact.first_ms = std::min(fact.first_ms - fact.first_ms % minute_ms, fact.last_ms);
    }
    const ConcludedDay concluded = conclude_day(day, at(48 * 60));
    std::int64_t end = 0;
    for (const Stay& stay : concluded.stays) {
      ASSERT_GE(stay.start_ms, end) << told(day, concluded);
      ASSERT_GE(stay.end_ms, stay.start_ms) << told(day, concluded);
      ASSERT_TRUE(stay.arrival || stay.exit);
      ASSERT_FALSE(stay.open);
      end = stay.end_ms;
    }
    std::int64_t last = 0;
    for (const DayMovement& movement : concluded.movements) {
      ASSERT_GE(movement.at_ms, last) << told(day, concluded);
      last = movement.at_ms;
    }
    int sum = 0;
    for (const HalfDay& line : half_days(day, concluded, {}, {})) {
      sum += line.minutes;
      ASSERT_EQ(line.presence == Presence::present, line.minutes + line.unproven_minutes > 0);
      ASSERT_TRUE(std::ranges::is_sorted(line.rests_on, {}, [&](std::int64_t id) {
        return day.facts[static_cast<std::size_t>(id) - 1].last_ms;
      })) << told(day, concluded);
    }
    ASSERT_EQ(sum, minutes_one_by_one(day, concluded)) << told(day, concluded);
  }
}

// A day as it truly was: in and out of a morning and an afternoon, at whatever time people please,
// except that they come back from lunch nearer to the afternoon's start than to the morning's end.
struct TrueDay {
  std::array<int, 4> minutes;  // in, out, in, out
  // In the morning (0) or the afternoon (1).
  int hours_of(std::size_t half_day) const {
    const int start = half_day == 0 ? 540 : 810, end = half_day == 0 ? 750 : 990;
    return std::max(
        0, std::min(minutes[2 * half_day + 1], end) - std::max(minutes[2 * half_day], start));
  }
};

TEST_F(AnyDay, OfFourTapsWhateverIsForgottenTurnsNoLaterTapRoundAndNeverCountsMoreThanTheTruth) {
  SCOPED_TRACE("ROLLCALL_SEED=" + std::to_string(seed_));
  for (int i = 0; i < days / 16; ++i) {
    const int in_am = between(8 * 60 + 5, 11 * 60);
    const int out_am = between(in_am + 20, 12 * 60 + 44);
    const int in_pm = between(std::max(13 * 60 + 1, out_am + 16), 15 * 60);
    const TrueDay truth{{in_am, out_am, in_pm, between(in_pm + 20, 17 * 60 + 25)}};
    for (unsigned kept = 0; kept < 16; ++kept) {
      ToldDay told_day;
      told_day.whole_day();
      std::vector<int> taps;
      for (unsigned tap = 0; tap < 4; ++tap) {
        if ((kept >> tap & 1u) == 0) continue;
        const int minute = truth.minutes[tap];
        Fact fact;
        fact.id = static_cast<std::int64_t>(tap) + 1;
        fact.first_ms = fact.last_ms = at(minute);
        fact.terminal = "DOOR";
        fact.number = tap + 1;
        told_day.facts.facts.push_back(fact);
        taps.push_back(static_cast<int>(tap));
      }
      const ConcludedDay concluded = conclude_day(told_day.facts, at(48 * 60));
      const auto lines = half_days(told_day.facts, concluded, {}, {});
      for (std::size_t half_day = 0; half_day < 2; ++half_day) {
        const bool both_tapped = (kept >> (2 * half_day) & 3u) == 3u;
        ASSERT_EQ(lines[half_day].minutes, both_tapped ? truth.hours_of(half_day) : 0)
            << told(told_day.facts, concluded);
      }
      for (std::size_t n = 0; n < taps.size(); ++n) {
        const auto tap = static_cast<unsigned>(taps[n]);
        const bool is_exit = tap % 2 == 1;
        const bool before_was_tapped = tap == 0 || (kept >> (tap - 1) & 1u) != 0;
        const int end = tap == 1 ? 750 : 990;
        // An exit in the middle of a session whose arrival nobody tapped looks like an arrival;
        // nothing else does.
        if (is_exit && !before_was_tapped && truth.minutes[tap] < end - departure_before_end)
          continue;
        const Direction expected = is_exit ? Direction::out : Direction::in;
        ASSERT_EQ(concluded.decisions[n].direction, expected)
            << "tap " << tap + 1 << " of " << kept << ": " << told(told_day.facts, concluded);
      }
    }
  }
}

// A late tap changes what it must, and nothing of the days before and after.
TEST_F(AnyDay, NothingIsClosedTwiceAndEveryArrivalHasOneEnd) {
  SCOPED_TRACE("ROLLCALL_SEED=" + std::to_string(seed_));
  for (int i = 0; i < days / 4; ++i) {
    const DayFacts day = any_day();
    const ConcludedDay concluded = conclude_day(day, at(48 * 60));
    std::map<std::int64_t, int> ends;
    for (const DayMovement& movement : concluded.movements) {
      ASSERT_TRUE(movement.decision.direction);
      ASSERT_NE(movement.decision.session.has_value(),
                !movement.decision.no_session_reason.empty());
      if (movement.closes) ++ends[movement.fact];
    }
    for (const auto& [fact, count] : ends) ASSERT_EQ(count, 1) << told(day, concluded);
    for (const Stay& stay : concluded.stays) {
      if (stay.arrival && !stay.exit) {
        const bool closed = ends.contains(*stay.arrival);
        const bool late_exit = std::ranges::any_of(concluded.movements, [&](const DayMovement& m) {
          return !m.closes && m.decision.direction == Direction::out && m.at_ms > stay.end_ms;
        });
        ASSERT_TRUE(closed || late_exit) << told(day, concluded);
      }
    }
  }
}

}  // namespace
}  // namespace rollcall::attendance
