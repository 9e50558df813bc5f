// A generated site, day by day and person by person: what the daemon comes to out of its database
// is what the reference finds, whatever was forgotten, tapped twice, or known days later.
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "daemon/attendance/check_days.hpp"
#include "daemon/attendance/half_day.hpp"
#include "daemon/attendance/person_day.hpp"
#include "tests/unit/daemon/scratch_database.hpp"
#include "tests/unit/sanitized.hpp"
#include "tests/year/played.hpp"

namespace rollcall::year {
namespace {

using attendance::Presence;

constexpr int site_people = sanitized ? 12 : 60;

Size size_of(Day first, int days, int people) {
  const char* given = std::getenv("ROLLCALL_SEED");
  const unsigned seed = given ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : 20251006;
  return {seed, first, first + days - 1, people};
}

std::string told(const std::vector<Line>& lines) {
  std::string out;
  for (const Line& l : lines) {
    out += l.session + (l.present ? "" : " absent") + (l.late ? " late" : "") +
           (l.left_early ? " early" : "") + ' ' + std::to_string(l.minutes) + '+' +
           std::to_string(l.unproven) + "  ";
  }
  return out;
}

std::string told(const std::vector<Seen>& seen) {
  std::string out;
  for (const Seen& s : seen) {
    const Ms wall = (s.last + wall_ahead_of_utc(s.last)) % (24 * hour);
    out += std::to_string(wall / hour) + ':' + std::to_string(wall / minute % 60) + ' ' +
           (s.stated_in ? (*s.stated_in ? "staff: in" : "staff: out") : s.terminal) +
           (s.first == s.last ? "  " : "?  ");
  }
  return out;
}

// As the sheets have it, of the daemon's own functions.
std::vector<Line> lines_by_daemon(const attendance::PersonDay& day, const config::Config& config,
                                  Ms now) {
  const auto concluded = attendance::conclude_day(day.facts, now);
  std::vector<Line> lines;
  for (std::size_t i = 0; i < day.facts.sessions.size(); ++i) {
    const auto programme = config::programme_of(config, day.facts.sessions[i].programme);
    const auto line = attendance::half_days(day.facts, concluded,
                                            {programme.late_after, programme.early_before}, {})[i];
    lines.push_back({line.session, line.presence == Presence::present, line.late, line.left_early,
                     line.minutes, line.unproven_minutes});
  }
  return lines;
}

struct Totals {
  int present = 0, late = 0, left_early = 0, absent = 0;
  std::map<std::string, long> minutes, unproven;  // by person

