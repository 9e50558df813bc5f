#include "protocol/crypto/arena.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>

namespace rollcall::crypto {

// Stands before the bytes of a block that is in use; the memory between two blocks is free.
struct alignas(std::max_align_t) Arena::Block {
  Block* next;
  std::size_t size;  // with this header

  std::uint8_t* begin() { return reinterpret_cast<std::uint8_t*>(this); }
  std::uint8_t* end() { return begin() + size; }
  void* content() { return this + 1; }
};

void* Arena::allocate(std::size_t bytes) {
  if (bytes > memory_.size()) return nullptr;  // and the sum below cannot overflow
  constexpr std::size_t unit = alignof(Block);
  const std::size_t size = sizeof(Block) + (bytes + unit - 1) / unit * unit;
  const auto room = [](const std::uint8_t* from, const std::uint8_t* to) {
    return static_cast<std::size_t>(to - from);
  };

  std::uint8_t* gap = memory_.data();
  Block** link = &first_;
  while (*link != nullptr && room(gap, (*link)->begin()) < size) {
    gap = (*link)->end();
    link = &(*link)->next;
  }
  if (*link == nullptr && room(gap, memory_.data() + memory_.size()) < size) return nullptr;

  Block* block = new (gap) Block{*link, size};
  *link = block;
  peak_ = std::max(peak_, room(memory_.data(), block->end()));
  std::memset(block->content(), 0, size - sizeof(Block));
  return block->content();
}

void Arena::release(void* block) {
  if (block == nullptr) return;
  for (Block** link = &first_; *link != nullptr; link = &(*link)->next) {
    if ((*link)->content() == block) {
      *link = (*link)->next;
      return;
    }
  }
  std::abort();
}

}  // namespace rollcall::crypto
