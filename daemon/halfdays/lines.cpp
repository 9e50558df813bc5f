#include "daemon/halfdays/lines.hpp"

#include <algorithm>
#include <set>

#include "daemon/attendance/person_day.hpp"
#include "daemon/attendance/sighting.hpp"
#include "daemon/halfdays/rows.hpp"

namespace rollcall::halfdays {
namespace {

using attendance::HalfDay;
using attendance::PersonDay;
using sheets::Line;

std::set<std::string> people_of(store::Database& db, const roster::SessionOn& session) {
  std::set<std::string> people;
  for (std::string& person : roster::enrolled_on(db, session.course, session.day))
    people.insert(std::move(person));
  auto row = db.prepare("SELECT DISTINCT person FROM movement WHERE day = ? AND session = ?");
  row.bind(session.day, session.id);
  while (row.step()) people.insert(row.text(0));
  return people;
}

std::vector<std::string> excused_sessions(store::Database& db, const std::string& person,
                                          const std::string& day) {
  std::vector<std::string> sessions;
  auto row = db.prepare("SELECT session FROM excuse WHERE person = ? AND day = ?");
  row.bind(person, day);
  while (row.step()) sessions.push_back(row.text(0));
  return sessions;
}

sheets::Mark mark_of(const HalfDay& half_day) {
  switch (half_day.presence) {
    case attendance::Presence::excused:
      return sheets::Mark::excused;
    case attendance::Presence::absent:
      return sheets::Mark::absent;
    case attendance::Presence::present:
      break;
  }
  if (half_day.late) return sheets::Mark::late;
  return half_day.left_early ? sheets::Mark::left_early : sheets::Mark::present;
}

std::optional<sheets::Moment> moment_of(const PersonDay& day, std::optional<std::int64_t> at_ms) {
  if (!at_ms) return std::nullopt;
  sheets::Moment moment{*at_ms};
  const auto fact = std::ranges::find(day.facts.facts, *at_ms, &attendance::Fact::last_ms);
  if (fact != day.facts.facts.end() && fact->first_ms != fact->last_ms)
    moment.between = sheets::Moment::Span{fact->first_ms, fact->last_ms};
  return moment;
}

sheets::Method method_from(const std::string& text) {
  if (text == "code") return sheets::Method::code;
  if (text == "assisted") return sheets::Method::assisted;
  return sheets::Method::card;
}

// Of the movements that a line rests on: how they were seen, and the events that state them.
void rest_on(store::Database& db, const std::vector<std::int64_t>& facts, Line& line) {
  for (const std::int64_t fact : facts) {
    if (const auto seen = attendance::sighting_of(db, fact)) {
      const sheets::Method method = method_from(seen->method);
      if (std::ranges::find(line.methods, method) == line.methods.end())
        line.methods.push_back(method);
    }
    auto row = db.prepare(
        "SELECT l.event_id FROM movement m JOIN log l ON l.position = m.newest"
        " WHERE m.fact = ? AND m.closes = 0");
    row.bind(fact);
    while (row.step()) line.rests_on.push_back(row.text(0));
  }
}

sheets::Kind kind_from(const std::string& text) {
  if (text == "drop_in") return sheets::Kind::drop_in;
  if (text == "one_to_one") return sheets::Kind::one_to_one;
  if (text == "work_site") return sheets::Kind::work_site;
  return text == "online" ? sheets::Kind::online : sheets::Kind::room;
}

}  // namespace

sheets::Person shown(store::Database& db, const std::string& person) {
  auto row = db.prepare(
      "SELECT display_name FROM person WHERE id = ?1 AND protected = 0 AND display_name <> ''"
      " UNION ALL SELECT name FROM account WHERE id = ?1");
  return {person, row.bind(person).step() ? row.text(0) : person};
}

sheets::Sheet planned_sheet(store::Database& db, const config::Config& config,
                            const attendance::TimeZone& zone, const roster::SessionOn& session) {
  sheets::Sheet sheet;
  sheet.organisation = config.site.organisation;
  sheet.site = config.site.name;
  sheet.time_zone = config.site.timezone;
  sheet.session = session.id;
  sheet.course = session.course;
  sheet.title = session.title;
  sheet.kind = kind_from(session.kind);
  if (!session.room.empty()) sheet.room = session.room;
  sheet.date = sheets::date_from_iso(session.day).value();
  sheet.part = part_from(session.half_day);
  sheet.start_ms = zone.instant(session.day, session.start_minute);
  sheet.end_ms = zone.instant(session.day, session.end_minute);
  sheet.programme = session.programme;
  sheet.grant = session.grant;
  sheet.contract = session.contract;
  if (session.trainer) sheet.trainer = shown(db, *session.trainer);
  return sheet;
}

std::vector<Participant> participants(store::Database& db, const config::Config& config,
                                      const attendance::TimeZone& zone,
                                      const roster::SessionOn& session, std::int64_t now_ms) {
  const config::Programme programme = config::programme_of(config, session.programme);
  std::vector<Participant> result;
  for (const std::string& id : people_of(db, session)) {
    const auto person = attendance::person_by_id(db, id);
    if (!person || person->role != attendance::Role::participant) continue;
    const PersonDay day = attendance::read_day(db, config, zone, *person, session.day);
    const auto lines = attendance::half_days(day.facts, attendance::conclude_day(day.facts, now_ms),
                                             {programme.late_after, programme.early_before},
                                             excused_sessions(db, id, session.day));
    const auto found = std::ranges::find(lines, session.id, &HalfDay::session);
    if (found == lines.end()) continue;
    Participant participant{id, *found, {}};
    Line& line = participant.line;
    line.person = shown(db, id);
    line.mark = mark_of(*found);
    if (found->presence == attendance::Presence::present) {
      line.arrived = moment_of(day, found->arrived_ms);
      line.left = moment_of(day, found->left_ms);
      line.no_exit_tap = found->missing_exit;
      line.minutes = found->minutes;
      rest_on(db, found->rests_on, line);
    }
    result.push_back(std::move(participant));
  }
  return result;
}

}  // namespace rollcall::halfdays
