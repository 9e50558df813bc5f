// Whether the log says of each day what its facts come to: concludes days anew and compares.
// Changes nothing. Thread: a reader on its snapshot.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "daemon/config/config.hpp"
#include "daemon/store/database.hpp"

namespace rollcall::attendance {

struct DayRange {
  std::string from, until;  // ISO dates, both included
};

struct DayDifference {
  std::string person;  // pseudonym
  std::string day;
  std::string text;  // what the day comes to and what the log says, in one sentence; no names
};

struct CheckedDays {
  int people = 0;
  int days = 0;  // of a person, with a tap, a statement or a conclusion
  int movements = 0;
  int waiting = 0;  // days that wait to be concluded again, or whose content has been purged
  int differ = 0;
  std::vector<DayDifference> differences;  // the first of them
};

inline constexpr std::size_t most_differences = 100;

CheckedDays check_days(store::Database& db, const config::Config& config, const DayRange& range,
                       std::int64_t now_ms);

}  // namespace rollcall::attendance
