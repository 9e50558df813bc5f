// The cable of a simulated terminal: a TCP or Unix socket that connects again by itself, or a
// serial line.
#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <variant>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "hal/host/serial_line.hpp"
#include "hal/sim/devices.hpp"

namespace rollcall::simulator {

namespace asio = boost::asio;

using SocketAddress = asio::generic::stream_protocol::endpoint;
using hal::host::SerialAddress;
using Endpoint = std::variant<SocketAddress, SerialAddress>;

// "tcp:HOST:PORT", "unix:PATH", "serial:DEVICE" or "serial:DEVICE:BAUD"; a sentence when it is
// none.
std::expected<Endpoint, std::string> parse_endpoint(const std::string& text);

// Waits between attempts, doubled each time, with up to a quarter of chance.
inline constexpr std::chrono::milliseconds retry_first{100};
inline constexpr std::chrono::milliseconds retry_most{2000};

class Connection {
 public:
  // `activity` is called after bytes or a change of connection came to `port`, which outlives this.
  Connection(asio::io_context& io, Endpoint endpoint, hal::sim::BufferPort& port,
             std::function<void()> activity);
  ~Connection();

  void start() { connect(); }
  // Sends what the port holds, and drops the connection when the firmware asked for that.
  void flush();
  // Pulled: the connection is gone at once and none is made until it is plugged in again.
  void set_plugged(bool plugged);
  bool plugged() const { return plugged_; }
  unsigned connections() const { return connections_; }  // made so far

 private:
  class Session;
  template <class Stream>
  class SessionOver;
  void connect();
  void connect_to(const SocketAddress& address);
  void connect_to(const SerialAddress& address);
  void connected(const std::shared_ptr<Session>& session);
  void retry();
  void drop();
  void read(const std::shared_ptr<Session>& session);
  void write(const std::shared_ptr<Session>& session);

  asio::io_context& io_;
  Endpoint endpoint_;
  hal::sim::BufferPort& port_;
  std::function<void()> activity_;
  std::shared_ptr<Session> session_;
  asio::steady_timer retry_timer_;
  std::chrono::milliseconds retry_after_ = retry_first;
  bool plugged_ = true;
  unsigned connections_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for work posted to io_
};

}  // namespace rollcall::simulator
