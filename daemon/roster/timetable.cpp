#include "daemon/roster/timetable.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <iterator>
#include <utility>

namespace rollcall::roster {
namespace {

constexpr int minutes_of_a_day = 1440;

// ?1 the day, ?2 its weekday. A session as it is now, or as it was on that day.
std::string of_that_day(const std::string& also = "") {
  const auto from = [&also](const char* table, const char* counts) {
    return std::string(
               "SELECT s.id, s.course, s.title, s.kind, coalesce(d.room, s.room),"
               " coalesce(d.trainer, s.trainer), coalesce(d.half_day, s.half_day),"
               " coalesce(d.start_min, s.start_min), coalesce(d.end_min, s.end_min), s.programme,"
               " s.grant_id, s.contract, s.open_event, coalesce(d.state = 'cancelled', 0) FROM ") +
           table + " s LEFT JOIN session_day d ON d.session = s.id AND d.day = ?1 WHERE " + counts +
           " AND (d.day IS NOT NULL OR (?1 BETWEEN s.first_day AND s.last_day"
           " AND instr(s.weekdays, ?2) > 0))" +
           also;
  };
  return from("session", "?1 >= s.since_day") + " UNION ALL " +
         from("session_before", "?1 BETWEEN s.since_day AND s.until_day");
}
constexpr const char* in_order = " ORDER BY 8, 5, 1";

std::optional<std::chrono::year_month_day> date_from(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto number = [text](std::size_t from, std::size_t length) -> int {
    int value = 0;
    const char* end = text.data() + from + length;
    const auto [rest, error] = std::from_chars(text.data() + from, end, value);
    return error == std::errc{} && rest == end && text[from] != '-' ? value : -1;
  };
  const int year = number(0, 4), month = number(5, 2), day = number(8, 2);
  if (year < 1 || month < 1 || day < 1) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  return date.ok() ? std::optional(date) : std::nullopt;
}

SessionOn session_from(const store::Statement& row, const std::string& day) {
  return {row.text(0),
          day,
          row.text(1),
          row.text(2),
          row.text(3),
          row.text(4),
          row.optional_text(5),
          row.text(6),
          static_cast<int>(row.integer(7)),
          static_cast<int>(row.integer(8)),
          row.optional_text(9),
          row.optional_text(10),
          row.optional_text(11),
          row.integer(12) != 0,
          row.integer(13) != 0};
}

}  // namespace

const std::vector<SessionOn>& TimetableReader::sessions_on(const std::string& day) {
  const auto known = days_.find(day);
  if (known != days_.end()) return known->second;
  static const std::string query = of_that_day() + in_order;
  std::vector<SessionOn> sessions;
  if (is_day(day)) {
    auto row = db_.prepare(query);
    row.bind(day, weekday_of(day));
    while (row.step()) sessions.push_back(session_from(row, day));
  }
  return days_.emplace(day, std::move(sessions)).first->second;
}

const std::vector<TimetableReader::Enrolment>& TimetableReader::enrolments_of(
    const std::string& person) {
  const auto known = enrolments_.find(person);
  if (known != enrolments_.end()) return known->second;
  std::vector<Enrolment> all;
  auto row = db_.prepare(
      "SELECT course, coalesce(from_day, ''), coalesce(until_day, '9999') FROM enrolment WHERE "
      "person = ?");
  row.bind(person);
  while (row.step()) all.push_back({row.text(0), row.text(1), row.text(2)});
  return enrolments_.emplace(person, std::move(all)).first->second;
}

std::vector<SessionOn> TimetableReader::sessions_of(const std::string& person,
                                                    const std::string& day) {
  const auto& enrolled = enrolments_of(person);
  const auto concerns = [&](const SessionOn& session) {
    return session.trainer == person || std::ranges::any_of(enrolled, [&](const Enrolment& e) {
             return e.course == session.course && e.from_day <= day && day <= e.until_day;
           });
  };
  std::vector<SessionOn> sessions;
  std::ranges::copy_if(sessions_on(day), std::back_inserter(sessions), concerns);
  return sessions;
}

std::vector<SessionOn> sessions_on(store::Database& db, const std::string& day) {
  return TimetableReader(db).sessions_on(day);
}

std::vector<SessionOn> sessions_of(store::Database& db, const std::string& person,
                                   const std::string& day) {
  return TimetableReader(db).sessions_of(person, day);
}

std::vector<std::string> enrolled_on(store::Database& db, const std::string& course,
                                     const std::string& day) {
  std::vector<std::string> people;
  auto row = db.prepare(
      "SELECT person FROM enrolment WHERE course = ? AND ? BETWEEN coalesce(from_day, '') AND "
      "coalesce(until_day, '9999') ORDER BY person");
  row.bind(course, day);
  while (row.step()) people.push_back(row.text(0));
  return people;
}

std::optional<SessionOn> session_on(store::Database& db, const std::string& id,
                                    const std::string& day) {
  static const std::string query = of_that_day(" AND s.id = ?3");
  auto row = db.prepare(query);
  row.bind(day, weekday_of(day), id);
  if (!is_day(day) || !row.step()) return std::nullopt;
  return session_from(row, day);
}

bool any_session_running(store::Database& db, const std::string& day, int minute) {
  static const std::string query = of_that_day(
      " AND coalesce(d.state, 'held') = 'held'"
      " AND ?3 BETWEEN coalesce(d.start_min, s.start_min) AND coalesce(d.end_min, s.end_min)");
  const auto runs = [&](const std::string& on, int at) {
    auto row = db.prepare(query);
    return row.bind(on, weekday_of(on), at).step();
  };
  return is_day(day) && (runs(day, minute) || runs(day_after(day, -1), minute + minutes_of_a_day));
}

std::string day_after(std::string_view day, int days) {
  const auto date = date_from(day);
  if (!date) return {};
  const std::chrono::year_month_day then{std::chrono::sys_days{*date} + std::chrono::days{days}};
  std::array<char, 32> text{};
  const int length =
      std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(then.year()),
                    static_cast<unsigned>(then.month()), static_cast<unsigned>(then.day()));
  return {text.data(), static_cast<std::size_t>(length)};
}

std::string day_at(std::string_view day, int minute) {
  const int whole = minute / minutes_of_a_day;
  return day_after(day, minute % minutes_of_a_day < 0 ? whole - 1 : whole);
}

bool is_day(std::string_view text) {
  return date_from(text).has_value();
}

std::string weekday_of(std::string_view day) {
  static constexpr const char* names[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
  const auto date = date_from(day);
  if (!date) return {};
  return names[std::chrono::weekday{std::chrono::sys_days{*date}}.c_encoding()];
}

}  // namespace rollcall::roster
