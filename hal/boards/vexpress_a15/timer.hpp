// Time and sleep: the generic timer of the core (ARMv7-A, DDI 0406 B8), which counts without end.
// The virtual one of its timers, which is the same from any security state.
#pragma once

#include <chrono>
#include <cstdint>

#include "hal/clock.hpp"

namespace rollcall::hal::vexpress {

// Once, from start-up. Time counts from here.
void start_timer();
std::uint64_t uptime_ms();

class TimerClock final : public Clock {
 public:
  std::chrono::milliseconds monotonic() override {
    return std::chrono::milliseconds(static_cast<std::int64_t>(uptime_ms()));
  }
  // No part of this board promises to keep the time without power.
  std::optional<std::chrono::milliseconds> calendar() override { return std::nullopt; }
};

// Waits with the core asleep until `deadline`, or for an interrupt: one that came since the last
// return, while the caller was still looking at its devices, is not slept through.
void sleep_until(std::chrono::milliseconds deadline);

}  // namespace rollcall::hal::vexpress
