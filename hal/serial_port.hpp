// A pair of byte streams with buffers behind them: a UART, or what stands for one.
#pragma once

#include <cstddef>

#include "hal/bytes.hpp"

namespace rollcall::hal {

class SerialPort {
 public:
  // Takes up to out.size() received bytes; 0 when there are none. Never waits.
  virtual std::size_t read(MutableBytes out) = 0;
  // Gives bytes to be sent; returns how many were taken, 0 when the buffer is full. Never waits.
  virtual std::size_t write(Bytes data) = 0;

 protected:
  ~SerialPort() = default;
};

}  // namespace rollcall::hal
