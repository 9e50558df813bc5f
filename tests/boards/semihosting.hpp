// Talks to the debugger or to QEMU (-semihosting) from an image on the target: ARM's "Semihosting
// for AArch32 and AArch64", operations SYS_WRITE0 and SYS_EXIT_EXTENDED.
#pragma once

#include <cstdint>

namespace rollcall::boards {

inline std::uint32_t semihosting(std::uint32_t operation, const void* argument) {
  register std::uint32_t r0 asm("r0") = operation;
  register const void* r1 asm("r1") = argument;
  asm volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

// `text` ends with a zero byte.
inline void print(const char* text) {
  semihosting(0x04, text);
}

inline void print(std::uint32_t number) {
  char text[11];
  char* at = text + sizeof text - 1;
  *at = 0;
  do *--at = static_cast<char>('0' + number % 10);
  while ((number /= 10) != 0);
  print(at);
}

// Ends QEMU with this code.
[[noreturn]] inline void exit_with(std::uint32_t code) {
  const std::uint32_t reason[] = {0x20026, code};  // ADP_Stopped_ApplicationExit
  semihosting(0x20, reason);
  for (;;) {
  }
}

}  // namespace rollcall::boards
