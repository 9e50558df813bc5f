// A year of a site with 300 people and four terminals (tests/year), out of its database: all days
// concluded anew, and one tap that comes late. Beside it, in the same run, the bare reading of the
// same rows and a bare commit. The program fails when one is over its budget (docs/performance.md).
// ROLLCALL_PEOPLE and ROLLCALL_DAYS make the site smaller.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <vector>

#include <benchmark/benchmark.h>

#include "daemon/attendance/check_days.hpp"
#include "daemon/attendance/half_day.hpp"
#include "daemon/attendance/person_day.hpp"
#include "tests/unit/daemon/scratch_database.hpp"
#include "tests/year/played.hpp"

namespace rollcall::bench {
namespace {

using namespace rollcall::year;
using Clock = std::chrono::steady_clock;
using Millis = std::chrono::duration<double, std::milli>;

constexpr double whole_year_budget_ms = 5000;
constexpr double late_tap_budget_ms = 50;  // of 99 of 100
constexpr std::size_t late_taps = 200;

int given(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  return text ? std::atoi(text) : otherwise;
}

struct PlayedSite {
  Site site = make_site({20250901, day_from(2025, 9, 1),
                         day_from(2025, 9, 1) + given("ROLLCALL_DAYS", 365) - 1,
                         given("ROLLCALL_PEOPLE", 300)});
  std::vector<Deed> late;  // not played: they come when all is over
  testing::ScratchDatabase scratch;
  const config::Config config = config_of();
  Ms long_after = on_the_wall(site.size.last + 3, 0);
  std::unique_ptr<Played> played;

