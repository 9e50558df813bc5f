#include "daemon/attendance/local_time.hpp"

#include <chrono>
#include <sstream>
#include <stdexcept>

#include <date/tz.h>

namespace rollcall::attendance {

TimeZone::TimeZone(const std::string& iana_name) : zone_(date::locate_zone(iana_name)) {}

LocalTime TimeZone::at(std::int64_t unix_ms) const {
  static constexpr const char* weekdays[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
  const auto* zone = static_cast<const date::time_zone*>(zone_);
  const auto local =
      zone->to_local(date::sys_time<std::chrono::milliseconds>{std::chrono::milliseconds{unix_ms}});
  const auto day = date::floor<date::days>(local);
  const auto minute = std::chrono::duration_cast<std::chrono::minutes>(local - day);
  return {date::format("%F", day), weekdays[date::weekday{day}.c_encoding()],
          static_cast<int>(minute.count())};
}

std::int64_t TimeZone::instant(const std::string& day, int minute) const {
  const auto* zone = static_cast<const date::time_zone*>(zone_);
  date::local_days midnight;
  std::istringstream text(day);
  text >> date::parse("%F", midnight);
  if (text.fail()) throw std::invalid_argument("not an ISO date: " + day);
  const auto local = midnight + date::days{minute / 1440} + std::chrono::minutes{minute % 1440};
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
