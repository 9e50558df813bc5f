// A PN532 on a line of its own, worked by the driver that boards have: a module, or
// `rollcall-cards`.
#pragma once

#include <functional>
#include <optional>

#include <boost/asio/io_context.hpp>

#include "firmware/simulator/connection.hpp"
#include "hal/chips/pn532.hpp"
#include "hal/serial_port.hpp"
#include "hal/sim/devices.hpp"

namespace rollcall::simulator {

class CardModule final : private hal::SerialPort {
 public:
  // `activity` is called when something came over the line.
  CardModule(asio::io_context& io, Endpoint line, std::function<void()> activity)
      : connection_(io, std::move(line), port_, std::move(activity)) {}

  void start() { connection_.start(); }
  // The driver begins anew; what it knew is gone. `clock` outlives it.
  hal::CardReader& switch_on(hal::Clock& clock);
  // Sends what the driver has to say.
  void flush() { connection_.flush(); }

 private:
  // hal::SerialPort
  std::size_t read(hal::MutableBytes out) override { return port_.read(out); }
  std::size_t write(hal::Bytes data) override;

  hal::sim::BufferPort port_;
  Connection connection_;
  std::optional<hal::Pn532> driver_;
};

}  // namespace rollcall::simulator
