// The simulated reader in real time: its line, its timer, its commands.
#pragma once

#include <array>
#include <deque>
#include <memory>

#include "hal/host/system.hpp"
#include "hal/sim/nfc/card_commands.hpp"
#include "hal/sim/nfc/program/reader_line.hpp"

namespace rollcall::hal::sim {

class Server {
 public:
  explicit Server(asio::io_context& io);

  ReaderLine& line() { return line_; }
  // Carries out a command; its reply.
  std::string execute(std::string_view command);

 private:
  // Handlers outlive a connection; they find another one in `connection_` then.
  struct Connection {
    explicit Connection(ReaderLine::Stream opened) : stream(std::move(opened)) {}
    ReaderLine::Stream stream;
    std::array<std::uint8_t, 512> in{};
    ByteVector out;      // being written
    ByteVector waiting;  // behind it
  };

  SimTime now() const;
  void read(const std::shared_ptr<Connection>& connection);
  void write(const std::shared_ptr<Connection>& connection);
  // Lets the chip work and sends what it has to say.
  void step();

  host::SystemEntropy entropy_;
  Pn532Sim chip_;
  CardCommands commands_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  asio::steady_timer timer_;
  std::shared_ptr<Connection> connection_;
  ReaderLine line_;
};

}  // namespace rollcall::hal::sim
