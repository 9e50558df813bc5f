// The timetable: which sessions take place on a local day. Weekly lines of `session`, as they were
// before a change in `session_before`, and single days of `session_day` (added, moved, cancelled)
// are put together here and nowhere else.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/store/database.hpp"

namespace rollcall::roster {

// One session on one day. Minutes count from that day's local midnight on the clock on the wall;
// an end above 1440 lies on the next day.
struct SessionOn {
  std::string id;
  std::string day;  // ISO date it begins on: with `id` its one identity
  std::string course;
  std::string title;  // as on the other papers
  std::string kind;   // room, drop_in, one_to_one, work_site or online
  std::string room;   // of that day
  std::optional<std::string> trainer;
  std::string half_day;  // am, pm or eve
  int start_minute = 0;
  int end_minute = 0;
  std::optional<std::string> programme, grant, contract;
  bool open_event = false;  // whoever comes has attended; enrolled or not
  bool cancelled = false;   // was to be and does not take place

  bool operator==(const SessionOn&) const = default;
};

// The timetable as it was read once: for whoever asks for many days and people. It must not change
// meanwhile.
class TimetableReader {
 public:
  explicit TimetableReader(store::Database& db) : db_(db) {}

  const std::vector<SessionOn>& sessions_on(const std::string& day);
  std::vector<SessionOn> sessions_of(const std::string& person, const std::string& day);

 private:
  struct Enrolment {
    std::string course, from_day, until_day;
  };
  const std::vector<Enrolment>& enrolments_of(const std::string& person);

  store::Database& db_;
  std::map<std::string, std::vector<SessionOn>> days_;
  std::map<std::string, std::vector<Enrolment>> enrolments_;
};

// Of the whole site on that day, cancelled ones too; by start, room and id. `day` is an ISO date;
// on anything else there is nothing.
std::vector<SessionOn> sessions_on(store::Database& db, const std::string& day);

// Of these, what `person` is enrolled in or gives on that day. Open events are not among them.
std::vector<SessionOn> sessions_of(store::Database& db, const std::string& person,
                                   const std::string& day);

// Who is enrolled in the course on that day, by id.
std::vector<std::string> enrolled_on(store::Database& db, const std::string& course,
                                     const std::string& day);

// That session on that day, when the timetable has it.
std::optional<SessionOn> session_on(store::Database& db, const std::string& id,
                                    const std::string& day);

// Whether any session that was not cancelled runs at that minute of the day: also one that began
// the day before.
bool any_session_running(store::Database& db, const std::string& day, int minute);

// The ISO date `days` later (earlier when negative); empty when `day` is no date.
std::string day_after(std::string_view day, int days);
// The ISO date on which a minute of `day` lies: of a negative one the date before.
std::string day_at(std::string_view day, int minute);
// Year, month and day exist and are written as in 2026-03-02.
bool is_day(std::string_view text);
// mon, tue, ... of an ISO date; empty when it is none.
std::string weekday_of(std::string_view day);

}  // namespace rollcall::roster
