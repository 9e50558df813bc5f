// The byte pipe to the host: UART, USB bulk endpoint, TCP or Unix socket. Frames cross it as bytes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hal/bytes.hpp"

namespace rollcall::hal {

class LinkPort {
 public:
  // Counts connections from 1; 0 while there is none. A UART is always on connection 1. A change
  // from one number to another means that bytes were lost between the two.
  virtual std::uint32_t connection() = 0;
  // Takes up to out.size() received bytes; 0 when there are none.
  virtual std::size_t read(MutableBytes out) = 0;
  // Gives bytes to be sent; returns how many were taken, 0 when the port is busy.
  virtual std::size_t write(Bytes data) = 0;
  // Drops the connection, where the port knows such a thing.
  virtual void disconnect() = 0;

 protected:
  ~LinkPort() = default;
};

}  // namespace rollcall::hal
