// Where an instant falls at the site: local day, weekday and minute, by the site's IANA time zone.
#pragma once

#include <cstdint>
#include <string>

namespace rollcall::attendance {

struct LocalTime {
  std::string day;      // ISO date
  std::string weekday;  // mon, tue, ...
  int minute = 0;       // after local midnight, 0 to 1439
};

class TimeZone {
 public:
  // Throws std::runtime_error when the system's database has no such zone (the configuration checks
  // it).
  explicit TimeZone(const std::string& iana_name);
  LocalTime at(std::int64_t unix_ms) const;
  // The instant, Unix ms, at which the clock on the wall shows `minute` of `day` (ISO date; 1440
  // and more lie on the days after it). Of a minute that is shown twice the first; one that is left
  // out is the instant of the change.
  std::int64_t instant(const std::string& day, int minute) const;

 private:
  const void* zone_;  // date::time_zone, owned by the library for the life of the process
};

// What the clock on the wall shows then: "09:24".
std::string clock_of(const TimeZone& zone, std::int64_t unix_ms);

}  // namespace rollcall::attendance
