// All ways by which terminals reach the daemon: the entries of `links.listen`. Whoever comes
// through one of them is served until its session has ended. Everything runs on the reactor.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include "daemon/config/config.hpp"
#include "daemon/terminals/signal.hpp"
#include "hal/host/links/link.hpp"
#include "hal/host/links/usb.hpp"
#include "protocol/link.hpp"

namespace rollcall::terminals {

class Doors final : public std::enable_shared_from_this<Doors> {
 public:
  // Runs a session over a link; why it ended. Does not throw.
  using Serve =
      std::function<boost::asio::awaitable<protocol::CloseReason>(std::shared_ptr<links::Link>)>;

  // `io` outlives this.
  Doors(boost::asio::io_context& io, Serve serve) : io_(io), serve_(std::move(serve)) {}

  // Opens all that the configuration names; a line whose device is absent is opened when it comes.
  // On failure a sentence, and nothing is open.
  std::expected<void, std::string> open(const config::Links& links);
  // Nobody comes in any more; sessions are their owner's business.
  void close();
  // After close(): links over USB that are still open have ended.
  void end_usb() { usb_.reset(); }
  // TCP port bound for the first "tcp:" entry; 0 = none.
  std::uint16_t port() const;

 private:
  using Tcp = boost::asio::ip::tcp;
  using Local = boost::asio::local::stream_protocol;

  // A line, while it is kept open.
  struct Line {
    std::shared_ptr<links::Port> port;
    Signal pause;
  };

  std::expected<void, std::string> open_entry(const std::string& entry);
  void start();
  void watch_usb();
  template <class Acceptor>
  boost::asio::awaitable<void> accept_loop(Acceptor& acceptor);
  void admit(Tcp::socket socket);
  void admit(Local::socket socket);
  void begin_line(std::shared_ptr<links::Port> port);
  boost::asio::awaitable<void> keep_line(std::list<Line>::iterator line);

  boost::asio::io_context& io_;
  Serve serve_;
  std::vector<Tcp::acceptor> tcp_acceptors_;
  std::vector<Local::acceptor> unix_acceptors_;
  std::vector<std::string> unix_paths_;
  std::vector<std::shared_ptr<links::Port>> serial_ports_;
  std::unique_ptr<links::UsbBus> usb_;
  std::list<Line> lines_;
  bool closed_ = false;
};

}  // namespace rollcall::terminals
