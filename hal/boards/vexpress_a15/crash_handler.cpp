#include "hal/boards/vexpress_a15/crash_handler.hpp"

#include "hal/boards/vexpress_a15/registers.hpp"
#include "hal/boards/vexpress_a15/timer.hpp"

namespace rollcall::hal::vexpress {

[[gnu::section(".noinit")]] CrashMemory crash_memory;

namespace {

// SYS_CFGCTRL (DUI 0447 4.5): start, write, function 9 = reboot of the motherboard.
constexpr std::uintptr_t configuration_control = system_registers + 0xa4;
constexpr std::uint32_t reboot = 1u << 31 | 1u << 30 | 9u << 20;

bool crashing = false;

}  // namespace

void reset_board() {
  asm volatile("cpsid aif\n dsb" ::: "memory");
  reg(configuration_control) = reboot;
  for (;;) asm volatile("wfi");
}

void board_crash(CrashCause cause, std::uint32_t pc, std::uint32_t lr) {
  // A fault in here would come back: the first one is the one to tell.
  if (!crashing) {
    crashing = true;
    const auto uptime = static_cast<std::uint32_t>(uptime_ms());
    crash_memory.record(cause, pc, lr, uptime);
  }
  reset_board();
}

extern "C" [[noreturn]] void abort() {
  const auto caller = reinterpret_cast<std::uintptr_t>(__builtin_return_address(0));
  board_crash(CrashCause::broken, caller, 0);
}
extern "C" [[noreturn]] void __cxa_pure_virtual() {
  const auto caller = reinterpret_cast<std::uintptr_t>(__builtin_return_address(0));
  board_crash(CrashCause::broken, caller, 0);
}

}  // namespace rollcall::hal::vexpress
