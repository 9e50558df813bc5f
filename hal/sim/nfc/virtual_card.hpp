// A contactless card as the field sees it: ISO/IEC 14443 type A, 106 kbit/s.
#pragma once

#include <cstdint>
#include <vector>

#include "hal/bytes.hpp"

namespace rollcall::hal::sim {

using ByteVector = std::vector<std::uint8_t>;

// What a card says of itself while it is selected (ISO/IEC 14443-3 6.5).
struct CardIdentity {
  std::uint16_t atqa = 0;  // the low byte is sent first
  std::uint8_t sak = 0;    // bit 0x20: the card speaks ISO/IEC 14443-4
  ByteVector uid;          // 4, 7 or 10 bytes, without cascade tags
};

struct CardAnswer {
  ByteVector bytes;     // without CRC_A; empty: the card is silent
  bool nibble = false;  // the low 4 bits of bytes[0] are all of it, and no CRC_A follows (ACK, NAK)
  bool halts = false;   // after this answer the card listens to nothing but WUPA
};

class VirtualCard {
 public:
  virtual ~VirtualCard() = default;
  virtual CardIdentity identity() const = 0;
  // The card comes into a field, or the field comes up around it. A random UID is drawn here.
  virtual void power_up() {}
  // The card was selected: whatever an earlier session left is gone.
  virtual void select() {}
  // Takes a frame of at least one byte, without CRC_A.
  virtual CardAnswer exchange(Bytes frame) = 0;
};

}  // namespace rollcall::hal::sim
