// The serial bus that display and card share (PL022, DDI 0194): 8 bits, first bit high, sampled at
// the rising edge.
//
// Two lines select, so that the chips differ on the real board and in QEMU, whose display listens
// while PD0 is high: to the card PD0 is low, to the display PA3 is low and PD0 high.
#pragma once

#include "hal/boards/lm3s6965evb/pins.hpp"
#include "hal/spi_device.hpp"

namespace rollcall::hal::lm3s {

inline constexpr Pin card_select{Port::d, 0};
inline constexpr Pin display_select{Port::a, 3};

// Brings pins and bus up, with no chip selected.
void start_ssi();

class SsiDevice final : public SpiDevice {
 public:
  // `hertz` is the fastest clock that the chip takes.
  constexpr SsiDevice(Pin select, std::uint32_t hertz) : select_(select), hertz_(hertz) {}

  void select(bool on) override;
  std::uint8_t exchange(std::uint8_t out) override;
  void send(Bytes out) override;
  void receive(MutableBytes in) override;

 private:
  Pin select_;
  std::uint32_t hertz_;
};

}  // namespace rollcall::hal::lm3s
