#include "hal/sim/nfc/program/server.hpp"

#include <boost/asio/write.hpp>

namespace rollcall::hal::sim {

Server::Server(asio::io_context& io)
    : commands_(chip_, entropy_), timer_(io), line_(io, [this](ReaderLine::Stream stream) {
        connection_ = std::make_shared<Connection>(std::move(stream));
        read(connection_);
      }) {}

SimTime Server::now() const {
  return std::chrono::duration_cast<SimTime>(std::chrono::steady_clock::now() - start_);
}

std::string Server::execute(std::string_view command) {
  std::string reply = commands_.execute(command);
  step();
  return reply;
}

void Server::read(const std::shared_ptr<Connection>& connection) {
  connection->stream.async_read_some(
      asio::buffer(connection->in),
      [this, connection](boost::system::error_code error, std::size_t size) {
        if (connection != connection_) return;
        if (error) {
          connection_.reset();
          line_.lost();
          return;
        }
        line_.heard();
        chip_.receive({connection->in.data(), size}, now());
        step();
        read(connection);
      });
}

void Server::step() {
  const ByteVector bytes = chip_.advance(now());
  // A line that nobody listens to loses what is sent.
  if (connection_ && !bytes.empty()) {
    connection_->waiting.insert(connection_->waiting.end(), bytes.begin(), bytes.end());
    write(connection_);
  }
  timer_.cancel();
  const auto deadline = chip_.deadline();
  if (!deadline) return;
  timer_.expires_at(start_ + *deadline);
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error) step();
  });
}

void Server::write(const std::shared_ptr<Connection>& connection) {
  if (!connection->out.empty() || connection->waiting.empty()) return;
  connection->out = std::exchange(connection->waiting, {});
  asio::async_write(connection->stream, asio::buffer(connection->out),
                    [this, connection](boost::system::error_code error, std::size_t) {
                      connection->out.clear();
                      // A broken connection is noticed by the reader.
                      if (!error && connection == connection_) write(connection);
                    });
}

}  // namespace rollcall::hal::sim
