#include "daemon/attendance/local_time.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <stdexcept>

#include <date/tz.h>

namespace rollcall::attendance {

namespace {

std::string iso(const date::year_month_day& day) {
  std::array<char, 16> text{};
  const int length =
      std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(day.year()),
                    static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
  return {text.data(), static_cast<std::size_t>(length)};
}

date::year_month_day from_iso(const std::string& text) {
  int year = 0;
  unsigned month = 0, day = 0;
  const int read = std::sscanf(text.c_str(), "%4d-%2u-%2u", &year, &month, &day);
  const date::year_month_day date{date::year{year}, date::month{month}, date::day{day}};
  if (read != 3 || !date.ok()) throw std::invalid_argument("not an ISO date: " + text);
  return date;
}

}  // namespace

TimeZone::TimeZone(const std::string& iana_name) : zone_(date::locate_zone(iana_name)) {}

LocalTime TimeZone::at(std::int64_t unix_ms) const {
  static constexpr const char* weekdays[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
  const auto* zone = static_cast<const date::time_zone*>(zone_);
  const auto local =
      zone->to_local(date::sys_time<std::chrono::milliseconds>{std::chrono::milliseconds{unix_ms}});
  const auto day = date::floor<date::days>(local);
  const auto minute = std::chrono::duration_cast<std::chrono::minutes>(local - day);
  return {iso(date::year_month_day{day}), weekdays[date::weekday{day}.c_encoding()],
          static_cast<int>(minute.count())};
}

std::int64_t TimeZone::instant(const std::string& day, int minute) const {
  const auto* zone = static_cast<const date::time_zone*>(zone_);
  const auto local = date::local_days{from_iso(day)} + date::days{minute / 1440} +
                     std::chrono::minutes{minute % 1440};
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             zone->to_sys(local, date::choose::earliest).time_since_epoch())
      .count();
}

std::string clock_of(const TimeZone& zone, std::int64_t unix_ms) {
  const int minute = zone.at(unix_ms).minute;
  const auto two = [](int n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return two(minute / 60) + ":" + two(minute % 60);
}

}  // namespace rollcall::attendance
