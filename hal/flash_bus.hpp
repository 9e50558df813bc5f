// The bus of a bank of parallel flash chips: two 16-bit chips side by side, one word of 32 bits.
// The first chip has the low half of each word.
#pragma once

#include <cstdint>

namespace rollcall::hal {

class FlashBus {
 public:
  // `word` counts words from the start of the bank. Both chips see the same address.
  virtual std::uint32_t read(std::uint32_t word) = 0;
  virtual void write(std::uint32_t word, std::uint32_t value) = 0;

 protected:
  ~FlashBus() = default;
};

}  // namespace rollcall::hal
