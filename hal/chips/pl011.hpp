// Arm PL011 UART (PrimeCell UART, DDI 0183, chapter 3) with a ring on each side of its FIFOs. Also
// the UART of the Stellaris LM3S microcontrollers.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hal/byte_ring.hpp"
#include "hal/serial_port.hpp"

namespace rollcall::hal {

struct Pl011Registers {
  std::uint32_t data;           // UARTDR
  std::uint32_t receive_error;  // UARTRSR
  std::uint32_t unused[4];
  std::uint32_t flags;  // UARTFR
  std::uint32_t unused2;
  std::uint32_t low_power;         // UARTILPR
  std::uint32_t baud_integer;      // UARTIBRD
  std::uint32_t baud_fraction;     // UARTFBRD
  std::uint32_t line_control;      // UARTLCR_H
  std::uint32_t control;           // UARTCR
  std::uint32_t fifo_levels;       // UARTIFLS
  std::uint32_t interrupt_mask;    // UARTIMSC
  std::uint32_t interrupt_raw;     // UARTRIS
  std::uint32_t interrupt_masked;  // UARTMIS
  std::uint32_t interrupt_clear;   // UARTICR
};

// 8 data bits, no parity, 1 stop bit, no flow control.
class Pl011 final : public SerialPort {
 public:
  // All outlive this; the sizes of the two buffers are powers of two.
  Pl011(volatile Pl011Registers& registers, MutableBytes receive_buffer, MutableBytes send_buffer)
      : registers_(registers), received_(receive_buffer), unsent_(send_buffer) {}

  // Switches it on. The caller then lets its interrupt through to on_interrupt(). `clock_hz` of
  // UARTCLK is 16 to 2^20 times `baud`.
  void start(std::uint32_t clock_hz, std::uint32_t baud);

  std::size_t read(MutableBytes out) override { return received_.take(out); }
  std::size_t write(Bytes data) override;

  // Of the interrupt handler. Whether the main loop has something to do: bytes came, or there is
  // room again for what write() could not take. That a byte has left is no news to it.
  bool on_interrupt();

  // Bytes lost since start: the main loop was too slow, or the interrupt was.
  std::uint32_t overruns() const { return overruns_; }
  // Bytes that came with a wrong stop bit or a break; they are dropped.
  std::uint32_t framing_errors() const { return framing_errors_; }

 private:
  void fill_fifo();
  bool drain_fifo();

  volatile Pl011Registers& registers_;
  ByteRing received_;
  ByteRing unsent_;
  volatile bool short_of_room_ = false;  // write() could not take all
  volatile std::uint32_t overruns_ = 0;
  volatile std::uint32_t framing_errors_ = 0;
};

}  // namespace rollcall::hal
