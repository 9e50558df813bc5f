#include "hal/boards/vexpress_a15/interrupts.hpp"

#include "hal/boards/vexpress_a15/crash_handler.hpp"
#include "hal/boards/vexpress_a15/registers.hpp"

namespace rollcall::hal::vexpress {
namespace {

// Distributor (IHI 0048 4.3), CPU interface (4.4).
constexpr std::uintptr_t distributor_control = interrupt_distributor;
constexpr std::uintptr_t enable_set = interrupt_distributor + 0x100;     // a bit each
constexpr std::uintptr_t enable_clear = interrupt_distributor + 0x180;   // a bit each
constexpr std::uintptr_t pending_clear = interrupt_distributor + 0x280;  // a bit each
constexpr std::uintptr_t priorities = interrupt_distributor + 0x400;     // a byte each
constexpr std::uintptr_t targets = interrupt_distributor + 0x800;        // a byte each
constexpr std::uintptr_t interface_control = interrupt_interface;
constexpr std::uintptr_t priority_mask = interrupt_interface + 0x04;
constexpr std::uintptr_t acknowledge = interrupt_interface + 0x0c;
constexpr std::uintptr_t end_of_interrupt = interrupt_interface + 0x10;
constexpr unsigned first_spurious = 1020;

struct Entry {
  InterruptHandler handler = nullptr;
  void* context = nullptr;
};
Entry entries[interrupt::count];
volatile bool one_came = false;

}  // namespace

void start_interrupts() {
  reg(distributor_control) = 0;
  for (unsigned id = 0; id < interrupt::count; id += 32) {
    reg(enable_clear + id / 8) = 0xffffffff;
    reg(pending_clear + id / 8) = 0xffffffff;
  }
  for (unsigned id = 0; id < interrupt::count; id += 4) {
    reg(priorities + id) = 0x80808080;  // all alike: none interrupts another
    reg(targets + id) = 0x01010101;     // this core
  }
  reg(priority_mask) = 0xff;
  reg(interface_control) = 1;
  reg(distributor_control) = 1;
}

void handle_interrupt(unsigned id, InterruptHandler handler, void* context) {
  entries[id] = {handler, context};
  reg(enable_set + id / 32 * 4) = 1u << id % 32;
}

bool interrupted() {
  return one_came;
}
void forget_interrupted() {
  one_came = false;
}

extern "C" void board_interrupt() {
  const std::uint32_t word = reg(acknowledge);
  const unsigned id = word & 0x3ff;
  if (id >= first_spurious) return;
  if (id >= interrupt::count || entries[id].handler == nullptr) {
    board_crash(CrashCause::interrupt, id, 0);
  }
  entries[id].handler(entries[id].context);
  one_came = true;
  reg(end_of_interrupt) = word;
}

}  // namespace rollcall::hal::vexpress
