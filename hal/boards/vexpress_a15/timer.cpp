#include "hal/boards/vexpress_a15/timer.hpp"

#include <algorithm>

#include "hal/boards/vexpress_a15/interrupts.hpp"
#include "hal/boards/vexpress_a15/registers.hpp"

namespace rollcall::hal::vexpress {
namespace {

std::uint64_t started_at = 0;
std::uint32_t ticks_a_second = 1;

std::uint64_t ticks() {
  std::uint32_t low, high;
  asm volatile("isb\n mrrc p15, 1, %0, %1, c14" : "=r"(low), "=r"(high)::"memory");  // CNTVCT
  return std::uint64_t{high} << 32 | low;
}

void set_alarm(std::uint64_t at) {
  asm volatile("mcrr p15, 3, %0, %1, c14" ::"r"(static_cast<std::uint32_t>(at)),
               "r"(static_cast<std::uint32_t>(at >> 32)));  // CNTV_CVAL
}

void enable_alarm(bool on) {
  asm volatile("mcr p15, 0, %0, c14, c3, 1\n isb" ::"r"(on ? 1 : 0));  // CNTV_CTL
}

void on_alarm(void*) {
  enable_alarm(false);
}

// Rounded up, so that the deadline has come when the alarm goes off.
std::uint64_t ticks_at(std::uint64_t ms) {
  return started_at + ms / 1000 * ticks_a_second + (ms % 1000 * ticks_a_second + 999) / 1000;
}

}  // namespace

void start_timer() {
  enable_alarm(false);
  asm volatile("mrc p15, 0, %0, c14, c0, 0" : "=r"(ticks_a_second));  // CNTFRQ, of the loader
  started_at = ticks();
  handle_interrupt(interrupt::virtual_timer, on_alarm, nullptr);
}

std::uint64_t uptime_ms() {
  const std::uint64_t since = ticks() - started_at;
  return since / ticks_a_second * 1000 + since % ticks_a_second * 1000 / ticks_a_second;
}

void sleep_until(std::chrono::milliseconds deadline) {
  // `deadline` may be the end of all time; to wake in vain once a day costs nothing.
  constexpr std::chrono::milliseconds longest = std::chrono::hours(24);
  const std::chrono::milliseconds now(static_cast<std::int64_t>(uptime_ms()));
  const auto at = std::min(deadline, now + longest);
  {
    const InterruptsOff off;
    if (!interrupted()) {
      set_alarm(ticks_at(static_cast<std::uint64_t>(std::max(at, now).count())));
      enable_alarm(true);
      // A pending interrupt ends this although interrupts are off; its handler runs after it.
      asm volatile("dsb\n wfi" ::: "memory");
      enable_alarm(false);
    }
  }
  forget_interrupted();
}

}  // namespace rollcall::hal::vexpress
