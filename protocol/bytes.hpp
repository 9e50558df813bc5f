// Byte views used across protocol, hal and firmware. Views never own what they show.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace rollcall {

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

// A byte or text field of bounded size, kept in place: no heap, trivially copyable.
template <std::size_t Capacity>
struct Bounded {
  static_assert(Capacity <= 0xffff);
  std::uint16_t size = 0;
  std::uint8_t data[Capacity] = {};

  static constexpr std::size_t capacity() { return Capacity; }
  Bytes view() const { return {data, size}; }
  // False, and left unchanged, when `source` does not fit.
  bool assign(Bytes source) {
    if (source.size() > Capacity) return false;
    if (!source.empty()) std::memcpy(data, source.data(), source.size());
    size = static_cast<std::uint16_t>(source.size());
    return true;
  }
};

}  // namespace rollcall
