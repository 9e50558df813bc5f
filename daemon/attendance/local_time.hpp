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

 private:
  const void* zone_;  // date::time_zone, owned by the library for the life of the process
};

}  // namespace rollcall::attendance
