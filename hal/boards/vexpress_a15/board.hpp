// What the touch terminal is made of.
//
//   UART0   host            flash bank 1   queue, settings, screens, seed
//   UART1   card reader     PL111          800x480 pixels in video RAM
//   UART2   factory console virtio         touch panel of a virtual machine
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "hal/boards/vexpress_a15/timer.hpp"
#include "hal/chips/cfi_nor.hpp"
#include "hal/chips/indicator_player.hpp"
#include "hal/chips/pl011.hpp"
#include "hal/chips/pl111.hpp"
#include "hal/chips/virtio_input.hpp"
#include "hal/flash_bus.hpp"
#include "hal/reset.hpp"

namespace rollcall::hal::vexpress {

inline constexpr std::uint32_t link_baud = 921'600;
inline constexpr std::uint32_t reader_baud = 115'200;
inline constexpr std::uint32_t console_baud = 115'200;
inline constexpr Size panel_size{800, 480};

// The second flash bank; the first one belongs to the board's own boot monitor.
class FlashBank final : public FlashBus {
 public:
  std::uint32_t read(std::uint32_t word) override;
  void write(std::uint32_t word, std::uint32_t value) override;
};

class BoardReset final : public Reset {
 public:
  void restart() override;
};

// The first three user LEDs: green, amber, blue.
class LedLamp final : public Lamp {
 public:
  void show(Colour colour) override;
};

// The board has no sounder: its last user LED is lit while a note would sound.
class LedSounder final : public Sounder {
 public:
  void sound(std::uint16_t hertz) override;
};

// A UART with its rings.
struct Serial {
  explicit Serial(unsigned number);
  // Switches it on, and its interrupt.
  void start(std::uint32_t baud);

  std::array<std::uint8_t, 2048> received;
  std::array<std::uint8_t, 2048> unsent;
  Pl011 port;
  unsigned number;
};

// There is one, `board`.
struct Board {
  Board();
  // Everything on, the panel black. Without effect on the flash, which flash.probe() asks.
  void start();

  TimerClock clock;
  BoardReset reset;
  Serial link{0};
  Serial reader{1};
  Serial console{2};
  FlashBank flash_bank;
  CfiNor flash{flash_bank, clock};
  Pl111 display;
  std::optional<VirtioInput> touch;  // nothing when there is no touch panel
  LedLamp lamp;
  LedSounder sounder;

 private:
  void find_touch();
};

extern Board board;

}  // namespace rollcall::hal::vexpress
