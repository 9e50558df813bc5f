#include "daemon/terminals/start_clock.hpp"

#include <algorithm>
#include <cstdlib>

namespace rollcall::terminals {
namespace {

// Whether the host's wall time went on as its monotonic time did, but for slow corrections.
bool steady(const attendance::HostTime& from, const attendance::HostTime& to) {
  const std::int64_t wall = to.wall_ms - from.wall_ms;
  const auto elapsed = static_cast<std::int64_t>(to.monotonic_ms - from.monotonic_ms);
  constexpr std::int64_t slow_correction_ppm = 500;
  return std::abs(wall - elapsed) <=
         protocol::synced_error.count() + elapsed * slow_correction_ppm / 1'000'000;
}

}  // namespace

bool StartClock::welcomed(const attendance::HostTime& now) {
  if (welcomed_) return false;
  welcomed_ = now;
  return true;
}

void StartClock::asked(std::uint32_t boot, std::uint64_t t1_ms, const attendance::HostTime& now) {
  if (!welcomed_ || reading_) return;
  reading_ = Reading{t1_ms, now};
  if (!steady(*welcomed_, now)) return;
  const protocol::ClockTrust trust = std::min(welcomed_->trust, now.trust);
  const auto before = attendance::proven_point(boot, t1_ms, welcomed_->wall_ms, trust);
  const auto after = attendance::proven_point(boot, t1_ms, now.wall_ms, trust);
  if (before && after) {
    point_ = attendance::ProvenPoint{boot, t1_ms, before->earliest_ms, after->latest_ms};
  }
}

std::optional<attendance::ProvenPoint> StartClock::point(const attendance::HostTime& now) const {
  if (!point_ || now.trust == protocol::ClockTrust::unproven || !steady(reading_->at, now)) {
    return std::nullopt;
  }
  return point_;
}

}  // namespace rollcall::terminals
