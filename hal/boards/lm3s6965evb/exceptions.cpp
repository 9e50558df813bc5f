// The end of a run that nobody wanted: what is known of it goes into the crash memory, and the chip
// starts anew.
#include <cstdint>

#include "hal/boards/lm3s6965evb/interrupts.hpp"
#include "hal/boards/lm3s6965evb/registers.hpp"
#include "hal/boards/lm3s6965evb/system.hpp"

using rollcall::hal::CrashCause;
using namespace rollcall::hal::lm3s;

namespace {

// Configurable fault status (DDI 0403, B3.2.15): memory management, bus and usage faults.
constexpr std::uint32_t of_fetching = 1u << 0 | 1u << 8;
constexpr std::uint32_t of_stacking = 1u << 4 | 1u << 12;  // others may follow from it
constexpr std::uint32_t of_memory = 0xffff;
constexpr std::uint32_t undefined_or_invalid_state = 3u << 16;

CrashCause cause_of(std::uint32_t exception) {
  if (exception == 16 + interrupt::watchdog) return CrashCause::watchdog;
  if (exception >= 16) return CrashCause::interrupt;
  const std::uint32_t status = word(core::fault_status);
  if (status & of_stacking) return CrashCause::access;
  if (status & (of_fetching | undefined_or_invalid_state)) return CrashCause::instruction;
  return status & of_memory ? CrashCause::access : CrashCause::fault;
}

}  // namespace

extern "C" {

// `frame` is what the processor put on the stack: r0 to r3, r12, lr, pc, xpsr (DDI 0403, B1.5.6);
// null when the stack had run out.
[[noreturn, gnu::used]] void board_stopped(const std::uint32_t* frame, std::uint32_t exception) {
  end_with_crash(cause_of(exception), frame ? frame[6] : 0, frame ? frame[5] : 0);
}

// The stack lies below everything else in RAM: where it runs out there is no memory, and no frame.
// Then the work goes on at its top, where nobody returns to.
[[gnu::naked]] void board_exception() {
  asm volatile(
      "mov r0, sp\n"
      "ldr r1, =stack_bottom\n"
      "add r1, #128\n"
      "cmp r0, r1\n"
      "bhs 1f\n"
      "ldr r2, =stack_top\n"
      "mov sp, r2\n"
      "movs r0, #0\n"
      "1: mrs r1, ipsr\n"
      "b board_stopped\n");
}

[[noreturn]] void board_fault() {
  end_with_crash(CrashCause::broken, reinterpret_cast<std::uint32_t>(__builtin_return_address(0)),
                 0);
}

}  // extern "C"
