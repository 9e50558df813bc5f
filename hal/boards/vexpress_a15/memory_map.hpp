// Flat memory map with caches: addresses stay what they are, and each megabyte may do what it is
// for.
#pragma once

namespace rollcall::hal::vexpress {

// Once, from start-up, before anything that needs unaligned accesses.
void map_memory();

}  // namespace rollcall::hal::vexpress
