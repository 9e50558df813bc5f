// Arm PL111 colour LCD controller (PrimeCell, DDI 0293, chapter 3), also that of NXP's LPC178x and
// LPC43xx: a TFT panel of 16-bit pixels out of memory that it reads by itself.
#pragma once

#include <cstdint>
#include <span>

#include "hal/display.hpp"

namespace rollcall::hal {

struct Pl111Registers {
  std::uint32_t timing[4];       // LCDTiming0..3
  std::uint32_t upper_base;      // LCDUPBASE
  std::uint32_t lower_base;      // LCDLPBASE
  std::uint32_t control;         // LCDControl
  std::uint32_t interrupt_mask;  // LCDIMSC
};

// Of the panel's data sheet. Pixels of a line, lines of a frame.
struct PanelTiming {
  Size size;  // width: a multiple of 16, at most 1024
  std::uint16_t horizontal_sync = 0;
  std::uint16_t horizontal_back_porch = 0;
  std::uint16_t horizontal_front_porch = 0;
  std::uint16_t vertical_sync = 0;
  std::uint16_t vertical_back_porch = 0;
  std::uint16_t vertical_front_porch = 0;
};

class Pl111 final : public Display {
 public:
  // All outlive this. `frame` has a pixel for each of the panel, lies where the controller can read
  // it, and is aligned to 8 bytes.
  Pl111(volatile Pl111Registers& registers, std::span<Pixel> frame, const PanelTiming& timing)
      : registers_(registers), frame_(frame), timing_(timing) {}

  // Black, then on. `frame_address`: of `frame`, as the controller sees it.
  void start(std::uint32_t frame_address);

  Size size() const override { return timing_.size; }
  void write_row(std::uint16_t y, std::span<const Pixel> pixels) override;
  void frame_complete() override;
  // Signals and supply of the panel off; memory stays.
  void sleep(bool on) override;

 private:
  volatile Pl111Registers& registers_;
  std::span<Pixel> frame_;
  PanelTiming timing_;
};

}  // namespace rollcall::hal
