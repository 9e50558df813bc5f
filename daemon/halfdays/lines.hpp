// What a session's participants did on one day: the lines of its sheet, as the days say now.
// Thread: the writer, or a reader on its snapshot.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "daemon/attendance/half_day.hpp"
#include "daemon/attendance/local_time.hpp"
#include "daemon/config/config.hpp"
#include "daemon/roster/timetable.hpp"
#include "daemon/sheets/sheet.hpp"
#include "daemon/store/database.hpp"

namespace rollcall::halfdays {

// One session of one local day: what one sheet is for.
struct SheetKey {
  std::string session;
  std::string day;  // ISO date
};

// How a person is written on paper: the name, or the pseudonym where identity is protected or there
// is no name. An account that acts for nobody of the roster is written as it signs in.
sheets::Person shown(store::Database& db, const std::string& person);

// What the timetable says of the sheet, before anybody has come. `session` is on an ISO date.
sheets::Sheet planned_sheet(store::Database& db, const config::Config& config,
                            const attendance::TimeZone& zone, const roster::SessionOn& session);

struct Participant {
  std::string person;
  attendance::HalfDay half_day;
  sheets::Line line;
};

// Who is enrolled on that day or was there, in order of their pseudonyms.
std::vector<Participant> participants(store::Database& db, const config::Config& config,
                                      const attendance::TimeZone& zone,
                                      const roster::SessionOn& session, std::int64_t now_ms);

}  // namespace rollcall::halfdays
