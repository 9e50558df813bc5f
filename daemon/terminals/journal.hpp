// What the terminals' sessions write and read themselves: who came and went, which numbers are
// known, and stored taps that cannot be read. All run on the writer thread, inside its transaction.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "daemon/attendance/proven_points.hpp"
#include "daemon/attendance/recorder.hpp"
#include "daemon/config/config.hpp"
#include "daemon/store/database.hpp"
#include "protocol/hello.hpp"
#include "protocol/messages.hpp"

namespace rollcall::terminals {

// Appends an event of operation that begins at the daemon, at `now`; adds `time` to `data`.
void append_now(store::Database& db, const char* type, nlohmann::ordered_json data,
                const attendance::HostTime& now);

struct Greeting {
  std::string serial;
  std::string firmware;
  std::uint32_t boot = 0;
  protocol::TerminalState state;
  attendance::HostTime now;
};

struct Known {
  std::uint64_t highest_number = 0;             // of the terminal's epoch; 0 = none
  std::vector<protocol::StorageEpoch> missing;  // epochs whose taps must be sent again, at most 8
  bool new_start = false;  // it was not heard of in this start before, as far as is certain
};

// Keeps the greeting and says what the log knows of the terminal. An epoch is missing when a
// restore marked it, or when the terminal says that taps of it were acknowledged and the log knows
// none.
Known greet(store::Database& db, const Greeting& greeting);

// Event terminal.connected: a terminal has said how it is.
struct Connected {
  std::string serial;
  std::string room;
  std::string link;  // tcp, unix
  std::uint8_t protocol = 1;
  protocol::Hello hello;
  protocol::TerminalState state;
};

// Event terminal.disconnected: one that had said so is gone.
struct Disconnected {
  std::string serial;
  std::string room;
  std::string cause;  // as the contract has it
  std::chrono::milliseconds connected{};
  std::uint64_t unanswered = 0;  // live taps
};
void note_disconnected(store::Database& db, const config::Site& site, const Disconnected& who,
                       const attendance::HostTime& now);

// Event security.terminal_displaced: a newer connection took the place of an older one.
struct Displaced {
  std::string serial;
  std::string room;
  std::uint32_t old_boot = 0;
  std::optional<protocol::StorageEpoch> old_epoch;  // nothing: it had not said so yet
  std::uint32_t new_boot = 0;
  protocol::StorageEpoch new_epoch{};
};

// What the greeting of a terminal is told with: nothing, either or both.
struct Arrival {
  std::optional<Connected> connected;
  std::optional<Displaced> displaced;
  attendance::HostTime now;
};
void note(store::Database& db, const config::Site& site, const Arrival& arrival);

// Epochs of the terminal that a restore marked: their taps must be sent again. At most 8. Any
// connection.
std::vector<protocol::StorageEpoch> marked_epochs(store::Database& db, const std::string& serial);

// The taps of these epochs were sent again.
void clear_resend(store::Database& db, const std::string& serial,
                  const std::vector<protocol::StorageEpoch>& epochs);

void seen(store::Database& db, const std::string& serial, std::int64_t now_ms);

// A tap whose reading cannot be used: its bytes go to the staff inbox, a security event says so,
// and its number counts as known. Doing it again changes nothing.
struct Unreadable {
  std::string serial;
  std::string room;
  protocol::StorageEpoch epoch{};
  std::uint64_t number = 0;
  std::uint32_t boot = 0;
  std::uint64_t monotonic_ms = 0;
  std::int64_t wall_ms = 0;  // 0 = unknown
  protocol::ClockTrust trust = protocol::ClockTrust::unproven;
  std::vector<std::uint8_t> bytes;  // sealed reading, or the tap message as the terminal sent it
  bool opened = false;              // false: the seal did not open; true: what it held is not a tap
  std::optional<attendance::ProvenPoint> start;  // as in a TapReport
};
void keep_unreadable(store::Database& db, const config::Site& site, const Unreadable& tap,
                     const attendance::HostTime& now);

// Event terminal.clock_set: a terminal that had timed taps without a proven clock got the host's
// time, in the same start.
struct ClockSet {
  std::string serial;
  std::string room;
  attendance::ProvenPoint point;          // with a monotonic time; read between its two wall times
  std::optional<std::int64_t> before_ms;  // its time at `point` as it counted before, Unix ms
  attendance::HostTime given;             // the host's time that it has there now
};
void note_clock_set(store::Database& db, const config::Site& site, const ClockSet& what,
                    const attendance::HostTime& now);

// A terminal said that somebody was at its inside: an event, for staff to act on.
struct Tampered {
  std::string serial;
  std::string room;
  protocol::TamperSensor sensor = protocol::TamperSensor::housing;
  bool cleared = false;
  std::uint64_t monotonic_ms = 0;  // of the terminal, since `boot`
  std::uint32_t boot = 0;
};
void note_tampering(store::Database& db, const config::Site& site, const Tampered& what,
                    const attendance::HostTime& now);

}  // namespace rollcall::terminals
