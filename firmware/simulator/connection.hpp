// The cable of a simulated terminal: a TCP or Unix socket that connects again by itself.
#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "hal/sim/devices.hpp"

namespace rollcall::simulator {

namespace asio = boost::asio;

using Endpoint = asio::generic::stream_protocol::endpoint;

// "tcp:HOST:PORT" or "unix:PATH"; a sentence when it is neither.
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
  struct Session;
  void connect();
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
