// Who is at the other end of a connection.
#pragma once

#include <string>

#include "hal/host/http/stream.hpp"

namespace rollcall::http {

struct Caller {
  std::string peer;        // IP address, or "unix:<uid>"; "" when the connection is gone already
  bool from_here = false;  // loopback, one of this machine's own addresses, or a Unix socket
};
Caller caller_of(Socket& socket);

}  // namespace rollcall::http
