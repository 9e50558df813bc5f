#include "daemon/sheets/words.hpp"

#include <cstdio>

namespace rollcall::sheets {
namespace {

Text nth(Text first, unsigned n) {
  return static_cast<Text>(static_cast<unsigned>(first) + n);
}

std::string two_digits(int number) {
  return (number < 10 ? "0" : "") + std::to_string(number);
}

}  // namespace

std::string Words::day_of_month(Date date) const {
  const auto day = static_cast<unsigned>(date.day());
  return day == 1 ? (*this)(Text::first_of_month) : std::to_string(day);
}

std::string Words::month(Date date) const {
  return (*this)(nth(Text::january, static_cast<unsigned>(date.month()) - 1));
}

std::string Words::weekday(Date date) const {
  return (*this)(nth(Text::sunday, weekday_of(date).c_encoding()));
}

std::string Words::near_date(Date date) const {
  return (*this)(Text::date, {weekday(date), day_of_month(date), month(date)});
}

std::string Words::long_date(Date date) const {
  return (*this)(Text::long_date, {weekday(date), day_of_month(date), month(date),
                                   std::to_string(static_cast<int>(date.year()))});
}

std::string Words::date(Date date) const {
  return (*this)(Text::date,
                 {day_of_month(date), month(date), std::to_string(static_cast<int>(date.year()))});
}

std::string Words::time(std::int64_t unix_ms) const {
  const int minute = zone_.at(unix_ms).minute;
  return two_digits(minute / 60) + ":" + two_digits(minute % 60);
}

std::string Words::time(std::int64_t unix_ms, Date document) const {
  const Date on = day(unix_ms);
  if (on == document) return time(unix_ms);
  return (*this)(Text::day_and_time,
                 {(*this)(Text::short_date, {day_of_month(on), month(on)}), time(unix_ms)});
}

std::string Words::day_and_time(std::int64_t unix_ms) const {
  return (*this)(Text::day_and_time, {date(day(unix_ms)), time(unix_ms)});
}

Date Words::day(std::int64_t unix_ms) const {
  return date_from_iso(zone_.at(unix_ms).day).value_or(Date{});
}

std::string Words::duration(int minutes) const {
  return (*this)(Text::duration, {std::to_string(minutes / 60), two_digits(minutes % 60)});
}

std::string Words::half_day(Part part) const {
  return (*this)(part == Part::am   ? Text::morning
                 : part == Part::pm ? Text::afternoon
                                    : Text::evening);
}

}  // namespace rollcall::sheets
