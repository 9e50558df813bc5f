// A day gone by keeps the timetable it had (docs/decisions/0019). Staff may correct it: an act of
// its own, that names who and why. Thread: the writer, inside the caller's transaction.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "daemon/roster/records.hpp"
#include "daemon/store/database.hpp"

namespace rollcall::roster {

struct DayCorrection {
  std::string session;
  std::string day;                              // ISO date, before today
  bool cancelled = false;                       // it did not take place
  std::optional<int> start_minute, end_minute;  // both or none; nothing = as they were
};

// Who moved on that day is concluded again at once. Returns how many that are; a clause when it
// cannot be: nothing was changed then. `today`: ISO date.
std::expected<int, std::string> correct_day(store::Database& db, const DayCorrection& correction,
                                            const std::string& today);

// Concludes again, when the daemon comes to it, the days from `from_day` to `until_day`, ISO dates,
// of all who moved then and are in the session's course, give it, or were counted for it.
void mark_session_unsettled(store::Database& db, const std::string& session,
                            const std::string& from_day, const std::string& until_day);

}  // namespace rollcall::roster
