// Pins of the LM3S6965 (data sheet, chapter 8). One access reads or writes one pin alone: the
// address carries the mask.
#pragma once

#include "hal/boards/lm3s6965evb/registers.hpp"
#include "hal/pin.hpp"

namespace rollcall::hal::lm3s {

class Pin {
 public:
  constexpr Pin(Port port, unsigned bit) : port_(port), mask_(1u << bit) {}

  void make_output() const {
    set_bits(base() + port::direction, mask_);
    set_bits(base() + port::digital_enable, mask_);
  }
  void make_input() const {
    clear_bits(base() + port::direction, mask_);
    set_bits(base() + port::pull_up, mask_);
    set_bits(base() + port::digital_enable, mask_);
  }
  // The pin belongs to the peripheral that the data sheet names for it.
  void make_peripheral() const {
    set_bits(base() + port::alternate_function, mask_);
    set_bits(base() + port::digital_enable, mask_);
  }
  // The port's interrupt comes at each change.
  void watch() const {
    clear_bits(base() + port::level_sensitive, mask_);
    set_bits(base() + port::both_edges, mask_);
    word(base() + port::interrupt_clear) = mask_;
    set_bits(base() + port::interrupt_mask, mask_);
  }
  void set(bool high) const { word(base() + (mask_ << 2)) = high ? mask_ : 0; }
  bool high() const { return word(base() + (mask_ << 2)) != 0; }

 private:
  std::uint32_t base() const { return static_cast<std::uint32_t>(port_); }

  Port port_;
  std::uint32_t mask_;
};

class Output final : public OutputPin {
 public:
  explicit constexpr Output(Pin pin) : pin_(pin) {}
  void set(bool high) override { pin_.set(high); }

 private:
  Pin pin_;
};

class Input final : public InputPin {
 public:
  explicit constexpr Input(Pin pin) : pin_(pin) {}
  bool high() override { return pin_.high(); }

 private:
  Pin pin_;
};

}  // namespace rollcall::hal::lm3s
