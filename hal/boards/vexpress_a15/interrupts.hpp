// The generic interrupt controller of the core tile (GICv2, IHI 0048).
#pragma once

#include <cstdint>

namespace rollcall::hal::vexpress {

using InterruptHandler = void (*)(void* context);

// Once, from start-up: all interrupts off.
void start_interrupts();
// From now on interrupt `id` calls `handler`, with other interrupts off. Level-sensitive: the
// handler ends the device's reason for it.
void handle_interrupt(unsigned id, InterruptHandler handler, void* context);

// With interrupts off, for as long as this lives.
class InterruptsOff {
 public:
  InterruptsOff() { asm volatile("mrs %0, cpsr\n cpsid i" : "=r"(before_)::"memory"); }
  ~InterruptsOff() { asm volatile("msr cpsr_c, %0" ::"r"(before_) : "memory"); }
  InterruptsOff(const InterruptsOff&) = delete;
  InterruptsOff& operator=(const InterruptsOff&) = delete;

 private:
  std::uint32_t before_;
};

// Whether there was an interrupt since it was last forgotten.
bool interrupted();
void forget_interrupted();

}  // namespace rollcall::hal::vexpress
