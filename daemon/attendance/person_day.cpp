#include "daemon/attendance/person_day.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include "daemon/registry/entry.hpp"
#include "daemon/roster/identity.hpp"

namespace rollcall::attendance {
namespace {

constexpr std::int64_t minute_ms = 60'000;
constexpr int minutes_of_a_day = 1440;

SessionToday session_today(const config::Config& config, const roster::SessionOn& session,
                           const TimeZone& zone, std::int64_t midnight_ms) {
  const auto elapsed = [&](int minute) {
    return static_cast<int>((zone.instant(session.day, minute) - midnight_ms) / minute_ms);
  };
  return {.id = session.id,
          .half_day = session.half_day,
          .start_minute = elapsed(session.start_minute),
          .end_minute = elapsed(session.end_minute),
          .programme = session.programme,
          .grant = session.grant,
          .contract = session.contract,
          .room = session.room,
          .exit_expected = config::programme_of(config, session.programme).taps == "in_out"};
}

std::vector<SessionToday> held(const config::Config& config,
                               const std::vector<roster::SessionOn>& sessions, const TimeZone& zone,
                               std::int64_t midnight_ms) {
  std::vector<SessionToday> result;
  for (const roster::SessionOn& session : sessions) {
    if (!session.cancelled) result.push_back(session_today(config, session, zone, midnight_ms));
  }
  return result;
}

std::optional<Direction> direction_from(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  return *text == "in" ? Direction::in : Direction::out;
}

// A row of read_taps() as a fact; nothing when nobody can say when it was.
std::optional<Fact> fact_of_tap(const store::Statement& row) {
  const auto instants = judged_at(time_of_row(row, 3));
  if (!instants) return std::nullopt;
  Fact fact;
  fact.id = row.integer(0);
  fact.first_ms = instants->first_ms;
  fact.last_ms = instants->last_ms;
  fact.terminal = row.text(1);
  fact.number = static_cast<std::uint64_t>(row.integer(2));
  fact.repeat = row.integer(7) != 0;
  fact.stated = direction_from(row.optional_text(8));
  fact.room = row.text(9);
  fact.mode = registry::mode_from(row.text_view(10)).value_or(protocol::TerminalMode::training);
  if (row.optional_text(11) == "staff") fact.stated_by = StatedBy::staff;
  return fact;
}

// `id`: the person's, or one that was joined with it. To the end of `facts`.
void read_taps(store::Database& db, const std::string& id, std::int64_t from_ms, std::int64_t to_ms,
               std::vector<Fact>& facts) {
  // By two indexes, one after the other: with OR the planner reads all taps that the person ever
  // made.
  static const std::string query = [] {
    const std::string columns_of =
        "SELECT t.position, t.serial, t.number, t.time_ms, t.trust, t.not_before_ms, "
        "t.not_after_ms, t.own_repeat, t.stated, coalesce(t.room, r.room, ''), "
        "coalesce(t.mode, r.mode, 'training'), t.stated_by"
        " FROM tap t LEFT JOIN registry r ON r.serial = t.serial"
        " WHERE t.person = ?1 AND t.aside = 0 AND t.signing = 0 AND coalesce(t.stated, '') <> "
        "'none' AND ";
    return columns_of + "t.time_ms BETWEEN ?2 AND ?3 UNION ALL " + columns_of +
           "t.not_before_ms BETWEEN ?2 AND ?3 AND coalesce(t.time_ms NOT BETWEEN ?2 AND ?3, 1)";
  }();
  auto row = db.prepare(query);
  row.bind(id, from_ms, to_ms);
  while (row.step()) {
    if (auto fact = fact_of_tap(row)) facts.push_back(std::move(*fact));
  }
}

void read_statements(store::Database& db, const std::string& id, std::int64_t from_ms,
                     std::int64_t to_ms, std::vector<Fact>& facts) {
  auto row = db.prepare(
      "SELECT position, time_ms, direction FROM statement WHERE person = ? AND time_ms BETWEEN ? "
      "AND ? AND stands = 1");
  row.bind(id, from_ms, to_ms);
  while (row.step()) {
    Fact fact;
    fact.id = row.integer(0);
    fact.first_ms = fact.last_ms = row.integer(1);
    fact.stated = direction_from(row.text(2));
    facts.push_back(std::move(fact));
  }
}

std::string day_of(roster::TimetableReader& timetable, const TimeZone& zone,
                   const std::string& person, std::int64_t at_ms) {
  const LocalTime local = zone.at(at_ms);
  const int latest_end =
      minutes_of_a_day - lasts_after_end;  // no session of the day before goes on for longer
  if (local.minute > latest_end) return local.day;
  const std::string before = roster::day_after(local.day, -1);
  // Whole minutes that passed: the clock on the wall may be changed in that hour.
  const auto minutes_since = [&](const std::string& day, int minute) {
    return (at_ms - at_ms % minute_ms - zone.instant(day, minute)) / minute_ms;
  };
  const auto goes_on = [&](const roster::SessionOn& s) {
    return !s.cancelled && s.end_minute > minutes_of_a_day &&
           minutes_since(before, s.end_minute) <= lasts_after_end;
  };
  if (std::ranges::none_of(timetable.sessions_on(before), goes_on) ||
      std::ranges::none_of(timetable.sessions_of(person, before), goes_on)) {
    return local.day;
  }
  const bool next_opens =
      std::ranges::any_of(timetable.sessions_of(person, local.day), [&](const auto& s) {
        return !s.cancelled && minutes_since(local.day, s.start_minute) >= -opens_before_start;
      });
  return next_opens ? local.day : before;
}

std::optional<std::string> day_of(roster::TimetableReader& timetable, const TimeZone& zone,
                                  const std::string& person, const Instants& instants) {
  std::string day = day_of(timetable, zone, person, instants.last_ms);
  if (!instants.one() && day_of(timetable, zone, person, instants.first_ms) != day)
    return std::nullopt;
  return day;
}

// All that is known of the person between two instants, with the day that each belongs to.
std::map<std::string, std::vector<Fact>> facts_by_day(store::Database& db, const TimeZone& zone,
                                                      roster::TimetableReader& timetable,
                                                      const std::string& person,
                                                      std::int64_t from_ms, std::int64_t to_ms) {
  std::vector<Fact> facts;
  for (const std::string& id : roster::ids_of(db, person)) {
    read_taps(db, id, from_ms, to_ms, facts);
    read_statements(db, id, from_ms, to_ms, facts);
  }
  std::map<std::string, std::vector<Fact>> days;
  for (Fact& fact : facts) {
    if (const auto day = day_of(timetable, zone, person, Instants{fact.first_ms, fact.last_ms}))
      days[*day].push_back(std::move(fact));
  }
  return days;
}

}  // namespace

events::TimeBlock time_of_row(const store::Statement& row, int column) {
  events::TimeBlock time;
  if (!row.is_null(column)) time.wall_ms = row.integer(column);
  // Rows of the first versions did not keep how far their time may be believed: it was believed.
  time.trust = row.is_null(column + 1) ? protocol::ClockTrust::drifting
                                       : static_cast<protocol::ClockTrust>(row.integer(column + 1));
  if (!row.is_null(column + 2)) time.not_before_ms = row.integer(column + 2);
  if (!row.is_null(column + 3)) time.not_after_ms = row.integer(column + 3);
  return time;
}

std::string day_of(store::Database& db, const TimeZone& zone, const std::string& person,
                   std::int64_t at_ms) {
  roster::TimetableReader timetable(db);
  return day_of(timetable, zone, person, at_ms);
}

std::optional<std::string> day_of(store::Database& db, const TimeZone& zone,
                                  const std::string& person, const Instants& instants) {
  roster::TimetableReader timetable(db);
  return day_of(timetable, zone, person, instants);
}

std::int64_t double_tap_window(const config::Config& config) {
  return std::chrono::milliseconds(config.attendance.double_tap_window).count();
}

PersonDay read_day(store::Database& db, const config::Config& config, const TimeZone& zone,
                   const Person& person, const std::string& day) {
  return DaysReader(db, config, zone).read(person, day);
}

DaysReader::DaysReader(store::Database& db, const config::Config& config, const TimeZone& zone)
    : db_(db), config_(config), zone_(zone), timetable_(db) {}

PersonDay DaysReader::judged_by(const Person& person, const std::string& day) {
  PersonDay result{person, day, {}};
  DayFacts& facts = result.facts;
  facts.role = person.role;
  facts.midnight_ms = zone_.instant(day, 0);
  facts.end_ms = zone_.instant(day, minutes_of_a_day);
  facts.double_tap_window_ms = double_tap_window(config_);
  facts.sessions = held(config_, timetable_.sessions_of(person.id, day), zone_, facts.midnight_ms);
  if (facts.sessions.empty())
    facts.everybody = held(config_, timetable_.sessions_on(day), zone_, facts.midnight_ms);
  return result;
}

// A day reaches into the next one by as much as its last session does.
std::vector<PersonDay> DaysReader::read(const Person& person, const std::string& from,
                                        const std::string& until) {
  auto days = facts_by_day(db_, zone_, timetable_, person.id, zone_.instant(from, 0),
                           zone_.instant(until, 2 * minutes_of_a_day));
  std::vector<PersonDay> result;
  for (auto& [day, facts] : days) {
    if (day < from || day > until) continue;
    result.push_back(judged_by(person, day));
    result.back().facts.facts = std::move(facts);
  }
  return result;
}

PersonDay DaysReader::read(const Person& person, const std::string& day) {
  PersonDay result = judged_by(person, day);
  auto days = facts_by_day(db_, zone_, timetable_, person.id, result.facts.midnight_ms,
                           zone_.instant(day, 2 * minutes_of_a_day));
  if (const auto found = days.find(day); found != days.end())
    result.facts.facts = std::move(found->second);
  return result;
}

}  // namespace rollcall::attendance
