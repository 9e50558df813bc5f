#include "daemon/attendance/local_time.hpp"

#include <chrono>

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

}  // namespace rollcall::attendance
