// Start-up of the LM3S6965: the vector table, memory as C++ expects it, then board_main().
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "hal/boards/lm3s6965evb/interrupts.hpp"
#include "hal/boards/lm3s6965evb/registers.hpp"

extern "C" {

using Handler = void (*)();

// Addresses that image.ld defines.
extern std::uint8_t stack_top[], data_load[], data_begin[], data_end[], bss_begin[], bss_end[];
extern const Handler init_begin[], init_end[];

// Of the image: its program, which does not return.
void board_main();

[[noreturn]] void abort() {
  board_fault();
}
[[noreturn]] void __cxa_pure_virtual() {
  board_fault();
}

[[gnu::weak]] void board_exception() {
  board_fault();
}
[[gnu::weak, gnu::alias("board_exception")]] void board_tick();
[[gnu::weak, gnu::alias("board_exception")]] void board_uart0();
[[gnu::weak, gnu::alias("board_exception")]] void board_uart1();
[[gnu::weak, gnu::alias("board_exception")]] void board_uart2();
[[gnu::weak, gnu::alias("board_exception")]] void board_ports();

[[noreturn]] void board_reset() {
  std::memcpy(data_begin, data_load, static_cast<std::size_t>(data_end - data_begin));
  std::memset(bss_begin, 0, static_cast<std::size_t>(bss_end - bss_begin));
  for (const Handler* init = init_begin; init != init_end; ++init) (*init)();
  board_main();
  board_fault();
}

}  // extern "C"

namespace {

namespace interrupt = rollcall::hal::lm3s::interrupt;

constexpr std::size_t exceptions = 15;  // ARMv7-M; the interrupts come behind them
constexpr std::size_t systick = 15 - 1;

struct Vectors {
  std::uint8_t* stack;
  Handler handler[exceptions + interrupt::count];
};

constexpr Vectors make_vectors() {
  Vectors vectors{stack_top, {}};
  for (Handler& handler : vectors.handler) handler = board_exception;
  vectors.handler[0] = board_reset;
  vectors.handler[systick] = board_tick;
  vectors.handler[exceptions + interrupt::uart0] = board_uart0;
  vectors.handler[exceptions + interrupt::uart1] = board_uart1;
  vectors.handler[exceptions + interrupt::uart2] = board_uart2;
  vectors.handler[exceptions + interrupt::port_e] = board_ports;
  vectors.handler[exceptions + interrupt::port_f] = board_ports;
  return vectors;
}

[[gnu::section(".vectors"), gnu::used]] constexpr Vectors vectors = make_vectors();

}  // namespace
