// Brings the log to what a day comes to: states conclusions that are new and corrects those that
// changed. The log with all corrections applied is then the concluded day. Thread: the writer,
// inside a transaction.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/attendance/person_day.hpp"
#include "daemon/attendance/recorder.hpp"
#include "daemon/config/config.hpp"
#include "daemon/store/database.hpp"

namespace rollcall::attendance {

// Why conclusions change: kind as the schema of attendance.corrected has it.
struct Cause {
  std::string_view kind;       // late_tap, card_attached, roster, staff, person, rule
  std::string text;            // one sentence, no names
  std::string actor = "rule";  // or who of the staff, or the person

  // It is what people said that a conclusion by this rule rests on.
  bool states(std::string_view rule) const {
    return rule == kind && (kind == "staff" || kind == "person");
  }
};

// A stay whose end has long been due when its arrival becomes known waits so long for an exit that
// may come with it, out of the same queue.
inline constexpr std::chrono::minutes exit_may_follow{2};
enum class Closing : std::uint8_t { now, later };

// `concluded`: what `day` comes to. Events that were new to the log are those of facts that had
// none; a conclusion whose fact has been purged stays as it is.
void settle(store::Database& db, const config::Config& config, const PersonDay& day,
            const ConcludedDay& concluded, const Cause& cause, const HostTime& host,
            Closing closing = Closing::now);

// The same when the day's last fact has just been recorded, at `position`, and had no id before
// (0).
void settle_recorded(store::Database& db, const config::Config& config, PersonDay day,
                     ConcludedDay concluded, std::int64_t position, const Cause& cause,
                     const HostTime& host, Closing closing = Closing::now);

// Reads, concludes and settles one day of a person who is known; false when nobody has that id.
bool settle_day(store::Database& db, const config::Config& config, const std::string& person,
                const std::string& day, const Cause& cause, const HostTime& host);

// That this day may come to something else from `due_ms` on, Unix ms. `cause`: roster or rule.
void mark_unsettled(store::Database& db, const std::string& person, const std::string& day,
                    std::string_view cause, std::int64_t due_ms = 0);

// The same of everybody who moved on that day.
void mark_day_unsettled(store::Database& db, const std::string& day, std::string_view cause);

// Settles days whose time has come, `limit` of them at most; true when more may wait. While the
// host's own clock is in doubt nobody is taken out by it.
bool settle_due(store::Database& db, const config::Config& config, const HostTime& host, int limit);

}  // namespace rollcall::attendance
