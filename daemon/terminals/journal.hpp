// What the terminals' sessions write and read themselves: who greeted, which numbers are known, and
// stored taps that cannot be read. All run on the writer thread, inside its transaction.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "daemon/attendance/recorder.hpp"
#include "daemon/config/config.hpp"
#include "daemon/store/database.hpp"
#include "protocol/messages.hpp"

namespace rollcall::terminals {

struct Greeting {
  std::string serial;
  std::string firmware;
  std::uint32_t boot = 0;
  protocol::TerminalState state;
  std::int64_t now_ms = 0;
};

struct Known {
  std::uint64_t highest_number = 0;             // of the terminal's epoch; 0 = none
  std::vector<protocol::StorageEpoch> missing;  // epochs whose taps must be sent again, at most 8
};

// Keeps the greeting and says what the log knows of the terminal. An epoch is missing when a
// restore marked it, or when the terminal says that taps of it were acknowledged and the log knows
// none.
Known greet(store::Database& db, const Greeting& greeting);

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
};
void keep_unreadable(store::Database& db, const config::Site& site, const Unreadable& tap,
                     const attendance::HostTime& now);

}  // namespace rollcall::terminals
