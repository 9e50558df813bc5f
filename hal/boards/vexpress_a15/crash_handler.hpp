// What becomes of a fault: a record that the next start finds, then a reset.
#pragma once

#include <cstdint>

#include "hal/crash.hpp"

namespace rollcall::hal::vexpress {

// In memory that a reset leaves alone.
extern CrashMemory crash_memory;

// Of a fault, also called by start.S. Never returns.
extern "C" [[noreturn]] void board_crash(CrashCause cause, std::uint32_t pc, std::uint32_t lr);

// Everything from the start, as after power-on, but for crash_memory.
[[noreturn]] void reset_board();

}  // namespace rollcall::hal::vexpress
