// One command to a PN532 and its response at a time, over its serial port (HSU, user manual
// UM0701-02, 6.2.5): acknowledgement, repetition and abort (6.2.1, 6.2.2).
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "hal/bytes.hpp"
#include "hal/chips/pn532_frame.hpp"
#include "hal/serial_port.hpp"

namespace rollcall::hal::pn532 {

using Millis = std::chrono::milliseconds;

// For the chip to take a command and acknowledge it. Its own time is 15 ms at most (6.2.2).
inline constexpr Millis acknowledge_timeout{50};
inline constexpr unsigned transmissions = 3;    // of a command that is not acknowledged
inline constexpr unsigned repeat_requests = 2;  // of a response that cannot be read
inline constexpr Millis byte_gap{50};  // between two bytes of a response; then it was cut short
inline constexpr std::size_t bytes_a_step = 64;

class Dialog {
 public:
  enum class State : std::uint8_t {
    idle,
    running,
    done,        // response() is there
    mute,        // never acknowledged
    timed_out,   // acknowledged, no response in time; the command is aborted
    refused,     // error frame
    unreadable,  // damaged each time it was sent
  };
  enum class How : std::uint8_t {
    plain,
    waking,  // with the preamble that wakes a sleeping chip
    once,    // never repeated: it may have been carried out although no acknowledgement came
  };

  // `port` outlives this.
  explicit Dialog(SerialPort& port) : port_(port) {}

  // Sends `command` and then `data`, as for build_frame(). A response may take `within` after the
  // acknowledgement. What the port still holds of earlier dialogs is dropped.
  void begin(Bytes command, Bytes data, Millis within, Millis now, How how = How::plain);
  // One step; at most bytes_a_step bytes are read, a few times as many when the time is over.
  State poll(Millis now);
  // Ends a running command. The chip drops what it was doing.
  void abort();

  State state() const { return state_; }
  bool running() const { return state_ == State::running; }
  bool acknowledged() const { return acknowledged_; }  // the chip works on the command
  // What follows the response code, of a dialog that is done; until the next one begins.
  Bytes response() const { return reader_.data().subspan(1); }
  // When poll() has something to do though nothing comes; of a running dialog.
  Millis next_poll(Millis now) const;

 private:
  void transmit(Millis now);
  void push();
  void read(Millis now);
  void take(Received received, Millis now);
  void ask_again();
  void expire(Millis now);

  SerialPort& port_;
  FrameReader reader_;
  State state_ = State::idle;
  How how_ = How::plain;
  bool acknowledged_ = false;
  bool more_ = false;  // the port may hold more than one step reads
  std::uint8_t code_ = 0;
  unsigned transmitted_ = 0;
  unsigned repeats_asked_ = 0;
  Millis within_{0};
  Millis deadline_{0};
  Millis heard_at_{0};    // the last byte
  std::size_t size_ = 0;  // of out_
  std::size_t sent_ = 0;  // of it
  std::array<std::uint8_t, 16 + max_frame> out_{};
};

}  // namespace rollcall::hal::pn532
