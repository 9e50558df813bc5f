// Boards only: the arena behind crypto::Scope and the allocator that mbedTLS is configured with
// (mbedtls_board_config.h).
#include "protocol/crypto/scope.hpp"

#include <cstdint>
#include <cstdlib>

#include "protocol/crypto/arena.hpp"

namespace rollcall::crypto {
namespace {

alignas(std::max_align_t) constinit std::uint8_t memory[arena_size] = {};
constinit Arena arena{memory};
constinit unsigned depth = 0;

}  // namespace

Scope::Scope() {
  ++depth;
}

Scope::~Scope() {
  if (--depth == 0 && !arena.empty()) std::abort();
}

std::size_t arena_peak() {
  return arena.peak();
}

// Outside a scope there is no memory: mbedTLS then reports its own "allocation failed".
extern "C" void* rollcall_crypto_calloc(std::size_t count, std::size_t size) {
  if (depth == 0 || (size != 0 && count > arena_size / size)) return nullptr;
  return arena.allocate(count * size);
}

extern "C" void rollcall_crypto_free(void* block) {
  arena.release(block);
}

}  // namespace rollcall::crypto
