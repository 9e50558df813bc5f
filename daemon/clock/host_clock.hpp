// The host's own clock and how far it may be believed.
//
//   synced    the kernel says that a time source disciplines the clock (adjtimex, NTP state)
//   drifting  it does not say so now, but the time is above the floor
//   unproven  the time lies before the floor: the newest proven time this site has recorded
//
// Trust is a pure function of what was read; the class reads it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "daemon/attendance/recorder.hpp"
#include "daemon/store/database.hpp"

namespace rollcall::clock {

// `floor_ms`: 0 = nothing proven was recorded yet.
protocol::ClockTrust trust(bool kernel_synchronised, std::int64_t wall_ms, std::int64_t floor_ms);

class HostClock {
 public:
  // Counts this start of the daemon (meta key "boot") and reads the floor. Thread: before others
  // run.
  explicit HostClock(store::Database& db);

  attendance::HostTime now() const;  // thread-safe

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::uint32_t boot_ = 0;
  mutable std::atomic<std::int64_t> floor_ms_ = 0;
};

}  // namespace rollcall::clock
