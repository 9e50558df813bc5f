// One person's local day out of the tables: what was tapped and stated, and the sessions it is
// judged by. Thread: the writer, or a reader on its snapshot.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/attendance/bracket.hpp"
#include "daemon/attendance/day.hpp"
#include "daemon/attendance/facts.hpp"
#include "daemon/attendance/local_time.hpp"
#include "daemon/config/config.hpp"
#include "daemon/roster/timetable.hpp"
#include "daemon/store/database.hpp"

namespace rollcall::attendance {

struct PersonDay {
  Person person;
  std::string day;  // ISO date
  DayFacts facts;
};

// When a row of `tap` says it was: time_ms, trust, not_before_ms, not_after_ms from this column on.
events::TimeBlock time_of_row(const store::Statement& row, int column);

// The day that an instant belongs to: that of the clock on the wall, but for somebody whose session
// began the day before and is not long over.
std::string day_of(store::Database& db, const TimeZone& zone, const std::string& person,
                   std::int64_t at_ms);
// The same of a time between two instants; nothing when they lie on two days.
std::optional<std::string> day_of(store::Database& db, const TimeZone& zone,
                                  const std::string& person, const Instants& instants);

// Within which a card counts once at a terminal, ms.
std::int64_t double_tap_window(const config::Config& config);

// All facts of that day, and the sessions it is judged by.
PersonDay read_day(store::Database& db, const config::Config& config, const TimeZone& zone,
                   const Person& person, const std::string& day);

// The same of many days and people: what they share is read once. Nothing of it must change
// meanwhile.
class DaysReader {
 public:
  DaysReader(store::Database& db, const config::Config& config, const TimeZone& zone);
  // Every day from `from` to `until`, ISO dates, that has a fact, in order of time.
  std::vector<PersonDay> read(const Person& person, const std::string& from,
                              const std::string& until);
  // A day whatever it has.
  PersonDay read(const Person& person, const std::string& day);

 private:
  PersonDay judged_by(const Person& person, const std::string& day);

  store::Database& db_;
  const config::Config& config_;
  const TimeZone& zone_;
  roster::TimetableReader timetable_;
};

}  // namespace rollcall::attendance
