// What staff hand in, as a reading: an archive with our own CSV files or a OneRoster export, a
// calendar, or nothing at all: then the files of the configuration are read again.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "daemon/config/config.hpp"
#include "daemon/roster/files.hpp"

namespace rollcall::roster {

struct Upload {
  std::string body;                // archive or calendar; empty = the files of the configuration
  std::string name = "timetable";  // of a calendar: which one it takes the place of
  std::string course = {};         // of its events that name none
};

// Runs for a while: on a thread of the pool. `today` is a local ISO date. The errors are sentences;
// nothing can be used then.
std::expected<Reading, std::vector<std::string>> read_upload(const Upload& upload,
                                                             const config::Config& config,
                                                             const CardHash& hash,
                                                             const std::string& today);

}  // namespace rollcall::roster
