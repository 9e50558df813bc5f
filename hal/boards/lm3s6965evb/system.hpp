// Clocks, time, sleep and the ways a run ends.
#pragma once

#include <chrono>
#include <cstdint>

#include "hal/bytes.hpp"
#include "hal/clock.hpp"
#include "hal/crash.hpp"
#include "hal/reset.hpp"

namespace rollcall::hal::lm3s {

inline constexpr std::uint32_t clock_hz = 50'000'000;

// 50 MHz from the PLL and the board's 8 MHz crystal; clocks of the peripherals in use; SysTick once
// a millisecond.
void start_clocks();

// Counts the ticks of SysTick. No calendar: the board has no battery.
class TickClock final : public Clock {
 public:
  std::chrono::milliseconds monotonic() override;
  std::optional<std::chrono::milliseconds> calendar() override { return {}; }
};

// Called by interrupt handlers: the loop has something to look at.
void wake();
// Waits until wake() was called since the last return, or `until` of TickClock. No call is missed,
// whenever it comes.
void sleep_until(std::chrono::milliseconds until);

// Ends the program and starts it anew when feed() stays out for `period`, at most 85 s; whoever
// feeds it answers for everything.
class Watchdog {
 public:
  void start(std::chrono::milliseconds period);
  void feed();
};

// Why this run began.
enum class StartCause : std::uint8_t { power_on, brown_out, watchdog, restart, crash };
StartCause start_cause();

// Little that may differ between two starts: what was in RAM, how long things took so far. A guess
// away from being known, and better than nothing where nothing else differs.
Bytes start_traces();

// What the firmware and its faults say to the next start: RAM that a reset leaves alone.
extern CrashMemory crash_memory;

// Each of them resets the chip. `pc` and `lr` as of hal::Crash.
[[noreturn]] void end_with_restart();
[[noreturn]] void end_with_crash(CrashCause cause, std::uint32_t pc, std::uint32_t lr);

class SystemReset final : public Reset {
 public:
  void restart() override { end_with_restart(); }
};

}  // namespace rollcall::hal::lm3s
