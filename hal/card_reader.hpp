// A reader of contactless cards.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "hal/bytes.hpp"

namespace rollcall::hal {

// Chip number of a card: 4, 7 or 10 bytes (ISO/IEC 14443-3 6.5.4), single, double or triple size.
struct Card {
  std::array<std::uint8_t, 10> uid{};
  std::uint8_t size = 0;

  Bytes view() const { return {uid.data(), size}; }
  friend bool operator==(const Card&, const Card&) = default;
};

class CardReader {
 public:
  // The card in the field now, nothing when there is none. With several cards, any one of them.
  virtual std::optional<Card> poll() = 0;

 protected:
  ~CardReader() = default;
};

}  // namespace rollcall::hal
