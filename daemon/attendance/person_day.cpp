#include "daemon/attendance/person_day.hpp"

#include <algorithm>
#include <chrono>

#include "daemon/registry/entry.hpp"
#include "daemon/roster/identity.hpp"
#include "daemon/roster/timetable.hpp"

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
  const auto instants = judged_at(time_of_row(row, 4));
  if (!instants) return std::nullopt;
  Fact fact;
  fact.id = row.integer(0);
  fact.first_ms = instants->first_ms;
  fact.last_ms = instants->last_ms;
  fact.terminal = row.text(1);
  fact.number = static_cast<std::uint64_t>(row.integer(2));
  fact.card = row.fixed<32>(3);
  fact.repeat = row.integer(8) != 0;
  fact.stated = direction_from(row.optional_text(9));
  fact.room = row.text(10);
  fact.mode = registry::mode_from(row.text_view(11)).value_or(protocol::TerminalMode::training);
  return fact;
}

// `id`: the person's, or one that was joined with it.
void read_taps(store::Database& db, const TimeZone& zone, PersonDay& day, const std::string& id,
               std::int64_t from_ms, std::int64_t to_ms) {
  auto row = db.prepare(
      "SELECT t.position, t.serial, t.number, t.card, t.time_ms, t.trust, t.not_before_ms, "
      "t.not_after_ms,"
      " t.own_repeat, t.stated, coalesce(t.room, r.room, ''), coalesce(t.mode, r.mode, 'training')"
      " FROM tap t LEFT JOIN registry r ON r.serial = t.serial"
      " WHERE t.person = ?1 AND t.aside = 0 AND t.signing = 0 AND coalesce(t.stated, '') <> 'none'"
      " AND (t.time_ms BETWEEN ?2 AND ?3 OR t.not_before_ms BETWEEN ?2 AND ?3)");
  row.bind(id, from_ms, to_ms);
  std::vector<Fact> found;
  while (row.step()) {
    if (auto fact = fact_of_tap(row)) found.push_back(std::move(*fact));
  }
  for (Fact& fact : found) {
    if (day_of(db, zone, day.person.id, Instants{fact.first_ms, fact.last_ms}) == day.day)
      day.facts.facts.push_back(std::move(fact));
  }
}

void read_statements(store::Database& db, const TimeZone& zone, PersonDay& day,
                     const std::string& id, std::int64_t from_ms, std::int64_t to_ms) {
  auto row = db.prepare(
      "SELECT position, time_ms, direction FROM statement WHERE person = ? AND time_ms BETWEEN ? "
      "AND ? AND stands = 1");
  row.bind(id, from_ms, to_ms);
  std::vector<Fact> found;
  while (row.step()) {
    Fact fact;
    fact.id = row.integer(0);
    fact.first_ms = fact.last_ms = row.integer(1);
    fact.stated = direction_from(row.text(2));
    found.push_back(std::move(fact));
  }
  for (Fact& fact : found) {
    if (day_of(db, zone, day.person.id, fact.last_ms) == day.day)
      day.facts.facts.push_back(std::move(fact));
  }
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
  const LocalTime local = zone.at(at_ms);
  const int latest_end =
      minutes_of_a_day - lasts_after_end;  // no session of the day before goes on for longer
  if (local.minute > latest_end) return local.day;
  const std::string before = roster::day_after(local.day, -1);
  const auto goes_on = [&](const roster::SessionOn& s) {
    return !s.cancelled && s.end_minute > minutes_of_a_day &&
           local.minute <= s.end_minute - minutes_of_a_day + lasts_after_end;
  };
  if (std::ranges::none_of(roster::sessions_of(db, person, before), goes_on)) return local.day;
  const bool next_opens =
      std::ranges::any_of(roster::sessions_of(db, person, local.day), [&](const auto& s) {
        return !s.cancelled && local.minute >= s.start_minute - opens_before_start;
      });
  return next_opens ? local.day : before;
}

std::optional<std::string> day_of(store::Database& db, const TimeZone& zone,
                                  const std::string& person, const Instants& instants) {
  std::string day = day_of(db, zone, person, instants.last_ms);
  if (!instants.one() && day_of(db, zone, person, instants.first_ms) != day) return std::nullopt;
  return day;
}

std::int64_t double_tap_window(const config::Config& config) {
  return std::chrono::milliseconds(config.attendance.double_tap_window).count();
}

PersonDay read_day(store::Database& db, const config::Config& config, const TimeZone& zone,
                   const Person& person, const std::string& day) {
  PersonDay result{person, day, {}};
  DayFacts& facts = result.facts;
  facts.role = person.role;
  facts.midnight_ms = zone.instant(day, 0);
  facts.end_ms = zone.instant(day, minutes_of_a_day);
  facts.double_tap_window_ms = double_tap_window(config);
  facts.sessions = held(config, roster::sessions_of(db, person.id, day), zone, facts.midnight_ms);
  if (facts.sessions.empty())
    facts.everybody = held(config, roster::sessions_on(db, day), zone, facts.midnight_ms);
  // A day reaches into the next one by as much as its last session does.
  const std::int64_t to_ms = zone.instant(day, 2 * minutes_of_a_day);
  for (const std::string& id : roster::ids_of(db, person.id)) {
    read_taps(db, zone, result, id, facts.midnight_ms, to_ms);
    read_statements(db, zone, result, id, facts.midnight_ms, to_ms);
  }
  return result;
}

}  // namespace rollcall::attendance
