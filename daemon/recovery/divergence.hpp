// Finds out that this database and the case system have parted, and starts the way back: a new log
// epoch, a note for staff, and the list of epochs whose events must be fetched. No Asio here.
// Thread: writer jobs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/attendance/recorder.hpp"
#include "daemon/config/config.hpp"
#include "daemon/recovery/high_water.hpp"
#include "daemon/store/database.hpp"

namespace rollcall::recovery {

// As in docs/api/events/security.log_diverged.v1.json.
enum class Cause { behind, different, fork, gap };
std::string_view name(Cause cause);

// The same question to the high-water file and to the case system's `state`: is the event at this
// place of the log the one that the other side remembers? Nothing = in step.
std::optional<Cause> compare(store::Database& db, const Mark& remembered);

// An epoch whose events are to be fetched, from behind `after`.
struct Missing {
  std::string epoch;
  std::int64_t after = 0;
};

// What is still to be fetched; kept in the database until it is done. Empty = nothing.
std::vector<Missing> missing(store::Database& db);
void set_missing(store::Database& db, const std::vector<Missing>& left);

// The last state of the case system that was reconciled: it is not looked at twice.
std::optional<Mark> reconciled(store::Database& db);
void set_reconciled(store::Database& db, const Mark& mark);

// Opens a new log epoch, writes security.log_diverged as its first event and the inbox entry
// "restored", and remembers what to fetch: every epoch this database, `marks` or `remote` knows.
// Returns the new epoch.
std::string diverge(store::Database& db, const config::Config& config, Cause cause,
                    const std::vector<Mark>& marks, const std::optional<Mark>& remote,
                    const attendance::HostTime& now);

}  // namespace rollcall::recovery
