// Where the crypto backend may allocate. Our code never does; on the boards mbedTLS allocates from
// one static arena, and only while a Scope exists. On the host it has the heap and a Scope is
// nothing.
#pragma once

#include <cstddef>

namespace rollcall::crypto {

#ifdef ROLLCALL_BOARD

// What X25519, the largest user, needs on a Cortex-M3: 1264 to 1272 bytes, by key. Measured by
// tests/boards/target_test.cpp, which fails when this is too small or 64 bytes too large.
inline constexpr std::size_t arena_size = 1296;

// Scopes may nest. When the outermost ends, all blocks must have been released: one that is left
// is a bug and ends the program. Not for interrupt handlers.
class Scope {
 public:
  Scope();
  ~Scope();
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;
};

// Bytes of the arena that were ever in use.
std::size_t arena_peak();

#else

class Scope {
 public:
  Scope() {}
  ~Scope() {}
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;
};

#endif

}  // namespace rollcall::crypto
