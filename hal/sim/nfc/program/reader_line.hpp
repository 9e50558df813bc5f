// Where the simulated reader's serial line ends: a pseudo terminal or a Unix socket.
#pragma once

#include <expected>
#include <functional>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

namespace rollcall::hal::sim {

namespace asio = boost::asio;

class ReaderLine {
 public:
  using Stream = asio::posix::stream_descriptor;
  // Takes each new connection; one before it is over then.
  using Connected = std::function<void(Stream)>;

  ReaderLine(asio::io_context& io, Connected connected);
  ~ReaderLine();
  ReaderLine(const ReaderLine&) = delete;
  ReaderLine& operator=(const ReaderLine&) = delete;

  // Each of them once, and one of them only; an error is a sentence.
  // A pseudo terminal in raw mode; returns its path. With `link`, a symbolic link to it that goes
  // with this object.
  std::expected<std::string, std::string> open_terminal(const std::string& link);
  std::expected<void, std::string> listen(const std::string& path);
  // Tries again until somebody listens there.
  void connect(const std::string& path);
  // Bytes came. Whoever opened the pseudo terminal may have claimed it for itself (TIOCEXCL of
  // tty_ioctl(4)); since it stays open here, the claim would outlast them.
  void heard();
  // The connection broke; a new one is made where this end makes them.
  void lost();

 private:
  void accept();
  void dial();

  asio::io_context& io_;
  Connected connected_;
  std::string made_path_;  // link or socket, removed at the end
  int slave_ = -1;         // keeps the pseudo terminal open while no program has it
  asio::local::stream_protocol::acceptor acceptor_;
  asio::local::stream_protocol::socket socket_;
  asio::local::stream_protocol::endpoint peer_;
  asio::steady_timer retry_;
};

}  // namespace rollcall::hal::sim
