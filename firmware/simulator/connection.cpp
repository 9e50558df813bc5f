#include "firmware/simulator/connection.hpp"

#include <array>
#include <charconv>
#include <random>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

namespace rollcall::simulator {
namespace {

std::chrono::milliseconds with_chance(std::chrono::milliseconds wait) {
  static std::minstd_rand random(std::random_device{}());
  return wait + std::chrono::milliseconds(
                    std::uniform_int_distribution<long>(0, wait.count() / 4)(random));
}

}  // namespace

std::expected<Endpoint, std::string> parse_endpoint(const std::string& text) {
  if (text.starts_with("unix:") && text.size() > 5) {
    if (text.size() - 5 > 107)
      return std::unexpected("the path of a Unix socket has at most 107 bytes: " + text);
    return Endpoint(asio::local::stream_protocol::endpoint(text.substr(5)));
  }
  const auto colon = text.rfind(':');
  if (text.starts_with("tcp:") && colon > 4) {
    const std::string host = text.substr(4, colon - 4);
    unsigned short port = 0;
    const char* end = text.data() + text.size();
    const auto [stop, problem] = std::from_chars(text.data() + colon + 1, end, port);
    if (problem == std::errc() && stop == end && port != 0) {
      asio::io_context io;
      boost::system::error_code error;
      const auto found = asio::ip::tcp::resolver(io).resolve(host, std::to_string(port), error);
      if (error || found.empty()) return std::unexpected("no address is known for " + host);
      return Endpoint(found.begin()->endpoint());
    }
  }
  return std::unexpected("\"" + text + "\" is not tcp:HOST:PORT or unix:PATH");
}

// One connection. Handlers outlive the Connection; they find `alive` false then.
struct Connection::Session {
  explicit Session(asio::io_context& io) : socket(io) {}
  asio::generic::stream_protocol::socket socket;
  std::array<std::uint8_t, 4096> in{};
  std::vector<std::uint8_t> out;
  bool writing = false;
  bool alive = true;
};

Connection::Connection(asio::io_context& io, Endpoint endpoint, hal::sim::BufferPort& port,
                       std::function<void()> activity)
    : io_(io),
      endpoint_(std::move(endpoint)),
      port_(port),
      activity_(std::move(activity)),
      retry_timer_(io) {}

Connection::~Connection() {
  drop();
}

void Connection::connect() {
  if (!plugged_ || session_) return;
  const auto session = session_ = std::make_shared<Session>(io_);
  session->socket.async_connect(endpoint_, [this, session](boost::system::error_code error) {
    if (!session->alive) return;
    if (error) {
      drop();
      retry();
      return;
    }
    if (endpoint_.protocol().family() != AF_UNIX) {
      session->socket.set_option(asio::ip::tcp::no_delay(true), error);
    }
    ++connections_;
    port_.connected();
    read(session);
    activity_();
  });
}

void Connection::retry() {
  retry_timer_.expires_after(with_chance(retry_after_));
  retry_after_ = std::min(retry_after_ * 2, retry_most);
  retry_timer_.async_wait([this](boost::system::error_code error) {
    if (!error) connect();
  });
}

void Connection::drop() {
  if (!session_) return;
  session_->alive = false;
  boost::system::error_code ignored;
  session_->socket.close(ignored);
  session_.reset();
  port_.lost();
}

void Connection::read(const std::shared_ptr<Session>& session) {
  session->socket.async_read_some(
      asio::buffer(session->in),
      [this, session](boost::system::error_code error, std::size_t size) {
        if (!session->alive) return;
        if (error) {
          drop();
          retry();
        } else {
          retry_after_ = retry_first;
          port_.receive({session->in.data(), size});
          read(session);
        }
        activity_();
      });
}

void Connection::flush() {
  if (session_ && !session_->writing && port_.has_output()) write(session_);
  if (port_.take_drop_request() && session_ && port_.is_connected()) {
    drop();
    retry();
    asio::post(io_, [this, alive = std::weak_ptr(alive_)] {
      if (alive.lock()) activity_();
    });
  }
}

void Connection::write(const std::shared_ptr<Session>& session) {
  session->out = port_.take_output();
  // Frames are small: most of the time the kernel takes them at once, also before a drop.
  boost::system::error_code error;
  session->socket.non_blocking(true, error);
  const std::size_t taken = session->socket.write_some(asio::buffer(session->out), error);
  if (!error && taken == session->out.size()) return;
  if (!error)
    session->out.erase(session->out.begin(),
                       session->out.begin() + static_cast<std::ptrdiff_t>(taken));
  session->writing = true;
  asio::async_write(session->socket, asio::buffer(session->out),
                    [this, session](boost::system::error_code failed, std::size_t) {
                      if (!session->alive) return;
                      session->writing = false;
                      if (!failed) flush();  // a broken connection is noticed by the reader
                    });
}

void Connection::set_plugged(bool plugged) {
  if (plugged == plugged_) return;
  plugged_ = plugged;
  retry_after_ = retry_first;
  if (plugged) {
    connect();
  } else {
    retry_timer_.cancel();
    drop();
    activity_();
  }
}

}  // namespace rollcall::simulator
