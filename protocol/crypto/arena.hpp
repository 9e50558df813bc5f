// Memory of a fixed size that a library may allocate from: first fit, no heap behind it.
#pragma once

#include <cstddef>

#include "protocol/bytes.hpp"

namespace rollcall::crypto {

class Arena {
 public:
  // `memory` outlives the arena and is aligned as std::max_align_t. Each block takes its size,
  // rounded up to that alignment, and one header of it.
  explicit constexpr Arena(MutableBytes memory) : memory_(memory) {}

  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // Zeroed, and aligned as std::max_align_t; nullptr when no gap is large enough.
  void* allocate(std::size_t bytes);
  // `block` is from allocate() and not released yet, or nullptr; anything else ends the program.
  void release(void* block);

  bool empty() const { return first_ == nullptr; }
  // Bytes from the start that were ever in use. First fit never looks past the gap it takes, so
  // an arena of just this size would have served the same requests.
  std::size_t peak() const { return peak_; }

 private:
  struct Block;

  MutableBytes memory_;
  Block* first_ = nullptr;  // blocks in use, by address
  std::size_t peak_ = 0;
};

}  // namespace rollcall::crypto
