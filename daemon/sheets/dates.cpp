#include "daemon/sheets/dates.hpp"

#include <charconv>
#include <cstdio>

namespace rollcall::sheets {
namespace {

Date date(int year, int month, int day) {
  return Date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
              std::chrono::day{static_cast<unsigned>(day)}};
}

std::optional<int> number(std::string_view digits) {
  int value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool all = error == std::errc{} && end == digits.data() + digits.size();
  return all && digits.front() != '-' ? std::optional(value) : std::nullopt;
}

}  // namespace

std::string iso(Date date) {
  char text[16];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text;
}

std::optional<Date> date_from_iso(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = number(text.substr(0, 4));
  const auto month = number(text.substr(5, 2));
  const auto day = number(text.substr(8, 2));
  if (!year || !month || !day) return std::nullopt;
  const Date read = date(*year, *month, *day);
  return read.ok() ? std::optional(read) : std::nullopt;
}

std::chrono::weekday weekday_of(Date date) {
  return std::chrono::weekday{std::chrono::sys_days{date}};
}

Date days_after(Date date, int days) {
  return Date{std::chrono::sys_days{date} + std::chrono::days{days}};
}

Date easter(int year) {
  const int a = year % 19;
  const int b = year / 100;
  const int c = year % 100;
  const int d = b / 4;
  const int e = b % 4;
  const int f = (b + 8) / 25;
  const int g = (b - f + 1) / 3;
  const int h = (19 * a + b - d - g + 15) % 30;
  const int i = c / 4;
  const int k = c % 4;
  const int l = (32 + 2 * e + 2 * i - h - k) % 7;
  const int m = (a + 11 * h + 22 * l) / 451;
  const int n = h + l - 7 * m + 114;
  return date(year, n / 31, n % 31 + 1);
}

Date orthodox_easter(int year) {
  const int d = (19 * (year % 19) + 15) % 30;
  const int e = (2 * (year % 4) + 4 * (year % 7) - d + 34) % 7;
  const int n = d + e + 114;
  const int julian_behind = year / 100 - year / 400 - 2;  // days, from March of the year on
  return days_after(date(year, n / 31, n % 31 + 1), julian_behind);
}

}  // namespace rollcall::sheets
