// Short-descriptor translation table of sections (ARMv7-A, DDI 0406 B3.5).
//
// Why there is one: unaligned accesses become legal, code cannot be written nor data be run,
// address 0 and the end of the stack are faults that leave a record, and on real hardware a core
// without caches would be a hundred times slower. What shares memory with a device is not cached,
// so that no cache ever needs cleaning.
#include "hal/boards/vexpress_a15/memory_map.hpp"

#include <cstddef>
#include <cstdint>

#include "hal/boards/vexpress_a15/registers.hpp"

namespace rollcall::hal::vexpress {
namespace {

constexpr std::uintptr_t megabyte = 1u << 20;

// Section attributes: type, XN, AP, TEX/C/B.
constexpr std::uint32_t section = 2;
constexpr std::uint32_t never_run = 1u << 4;
constexpr std::uint32_t read_write = 1u << 10;
constexpr std::uint32_t read_only = 1u << 15 | 1u << 10;
constexpr std::uint32_t cached = 1u << 12 | 1u << 3 | 1u << 2;  // write-back, write-allocate
constexpr std::uint32_t not_cached = 1u << 12;
constexpr std::uint32_t device = 1u << 2;

struct Region {
  std::uintptr_t first;
  std::size_t megabytes;
  std::uint32_t attributes;
};
constexpr Region regions[] = {
    {flash_bank_1, 64, read_write | never_run | device},
    {video_ram, 8, read_write | never_run | not_cached},
    {system_registers, 2, read_write | never_run | device},  // and all other motherboard devices
    {interrupt_distributor, 1, read_write | never_run | device},
    {core_tile_sram, 1, read_write | never_run | not_cached},
    {code, 1, read_only | cached},
    {data, 3, read_write | never_run | cached},
    {stack, 1, read_write | never_run | cached},
};

alignas(16 * 1024) std::uint32_t table[4096];

}  // namespace

void map_memory() {
  for (const Region& region : regions) {
    const std::size_t first = region.first / megabyte;
    for (std::size_t i = first; i < first + region.megabytes; ++i) {
      table[i] = static_cast<std::uint32_t>(i * megabyte) | region.attributes | section;
    }
  }
  // The core's caches are invalid after reset (Cortex-A15, DDI 0438 2.3); translations and branch
  // predictions may be left of a loader.
  const auto base = reinterpret_cast<std::uintptr_t>(table);
  std::uint32_t control;
  asm volatile(
      "mrc p15, 0, %[control], c1, c0, 1\n"  // ACTLR.SMP: before caches (DDI 0438 4.3.28)
      "orr %[control], %[control], #(1 << 6)\n"
      "mcr p15, 0, %[control], c1, c0, 1\n"
      "mcr p15, 0, %[zero], c8, c7, 0\n"    // TLBIALL
      "mcr p15, 0, %[zero], c7, c5, 6\n"    // BPIALL
      "mcr p15, 0, %[zero], c7, c5, 0\n"    // ICIALLU
      "mcr p15, 0, %[zero], c2, c0, 2\n"    // TTBCR: short descriptors, TTBR0 only
      "mcr p15, 0, %[base], c2, c0, 0\n"    // TTBR0
      "mcr p15, 0, %[client], c3, c0, 0\n"  // DACR: domain 0 obeys the permissions
      "dsb\n"
      "isb\n"
      "mrc p15, 0, %[control], c1, c0, 0\n"
      "bic %[control], %[control], #(1 << 1)\n"   // alignment faults off
      "bic %[control], %[control], #(1 << 29)\n"  // access flag off
      "orr %[control], %[control], #(1 << 0)\n"   // MMU
      "orr %[control], %[control], #(1 << 2)\n"   // data cache
      "orr %[control], %[control], #(1 << 11)\n"  // branch prediction
      "orr %[control], %[control], #(1 << 12)\n"  // instruction cache
      "mcr p15, 0, %[control], c1, c0, 0\n"
      "isb\n"
      : [control] "=&r"(control)
      : [zero] "r"(0), [base] "r"(base), [client] "r"(1)
      : "memory");
}

}  // namespace rollcall::hal::vexpress
