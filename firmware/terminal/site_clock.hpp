// Wall time as far as the terminal knows it, and how far it may be believed.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "hal/clock.hpp"
#include "protocol/types.hpp"

namespace rollcall::firmware {

// A time that the host has not confirmed for this long counts as drifting: 6 h at 50 ppm is one
// second.
inline constexpr std::chrono::hours clock_confirmed_for{6};

class SiteClock {
 public:
  explicit SiteClock(hal::Clock& clock) : clock_(clock) {}

  // The host's statement. Trust is never above the host's own.
  void set(std::int64_t host_wall_ms, protocol::ClockTrust host_trust) {
    offset_ms_ = host_wall_ms - base_ms();
    trust_ = host_trust;
    known_ = true;
    confirmed_at_ = clock_.monotonic();
  }

  struct Reading {
    std::int64_t wall_ms = 0;  // 0 = none
    protocol::ClockTrust trust = protocol::ClockTrust::unproven;
  };
  Reading now() {
    if (!known_) {
      const auto calendar = clock_.calendar();
      return {calendar ? calendar->count() : 0, protocol::ClockTrust::unproven};
    }
    const bool recent = clock_.monotonic() - confirmed_at_ < clock_confirmed_for;
    return {base_ms() + offset_ms_,
            recent ? trust_ : std::min(trust_, protocol::ClockTrust::drifting)};
  }

 private:
  // The calendar clock carries the time where there is one, the monotonic clock elsewhere.
  std::int64_t base_ms() {
    const auto calendar = clock_.calendar();
    return calendar ? calendar->count() : clock_.monotonic().count();
  }

  hal::Clock& clock_;
  bool known_ = false;
  std::int64_t offset_ms_ = 0;
  protocol::ClockTrust trust_ = protocol::ClockTrust::unproven;
  std::chrono::milliseconds confirmed_at_{0};
};

}  // namespace rollcall::firmware
