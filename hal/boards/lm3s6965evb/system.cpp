#include "hal/boards/lm3s6965evb/system.hpp"

#include "hal/boards/lm3s6965evb/interrupts.hpp"
#include "hal/boards/lm3s6965evb/registers.hpp"

namespace rollcall::hal::lm3s {

[[gnu::section(".noinit")]] CrashMemory crash_memory;

namespace {

constinit volatile std::uint32_t ticks_low = 0;
constinit volatile std::uint32_t ticks_high = 0;
constinit volatile bool awake = true;  // the first turn of the loop waits for nothing

// How the run before ended, beside crash_memory: a run that ends without a word was the watchdog's.
// Memory that lost its charge holds none of these.
enum class Ending : std::uint32_t {
  none = 0x72756e73,  // the run goes on
  restart = 0x65786974,
  crash = 0x66617574,
  watchdog = 0x64617764,
};
[[gnu::section(".noinit")]] volatile Ending ending;
// Never written but for one word: as power-on left it.
[[gnu::section(".noinit")]] std::uint32_t traces[16];
constinit StartCause cause = StartCause::power_on;

// System control, reset cause [5.5]: what happened since the program last cleared them. QEMU leaves
// them 0.
constexpr std::uint32_t external_reset = 1u << 0;  // the button
constexpr std::uint32_t power_on_reset = 1u << 1;
constexpr std::uint32_t brown_out_reset = 1u << 2;
constexpr std::uint32_t watchdog_reset = 1u << 3;

StartCause cause_of(std::uint32_t bits, Ending before) {
  if (bits & (external_reset | power_on_reset)) return StartCause::power_on;
  if (bits & brown_out_reset) return StartCause::brown_out;
  switch (before) {
    case Ending::restart:
      return StartCause::restart;
    case Ending::crash:
      return StartCause::crash;
    case Ending::watchdog:
    case Ending::none:
      return StartCause::watchdog;
  }
  return bits & watchdog_reset ? StartCause::watchdog : StartCause::power_on;
}

void look_back() {
  cause = cause_of(word(system_control::reset_cause), ending);
  word(system_control::reset_cause) = 0;
  ending = Ending::none;
  crash_memory.begin();
}

[[noreturn]] void end_run(Ending how) {
  ending = how;
  constexpr std::uint32_t key_and_request = 0x05fa0004;
  asm volatile("dsb" : : : "memory");
  word(core::reset_control) = key_and_request;
  while (true) asm volatile("wfi");
}

}  // namespace

void start_clocks() {
  look_back();
  // [5.2.4.5]: crystal first, with the PLL bypassed; then the PLL with 200 MHz / 4, once it locked.
  constexpr std::uint32_t bypass = 1u << 11, power_down = 1u << 13, use_divider = 1u << 22;
  constexpr std::uint32_t crystal_8mhz = 0xeu << 6, source_and_crystal = 0x3fu << 4;
  constexpr std::uint32_t divide_by_4 = 3u << 23, divider = 0xfu << 23, main_off = 1u;
  constexpr std::uint32_t pwm_by_64 = 1u << 20 | 7u << 17;
  constexpr std::uint32_t locked = 1u << 6;
  std::uint32_t clock = (word(system_control::run_clock) | bypass) & ~(use_divider | main_off);
  word(system_control::run_clock) = clock;
  clock = (clock & ~(source_and_crystal | power_down)) | crystal_8mhz;
  word(system_control::run_clock) = clock;
  clock = (clock & ~divider) | divide_by_4 | use_divider | pwm_by_64;
  word(system_control::run_clock) = clock;
  while (!(word(system_control::raw_interrupts) & locked)) {
  }
  word(system_control::run_clock) = clock & ~bypass;

  set_bits(system_control::clock_gate_0, 1u << 3 | 1u << 20);
  set_bits(system_control::clock_gate_1, 1u << 0 | 1u << 1 | 1u << 2 | 1u << 4);
  set_bits(system_control::clock_gate_2, 0x7f);
  // A peripheral answers three cycles later.
  [[maybe_unused]] const std::uint32_t wait = word(system_control::clock_gate_2);

  word(core::systick_reload) = clock_hz / 1000 - 1;
  word(core::systick_current) = 0;
  word(core::systick_control) = 7;  // from the processor's clock, with its exception
}

std::chrono::milliseconds TickClock::monotonic() {
  const InterruptLock lock;
  return std::chrono::milliseconds(std::uint64_t{ticks_high} << 32 | ticks_low);
}

void wake() {
  awake = true;
}

void sleep_until(std::chrono::milliseconds until) {
  TickClock clock;
  while (true) {
    // With interrupts masked nothing comes between the look and the wait; WFI ends for an interrupt
    // that is pending all the same, and its handler runs when the lock is gone.
    const InterruptLock lock;
    if (awake || clock.monotonic() >= until) {
      awake = false;
      return;
    }
    asm volatile("dsb\n wfi" : : : "memory");
  }
}

// Counts down twice: the first end is an interrupt, which says where the program hangs; the second
// resets the chip [10.2].
void Watchdog::start(std::chrono::milliseconds period) {
  constexpr std::uint32_t key = 0x1acce551;
  constexpr std::uint32_t with_interrupt_and_reset = 3;
  word(watchdog::lock) = key;
  word(watchdog::load) = static_cast<std::uint32_t>(period.count()) * (clock_hz / 1000);
  word(watchdog::control) = with_interrupt_and_reset;
  word(core::interrupt_enable) = 1u << interrupt::watchdog;
}

void Watchdog::feed() {
  word(watchdog::interrupt_clear) = 1;
}

StartCause start_cause() {
  return cause;
}

Bytes start_traces() {
  traces[0] = word(core::systick_current);
  return {reinterpret_cast<const std::uint8_t*>(traces), sizeof traces};
}

void end_with_restart() {
  asm volatile("cpsid i");
  crash_memory.restarting();
  end_run(Ending::restart);
}

void end_with_crash(CrashCause why, std::uint32_t pc, std::uint32_t lr) {
  asm volatile("cpsid i");
  crash_memory.record(why, pc, lr, ticks_low);
  end_run(why == CrashCause::watchdog ? Ending::watchdog : Ending::crash);
}

}  // namespace rollcall::hal::lm3s

extern "C" void board_tick() {
  using namespace rollcall::hal::lm3s;
  ticks_low = ticks_low + 1;
  if (ticks_low == 0) ticks_high = ticks_high + 1;
}
