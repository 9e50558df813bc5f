#include "hal/chips/pl011.hpp"

namespace rollcall::hal {
namespace {

// UARTDR (3.3.1): errors beside a received byte.
constexpr std::uint32_t framing_error = 1u << 8;
constexpr std::uint32_t break_error = 1u << 10;
constexpr std::uint32_t overrun_error = 1u << 11;
// UARTFR (3.3.3).
constexpr std::uint32_t receive_empty = 1u << 4;
constexpr std::uint32_t send_full = 1u << 5;
// UARTLCR_H (3.3.7), UARTCR (3.3.8).
constexpr std::uint32_t fifos_eight_bits = 1u << 4 | 3u << 5;
constexpr std::uint32_t enabled = 1u << 0 | 1u << 8 | 1u << 9;
// UARTIFLS (3.3.9): ask for bytes when the send FIFO is down to 1/4, give them when the other is
// half full.
constexpr std::uint32_t levels = 1u << 0 | 2u << 3;
// UARTIMSC (3.3.10).
constexpr std::uint32_t receive_interrupt = 1u << 4;
constexpr std::uint32_t send_interrupt = 1u << 5;
constexpr std::uint32_t receive_timeout = 1u << 6;  // bytes wait in a FIFO that is not half full
constexpr std::uint32_t resting_mask = receive_interrupt | receive_timeout;
constexpr std::uint32_t all_interrupts = 0x7ff;

}  // namespace

void Pl011::start(std::uint32_t clock_hz, std::uint32_t baud) {
  registers_.control = 0;
  // 3.2.6: the divisor is clock / (16 baud), in 64ths.
  const auto divisor = static_cast<std::uint32_t>((std::uint64_t{clock_hz} * 4 + baud / 2) / baud);
  registers_.baud_integer = divisor >> 6;
  registers_.baud_fraction = divisor & 63;
  registers_.line_control = fifos_eight_bits;  // after the divisor, which it makes valid
  registers_.fifo_levels = levels;
  registers_.interrupt_clear = all_interrupts;
  registers_.interrupt_mask = resting_mask;
  registers_.control = enabled;
  // The interrupt of what came meanwhile is cleared, and the next comes only when the FIFO passes
  // its level again: the line would stay deaf.
  drain_fifo();
}

// While its interrupt is masked the send side belongs to this function, else to the handler.
std::size_t Pl011::write(Bytes data) {
  const std::size_t taken = unsent_.put(data);
  registers_.interrupt_mask = resting_mask;
  short_of_room_ = taken < data.size();
  fill_fifo();
  // The interrupt comes when the FIFO has fallen to its level, so only after it was filled.
  if (!unsent_.empty()) registers_.interrupt_mask = resting_mask | send_interrupt;
  return taken;
}

bool Pl011::on_interrupt() {
  const std::uint32_t pending = registers_.interrupt_masked;
  registers_.interrupt_clear = pending;  // first, so that what comes from now on is told again
  const bool came = drain_fifo();
  if ((pending & send_interrupt) == 0) return came;
  fill_fifo();
  if (unsent_.empty()) registers_.interrupt_mask = resting_mask;
  const bool room = short_of_room_;
  short_of_room_ = false;
  return came || room;
}

void Pl011::fill_fifo() {
  std::uint8_t byte = 0;
  while ((registers_.flags & send_full) == 0 && unsent_.take(byte)) registers_.data = byte;
}

bool Pl011::drain_fifo() {
  bool any = false;
  while ((registers_.flags & receive_empty) == 0) {
    const std::uint32_t data = registers_.data;
    any = true;
    if ((data & overrun_error) != 0) overruns_ = overruns_ + 1;
    if ((data & (framing_error | break_error)) != 0) {
      framing_errors_ = framing_errors_ + 1;
    } else if (!received_.put(static_cast<std::uint8_t>(data))) {
      overruns_ = overruns_ + 1;
    }
  }
  return any;
}

}  // namespace rollcall::hal