  void add(const std::string& person, const std::vector<Line>& lines) {
    for (const Line& l : lines) {
      present += l.present;
      absent += !l.present;
      late += l.late;
      left_early += l.left_early;
      minutes[person] += l.minutes;
      unproven[person] += l.unproven;
    }
  }
  bool operator==(const Totals&) const = default;
};

struct Span {
  Day first;
  int days, people;
};

class Year : public ::testing::TestWithParam<Span> {
 protected:
  const Site site_ = make_site(size_of(GetParam().first, GetParam().days, GetParam().people));
  const config::Config config_ = config_of();
  testing::ScratchDatabase scratch_;
  const Ms long_after_ = on_the_wall(site_.size.last + 3, 0);
};

// What is asked at each tap costs no more after a year: no statement looks at rows one by one, but
// at the timetable's.
void expect_no_scans(store::Database& db) {
  constexpr int often = 100, rows_of_a_timetable = 100;
  int asked_often = 0;
  for (sqlite3_stmt* s = sqlite3_next_stmt(db.handle(), nullptr); s != nullptr;
       s = sqlite3_next_stmt(db.handle(), s)) {
    const int runs = sqlite3_stmt_status(s, SQLITE_STMTSTATUS_RUN, 0);
    if (runs < often) continue;
    ++asked_often;
    EXPECT_LT(sqlite3_stmt_status(s, SQLITE_STMTSTATUS_FULLSCAN_STEP, 0) / runs,
              rows_of_a_timetable)
        << sqlite3_sql(s);
  }
  EXPECT_GT(asked_often, 10);
}

TEST_P(Year, ComesToWhatTheReferenceFindsAndTheLogSaysSo) {
  SCOPED_TRACE("ROLLCALL_SEED=" + std::to_string(site_.size.seed));
  Played played(site_, scratch_.path());
  played.writer().run_now(expect_no_scans);
  store::Database db(scratch_.path(), store::Database::Mode::query_only);
  const attendance::TimeZone zone(config_.site.timezone);
  attendance::DaysReader reader(db, config_, zone);
  Totals by_daemon, by_reference;
  int different = 0;
  for (std::size_t p = 0; p < site_.people.size(); ++p) {
    const Person& person = site_.people[p];
    const auto known = attendance::person_by_id(db, person.id);
    ASSERT_TRUE(known);
    for (Day day = site_.size.first; day <= site_.size.last; ++day) {
      const auto expected = lines_of(site_.held(person, day), played.seen(p, day));
      const auto found = lines_by_daemon(reader.read(*known, iso(day)), config_, long_after_);
      by_reference.add(person.id, expected);
      by_daemon.add(person.id, found);
      if (found == expected) continue;
      ASSERT_LT(++different, 10);
      ADD_FAILURE() << person.id << ' ' << iso(day) << "\n seen      " << told(played.seen(p, day))
                    << "\n reference " << told(expected) << "\n daemon    " << told(found);
    }
  }
  EXPECT_TRUE(by_daemon == by_reference);
  EXPECT_GT(by_reference.present, by_reference.absent);
  for (const int figure : {by_reference.late, by_reference.left_early, by_reference.absent})
    EXPECT_GT(figure, by_reference.present / 100);

  const auto checked = attendance::check_days(
      db, config_, {iso(site_.size.first), iso(site_.size.last)}, long_after_);
  EXPECT_EQ(checked.differ, 0) << checked.differences.front().person << ' '
                               << checked.differences.front().day << ' '
                               << checked.differences.front().text;
  EXPECT_EQ(checked.waiting, 0);
  EXPECT_GT(checked.days, GetParam().days * GetParam().people / 3);
}

// The reference itself: where everything was tapped as it should be its minutes are the true ones.
TEST_P(Year, OfPlainDaysTheReferenceFindsTheTruth) {
  std::map<std::pair<std::size_t, Day>, std::vector<Seen>> seen;
  for (const Deed& deed : site_.deeds)
    if (deed.seen) seen[{deed.person, deed.lived}].push_back(*deed.seen);
  ASSERT_GT(site_.truth.size(), static_cast<std::size_t>(GetParam().days));
  for (const TruePresence& truth : site_.truth) {
    const auto lines = lines_of(site_.held(site_.people[truth.person], truth.day),
                                seen[{truth.person, truth.day}]);
    for (const Line& line : lines) {
      const auto expected = truth.minutes.find(line.session);
      ASSERT_EQ(line.minutes, expected == truth.minutes.end() ? 0 : expected->second)
          << site_.people[truth.person].id << ' ' << iso(truth.day) << ' ' << told(lines)
          << told(seen[{truth.person, truth.day}]);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(OverTheNightsTheClocksChange, Year,
                         ::testing::Values(Span{day_from(2025, 9, 29), 35, site_people},
                                           Span{day_from(2026, 3, 16), 28, site_people}),
                         [](const auto& span) {
                           return "From" + std::to_string(span.param.first);
                         });

// An auditor's check that cannot find anything proves nothing.
TEST(CheckOfDays, FindsADayOfWhichTheLogSaysSomethingElse) {
  const Site site = make_site(size_of(day_from(2026, 2, 2), 5, 20));
  testing::ScratchDatabase scratch;
  const config::Config config = config_of();
  Played played(site, scratch.path());
  const Ms after = on_the_wall(site.size.last + 3, 0);
  const auto differ = [&] {
    store::Database db(scratch.path(), store::Database::Mode::query_only);
    return attendance::check_days(db, config, {iso(site.size.first), iso(site.size.last)}, after)
        .differ;
  };
  ASSERT_EQ(differ(), 0);
  const auto change = [&](const char* sql) {
    played.writer().run_now([sql](store::Database& db) { db.exec(sql); });
  };
  change(
      "UPDATE movement SET time_ms = time_ms + 60000 WHERE position = (SELECT min(position) FROM "
      "movement)");
  EXPECT_EQ(differ(), 1);  // the table
  change(
      "UPDATE movement SET time_ms = time_ms - 60000 WHERE position = (SELECT min(position) FROM "
      "movement)");
  ASSERT_EQ(differ(), 0);
  change("DELETE FROM tap WHERE position = (SELECT max(fact) FROM movement)");
  EXPECT_EQ(differ(), 1);  // what it rests on
}

}  // namespace
}  // namespace rollcall::year
