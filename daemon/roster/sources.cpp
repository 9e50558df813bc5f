#include "daemon/roster/sources.hpp"

#include <utility>

#include "daemon/attendance/local_time.hpp"
#include "daemon/roster/archive.hpp"
#include "daemon/roster/calendar.hpp"
#include "daemon/roster/oneroster.hpp"
#include "daemon/roster/roster.hpp"

namespace rollcall::roster {
namespace {

using Errors = std::vector<std::string>;

std::expected<Reading, Errors> read_own(std::vector<File> files, const CardHash& hash) {
  Files known;
  bool any = false;
  for (File& file : files) {
    for (const auto& [name, place] :
         {std::pair{"people.csv", &known.people}, std::pair{"cards.csv", &known.cards},
          std::pair{"sessions.csv", &known.sessions}, std::pair{"days.csv", &known.days},
          std::pair{"enrolments.csv", &known.enrolments},
          std::pair{"guardians.csv", &known.guardians}, std::pair{"merges.csv", &known.merges}}) {
      if (file.name != name) continue;
      *place = std::move(file);
      any = true;
      break;
    }
  }
  if (!any) {
    return std::unexpected(Errors{
        "the archive has neither users.csv of OneRoster nor people.csv, cards.csv, sessions.csv, "
        "days.csv, enrolments.csv, guardians.csv or merges.csv"});
  }
  return read_files(known, "csv", hash);
}

std::expected<Reading, Errors> read_timetable(const Upload& upload, const config::Config& config,
                                              const std::string& today) {
  const attendance::TimeZone zone(config.site.timezone);
  const ToLocal to_local = [&zone](std::int64_t unix_ms) {
    attendance::LocalTime local = zone.at(unix_ms);
    return LocalMinute{std::move(local.day), local.minute};
  };
  auto reading =
      read_calendar(upload.body, {"calendar:" + upload.name, upload.course, today}, to_local);
  if (!reading) return std::unexpected(Errors{reading.error()});
  return std::move(*reading);
}

}  // namespace

std::expected<Reading, Errors> read_upload(const Upload& upload, const config::Config& config,
                                           const CardHash& hash, const std::string& today) {
  if (upload.body.empty()) return read(config.roster, hash);
  if (is_calendar(upload.body)) return read_timetable(upload, config, today);
  auto files = unpack(upload.body);
  if (!files) return std::unexpected(Errors{files.error()});
  return is_oneroster(*files) ? read_oneroster(*files, hash) : read_own(std::move(*files), hash);
}

}  // namespace rollcall::roster
