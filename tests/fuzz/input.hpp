// Takes arguments off the front of the fuzzer's input; zeros when it ends.
#pragma once

#include <algorithm>

#include "protocol/bytes.hpp"

namespace rollcall::protocol::fuzz {

class Input {
 public:
  explicit Input(Bytes bytes) : rest_(bytes) {}
  bool at_end() const { return rest_.empty(); }
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const std::uint8_t value = rest_[0];
    rest_ = rest_.subspan(1);
    return value;
  }
  std::uint16_t word() {
    const std::uint8_t low = byte();
    return static_cast<std::uint16_t>(low | byte() << 8);
  }
  // As many as the first byte says.
  Bytes bytes() { return take(byte()); }
  Bytes take(std::size_t wanted) {
    const std::size_t size = std::min(wanted, rest_.size());
    const Bytes taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }

 private:
  Bytes rest_;
};

}  // namespace rollcall::protocol::fuzz
