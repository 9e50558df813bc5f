// From start.S to the image: memory as C++ expects it, interrupts, time, then board_main().
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "hal/boards/vexpress_a15/crash_handler.hpp"
#include "hal/boards/vexpress_a15/interrupts.hpp"
#include "hal/boards/vexpress_a15/memory_map.hpp"
#include "hal/boards/vexpress_a15/timer.hpp"

extern "C" {

using Handler = void (*)();

// Addresses that image.ld defines.
extern std::uint8_t bss_begin[], bss_end[];
extern const Handler init_begin[], init_end[];

// Of the image: its program, which does not return.
void board_main();

[[noreturn]] void board_start() {
  using namespace rollcall::hal::vexpress;
  crash_memory.begin();
  std::memset(bss_begin, 0, static_cast<std::size_t>(bss_end - bss_begin));
  map_memory();
  start_interrupts();
  start_timer();
  for (const Handler* init = init_begin; init != init_end; ++init) (*init)();
  asm volatile("cpsie aif" ::: "memory");
  board_main();
  std::abort();
}

}  // extern "C"
