// Where terminals are to be found: the entries of `links.listen`.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "hal/host/serial_line.hpp"

namespace rollcall::terminals {

struct Endpoint {
  enum class Kind { tcp, unix_socket, serial } kind = Kind::tcp;
  std::string address;            // tcp: an IP address
  std::uint16_t port = 0;         // tcp; 0 = any free port
  std::string path;               // unix
  hal::host::SerialAddress line;  // serial
};

// "tcp:127.0.0.1:7440", "tcp:[::1]:7440", "unix:/run/rollcall/terminals.sock",
// "serial:/dev/ttyUSB0", "serial:/dev/ttyUSB0:921600". Otherwise a sentence.
std::expected<Endpoint, std::string> parse_endpoint(const std::string& text);

}  // namespace rollcall::terminals
