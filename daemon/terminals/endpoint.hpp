// Where terminals may connect: the entries of `links.listen`.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

namespace rollcall::terminals {

struct Endpoint {
  enum class Kind { tcp, unix_socket } kind = Kind::tcp;
  std::string address;     // tcp: an IP address
  std::uint16_t port = 0;  // tcp; 0 = any free port
  std::string path;        // unix
  bool loopback = false;   // reachable from this machine only; true for every Unix socket
};

// "tcp:127.0.0.1:7440", "tcp:[::1]:7440", "unix:/run/rollcall/terminals.sock". Otherwise a
// sentence.
std::expected<Endpoint, std::string> parse_endpoint(const std::string& text);

// Whether unencrypted links may be served there; otherwise a sentence that says why not.
std::expected<void, std::string> may_serve_clear_links(const Endpoint& endpoint,
                                                       bool allow_unencrypted_links);

}  // namespace rollcall::terminals
