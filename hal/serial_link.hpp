// The link to the host over a serial line: a connection that begins with power and never ends.
#pragma once

#include "hal/link_port.hpp"
#include "hal/serial_port.hpp"

namespace rollcall::hal {

class SerialLink final : public LinkPort {
 public:
  // `line` outlives this.
  explicit SerialLink(SerialPort& line) : line_(line) {}

  std::uint32_t connection() override { return 1; }
  std::size_t read(MutableBytes out) override { return line_.read(out); }
  std::size_t write(Bytes data) override { return line_.write(data); }
  void disconnect() override {}  // a line has no such thing

 private:
  SerialPort& line_;
};

}  // namespace rollcall::hal
