#include "hal/boards/lm3s6965evb/ssi.hpp"

#include <algorithm>

#include "hal/boards/lm3s6965evb/system.hpp"

namespace rollcall::hal::lm3s {
namespace {

constexpr std::uint32_t busy = 1u << 4;  // of the status
constexpr std::size_t fifo = 8;

constexpr std::uint32_t eight_bits = 0x07;
constexpr std::uint32_t enabled = 1u << 1;

// The clock is clock_hz / prescaler / (1 + serial rate); the prescaler is even, 2 to 254.
void set_clock(std::uint32_t hertz) {
  const std::uint32_t divider = (clock_hz + hertz - 1) / hertz;
  const std::uint32_t prescaler = std::clamp<std::uint32_t>((divider + 1) / 2 * 2, 2, 254);
  word(ssi0::control) = 0;
  word(ssi0::prescaler) = prescaler;
  word(ssi0::format) = eight_bits;
  word(ssi0::control) = enabled;
}

// Until all that was sent is out, and so all that came is in.
void settle() {
  while (word(ssi0::status) & busy) {
  }
}
std::uint8_t take() {
  return static_cast<std::uint8_t>(word(ssi0::data));
}

}  // namespace

void start_ssi() {
  for (const Pin& pin : {card_select, display_select}) {
    pin.make_output();
    pin.set(true);
  }
  for (const unsigned bit : {2u, 4u, 5u}) Pin(Port::a, bit).make_peripheral();  // clock, in, out
  set_clock(400'000);
}

void SsiDevice::select(bool on) {
  if (on) set_clock(hertz_);
  select_.set(!on);
}

std::uint8_t SsiDevice::exchange(std::uint8_t out) {
  word(ssi0::data) = out;
  settle();
  return take();
}

// Both FIFOs hold eight: never more than that is under way, so none of them runs over. Every byte
// of card and display passes here, most of them in whole FIFOs, whose loops are unrolled.
void SsiDevice::send(Bytes out) {
  for (; out.size() >= fifo; out = out.subspan(fifo)) {
#pragma GCC unroll fifo
    for (std::size_t i = 0; i < fifo; ++i) word(ssi0::data) = out[i];
    settle();
#pragma GCC unroll fifo
    for (std::size_t i = 0; i < fifo; ++i) take();
  }
  for (const std::uint8_t byte : out) exchange(byte);
}

void SsiDevice::receive(MutableBytes in) {
  for (; in.size() >= fifo; in = in.subspan(fifo)) {
#pragma GCC unroll fifo
    for (std::size_t i = 0; i < fifo; ++i) word(ssi0::data) = 0xff;
    settle();
#pragma GCC unroll fifo
    for (std::size_t i = 0; i < fifo; ++i) in[i] = take();
  }
  for (std::uint8_t& byte : in) byte = exchange(0xff);
}

}  // namespace rollcall::hal::lm3s
