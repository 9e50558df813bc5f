#include "daemon/clock/host_clock.hpp"

#include <sys/timex.h>

namespace rollcall::clock {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

// A clock that was set back by less than this is still the same clock: leap seconds, slow
// corrections.
constexpr std::int64_t floor_tolerance_ms = 2000;

bool kernel_synchronised() {
  timex state{};
  return ::adjtimex(&state) != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
}

}  // namespace

protocol::ClockTrust trust(bool kernel_synchronised, std::int64_t wall_ms, std::int64_t floor_ms) {
  if (wall_ms + floor_tolerance_ms < floor_ms) return protocol::ClockTrust::unproven;
  return kernel_synchronised ? protocol::ClockTrust::synced : protocol::ClockTrust::drifting;
}

HostClock::HostClock(store::Database& db) {
  db.exec(
      "INSERT INTO meta (key, value) VALUES ('boot', '1')"
      " ON CONFLICT (key) DO UPDATE SET value = CAST(value AS INTEGER) + 1");
  auto boot = db.prepare("SELECT value FROM meta WHERE key = 'boot'");
  boot.step();
  boot_ = static_cast<std::uint32_t>(boot.integer(0));
  auto newest = db.prepare(
      "SELECT coalesce(max(recorded_ms), 0) FROM (SELECT recorded_ms FROM log"
      " ORDER BY position DESC LIMIT 1000)");
  newest.step();
  floor_ms_ = newest.integer(0);
}

attendance::HostTime HostClock::now() const {
  attendance::HostTime time;
  time.wall_ms =
      duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  time.monotonic_ms = static_cast<std::uint64_t>(
      duration_cast<milliseconds>(std::chrono::steady_clock::now() - start_).count());
  time.boot = boot_;
  std::int64_t floor = floor_ms_;
  time.trust = trust(kernel_synchronised(), time.wall_ms, floor);
  // The floor rises with time that is not in doubt.
  while (time.trust == protocol::ClockTrust::synced && time.wall_ms > floor &&
         !floor_ms_.compare_exchange_weak(floor, time.wall_ms)) {
  }
  return time;
}

}  // namespace rollcall::clock
