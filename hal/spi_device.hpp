// One chip on a serial peripheral bus: clock and polarity are the bus's, the chip select is its
// own.
#pragma once

#include <cstdint>

#include "hal/bytes.hpp"

namespace rollcall::hal {

class SpiDevice {
 public:
  // Asserts (true) or releases the chip select.
  virtual void select(bool on) = 0;
  // Sends one byte and returns the one that came at the same time. The bus also clocks while the
  // chip is not selected.
  virtual std::uint8_t exchange(std::uint8_t out) = 0;
  // Sends all of `out`; what comes back is dropped.
  virtual void send(Bytes out) {
    for (const std::uint8_t byte : out) exchange(byte);
  }
  // Takes bytes while it sends 0xFF.
  virtual void receive(MutableBytes in) {
    for (std::uint8_t& byte : in) byte = exchange(0xff);
  }

 protected:
  ~SpiDevice() = default;
};

}  // namespace rollcall::hal
