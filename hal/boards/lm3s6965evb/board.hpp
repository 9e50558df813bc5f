// What the badge terminal is made of, on the LM3S6965EVB and a few wires at its headers.
//
//   UART0 PA0 PA1   host                    SSI0 PA2 PA4 PA5   display and SD card
//   UART1 PD2 PD3   card reader             PA3 PC7 PC6        display: select, data, power
//   UART2 PG0 PG1   factory console         PD0                SD card: select
//   PE2 PE0 PF1 PE1 PE3  keys from the left: left, up, select, down, right; low while down
//   PB4 PB5 PB6     red, green, blue        PF0  the board's own light, lit with any colour
//   PB0             buzzer (PWM2)
#pragma once

#include <array>

#include "hal/boards/lm3s6965evb/pins.hpp"
#include "hal/boards/lm3s6965evb/ssi.hpp"
#include "hal/boards/lm3s6965evb/system.hpp"
#include "hal/chips/indicator_player.hpp"
#include "hal/chips/pl011.hpp"

namespace rollcall::hal::lm3s {

inline constexpr std::uint32_t link_baud = 115'200;
inline constexpr std::uint32_t reader_baud = 115'200;
inline constexpr std::uint32_t console_baud = 115'200;
inline constexpr std::size_t key_count = 5;

class ColourLamp final : public Lamp {
 public:
  void start();
  void show(Colour colour) override;
};

class Buzzer final : public Sounder {
 public:
  void start();
  void sound(std::uint16_t hertz) override;
};

// There is one, `board`; its interrupt handlers know it.
struct Board {
  Board();

  // Clocks first, then every device but card and display, whose drivers start them.
  void start();

  TickClock clock;
  SystemReset reset;
  Watchdog watchdog;
  Pl011 link;
  Pl011 reader;
  Pl011 console;
  SsiDevice slow_card;  // one and the same chip
  SsiDevice fast_card;
  SsiDevice display;
  Output display_data;
  std::array<InputPin*, key_count> keys;
  ColourLamp lamp;
  Buzzer buzzer;
};

extern Board board;

}  // namespace rollcall::hal::lm3s
