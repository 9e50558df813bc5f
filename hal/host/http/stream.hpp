// The byte streams below HTTP: TCP, Unix sockets and TLS behind one small interface, so that the
// server and the client are compiled once, not once per transport. Private to this folder.
#pragma once

#include <array>
#include <chrono>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>

#include "hal/host/http/http.hpp"

namespace rollcall::http {

using Deadline = std::chrono::steady_clock::time_point;
using Socket = asio::generic::stream_protocol::socket;
using boost::system::error_code;

class Stream {
 public:
  virtual ~Stream() = default;

  struct Read {
    error_code error;
    std::size_t bytes = 0;
  };
  // Every operation that is not done at its deadline ends with an error for which timed_out()
  // holds.
  virtual asio::awaitable<Read> read_some(asio::mutable_buffer into, Deadline deadline) = 0;
  virtual asio::awaitable<error_code> write(std::array<asio::const_buffer, 2> bytes,
                                            Deadline deadline) = 0;
  // Says goodbye in the transport's own way; nothing can be written afterwards.
  virtual asio::awaitable<void> shutdown(Deadline deadline) = 0;
  // Ends every operation under way.
  virtual void close() = 0;
};

inline constexpr Deadline no_deadline = Deadline::max();
bool timed_out(const error_code& error);

std::unique_ptr<Stream> plain_stream(Socket socket);
// The server's end of TLS, after the handshake.
asio::awaitable<std::unique_ptr<Stream>> accept_tls(Socket socket, asio::ssl::context& tls,
                                                    Deadline deadline);
// The client's end: chain and host name verified, SNI sent, TLS 1.2 at least.
asio::awaitable<std::expected<std::unique_ptr<Stream>, ClientError>> connect_tls(
    Socket socket, asio::ssl::context& tls, const std::string& host, Deadline deadline);

}  // namespace rollcall::http