  PlayedSite() {
    const std::size_t every = site.deeds.size() / late_taps + 1;
    std::vector<Deed> known;
    for (std::size_t i = 0; i < site.deeds.size(); ++i) {
      const Deed& deed = site.deeds[i];
      const bool held_back = i % every == 7 && deed.tap && deed.seen && deed.seen->proven;
      (held_back ? late : known).push_back(deed);
    }
    site.deeds = std::move(known);
    const auto begun = Clock::now();
    played = std::make_unique<Played>(site, scratch.path());
    std::cerr << site.deeds.size() << " taps and statements of " << site.people.size()
              << " people were played in " << Millis(Clock::now() - begun).count() / 1000 << " s\n";
  }
};

PlayedSite& the_site() {
  static PlayedSite site;
  return site;
}

struct Found {
  double whole_year_ms = 0, same_rows_ms = 0, late_tap_p99_ms = 0, bare_commit_p99_ms = 0;
};
Found found;

double percentile(std::vector<double>& all, double share) {
  std::ranges::sort(all);
  return all[static_cast<std::size_t>(share * static_cast<double>(all.size() - 1))];
}

// As `rollcall attendance check` does it.
void WholeYearConcludedAndCompared(benchmark::State& state) {
  PlayedSite& s = the_site();
  store::Database db(s.scratch.path(), store::Database::Mode::query_only);
  found.whole_year_ms = 0;
  for (auto _ : state) {
    const auto begun = Clock::now();
    const auto checked = attendance::check_days(
        db, s.config, {iso(s.site.size.first), iso(s.site.size.last)}, s.long_after);
    found.whole_year_ms = std::max(found.whole_year_ms, Millis(Clock::now() - begun).count());
    if (checked.differ != 0 || checked.waiting != 0 || checked.days == 0)
      return state.SkipWithError("the log does not say what the facts come to");
    state.counters["days"] = checked.days;
    state.counters["movements"] = checked.movements;
  }
}
BENCHMARK(WholeYearConcludedAndCompared)->Iterations(3)->Unit(benchmark::kMillisecond);

// What nobody can do without: the rows of taps, movements and what the log says of them, read by
// the same library in the same order.
void SameRowsReadAlone(benchmark::State& state) {
  PlayedSite& s = the_site();
  store::Database db(s.scratch.path(), store::Database::Mode::query_only);
  for (auto _ : state) {
    const auto begun = Clock::now();
    std::int64_t rows = 0;
    for (const Person& person : s.site.people) {
      for (const char* sql :
           {"SELECT position, serial, number, card, time_ms, trust, not_before_ms, not_after_ms, "
            "room, mode FROM tap WHERE person = ? ORDER BY time_ms",
            "SELECT m.day, m.fact, m.direction, m.session, m.time_ms, p.data FROM movement m JOIN "
            "payload_attendance p ON p.position = m.newest WHERE m.person = ?"}) {
        auto row = db.prepare(sql);
        row.bind(person.id);
        while (row.step()) rows += row.integer(4) > 0;
      }
    }
    benchmark::DoNotOptimize(rows);
    found.same_rows_ms = Millis(Clock::now() - begun).count();
    state.counters["rows"] = static_cast<double>(rows);
  }
}
BENCHMARK(SameRowsReadAlone)->Iterations(3)->Unit(benchmark::kMillisecond);

// The lines of all sheets of the year, by the daemon and by the reference of tests/year.
void LinesOfTheYear(benchmark::State& state) {
  PlayedSite& s = the_site();
  store::Database db(s.scratch.path(), store::Database::Mode::query_only);
  const attendance::TimeZone zone(s.config.site.timezone);
  for (auto _ : state) {
    attendance::DaysReader reader(db, s.config, zone);
    double minutes = 0;
    for (const Person& person : s.site.people) {
      const auto known = attendance::person_by_id(db, person.id);
      for (const auto& day : reader.read(*known, iso(s.site.size.first), iso(s.site.size.last))) {
        const auto concluded = attendance::conclude_day(day.facts, s.long_after);
        for (const auto& line : attendance::half_days(day.facts, concluded, {}, {}))
          minutes += line.minutes;
      }
    }
    state.counters["hours"] = minutes / 60;
  }
}
BENCHMARK(LinesOfTheYear)->Iterations(3)->Unit(benchmark::kMillisecond);

void SameByTheReference(benchmark::State& state) {
  PlayedSite& s = the_site();
  for (auto _ : state) {
    double minutes = 0;
    for (std::size_t p = 0; p < s.site.people.size(); ++p) {
      for (Day day = s.site.size.first; day <= s.site.size.last; ++day) {
        const auto& seen = s.played->seen(p, day);
        if (seen.empty()) continue;
        for (const Line& line : lines_of(s.site.held(s.site.people[p], day), seen))
          minutes += line.minutes;
      }
    }
    state.counters["hours"] = minutes / 60;
  }
}
BENCHMARK(SameByTheReference)->Iterations(1)->Unit(benchmark::kMillisecond);

// A tap of any day of the year, until its day is corrected and durable; a bare commit after each,
// so that both meet the same disk at the same time.
void LateTapCommitted(benchmark::State& state) {
  PlayedSite& s = the_site();
  store::Database bare(s.scratch.path() + ".bare", store::Database::Mode::read_write);
  bare.exec("CREATE TABLE IF NOT EXISTS bare (content BLOB)");
  std::vector<double> took, bare_took;
  std::size_t next = 0;
  for (auto _ : state) {
    Deed deed = s.late.at(next++);
    deed.host = s.long_after + static_cast<Ms>(next) * second;
    deed.tap->live = false;
    auto begun = Clock::now();
    const auto result = s.played->take(deed);
    took.push_back(Millis(Clock::now() - begun).count());
    if (result.resend || result.outcome == protocol::Outcome::not_recorded)
      return state.SkipWithError("the tap was not taken");
    state.SetIterationTime(took.back() / 1000);
    begun = Clock::now();
    bare.exec("INSERT INTO bare (content) VALUES (zeroblob(200))");
    bare_took.push_back(Millis(Clock::now() - begun).count());
  }
  state.counters["p50_ms"] = percentile(took, 0.5);
  state.counters["p99_ms"] = found.late_tap_p99_ms = percentile(took, 0.99);
  state.counters["bare_commit_p50_ms"] = percentile(bare_took, 0.5);
  state.counters["bare_commit_p99_ms"] = found.bare_commit_p99_ms = percentile(bare_took, 0.99);
}
BENCHMARK(LateTapCommitted)
    ->Iterations(late_taps / 2)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

// A disk that is slower than the budget is no fault of the daemon, nor is a busy machine.
bool within_budget() {
  return found.whole_year_ms > 0 &&
         found.whole_year_ms < std::max(whole_year_budget_ms, 4 * found.same_rows_ms) &&
         found.late_tap_p99_ms > 0 &&
         found.late_tap_p99_ms < std::max(late_tap_budget_ms, 3 * found.bare_commit_p99_ms);
}

}  // namespace
}  // namespace rollcall::bench

int main(int argc, char** argv) {
  using namespace rollcall::bench;
  const bool all = argc == 1;  // otherwise somebody looks at a part
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  if (!all || within_budget()) return 0;
  std::cerr << "over the budget of " << whole_year_budget_ms << " ms for a year or "
            << late_tap_budget_ms << " ms for a late tap\n";
  return 1;
}
