#include "firmware/simulator/connection.hpp"

#include <array>
#include <charconv>
#include <random>
#include <type_traits>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <unistd.h>

namespace rollcall::simulator {
namespace {

std::chrono::milliseconds with_chance(std::chrono::milliseconds wait) {
  static std::minstd_rand random(std::random_device{}());
  return wait + std::chrono::milliseconds(
                    std::uniform_int_distribution<long>(0, wait.count() / 4)(random));
}

}  // namespace

std::expected<Endpoint, std::string> parse_endpoint(const std::string& text) {
  if (text.starts_with("serial:")) {
    auto address = hal::host::parse_serial_address(std::string_view(text).substr(7));
    if (!address) return std::unexpected("\"" + text + "\" " + address.error());
    return std::move(*address);
  }
  if (text.starts_with("unix:") && text.size() > 5) {
    if (text.size() - 5 > 107)
      return std::unexpected("the path of a Unix socket has at most 107 bytes: " + text);
    return SocketAddress(asio::local::stream_protocol::endpoint(text.substr(5)));
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
      return SocketAddress(found.begin()->endpoint());
    }
  }
  return std::unexpected("\"" + text + "\" is not tcp:HOST:PORT, unix:PATH or serial:DEVICE");
}

// One connection. Handlers outlive the Connection; they find `alive` false then.
class Connection::Session {
 public:
  using Read = std::function<void(boost::system::error_code, std::size_t)>;
  using Written = std::function<void(boost::system::error_code)>;

  virtual ~Session() = default;
  virtual void async_read(Read done) = 0;      // into `in`
  virtual void async_write(Written done) = 0;  // all of `out`
  virtual std::size_t write_at_once() = 0;     // of `out`
  virtual void close() = 0;
  virtual bool is_line() const = 0;  // whoever drops it finds it again as it was

  std::array<std::uint8_t, 4096> in{};
  std::vector<std::uint8_t> out;
  bool writing = false;
  bool alive = true;
};

template <class Stream>
class Connection::SessionOver final : public Session {
 public:
  explicit SessionOver(asio::io_context& io) : stream(io) {}

  void async_read(Read done) override { stream.async_read_some(asio::buffer(in), std::move(done)); }
  void async_write(Written done) override {
    asio::async_write(
        stream, asio::buffer(out),
        [done = std::move(done)](boost::system::error_code error, std::size_t) { done(error); });
  }
  std::size_t write_at_once() override {
    boost::system::error_code error;
    stream.non_blocking(true, error);
    const std::size_t taken = stream.write_some(asio::buffer(out), error);
    return error ? 0 : taken;
  }
  void close() override {
    boost::system::error_code ignored;
    stream.close(ignored);
  }
  bool is_line() const override { return std::is_same_v<Stream, asio::posix::stream_descriptor>; }

  Stream stream;
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
  std::visit([this](const auto& address) { connect_to(address); }, endpoint_);
}

void Connection::connect_to(const SocketAddress& address) {
  const auto session = std::make_shared<SessionOver<asio::generic::stream_protocol::socket>>(io_);
  session_ = session;
  session->stream.async_connect(address, [this, session](boost::system::error_code error) {
    if (!session->alive) return;
    if (error) {
      drop();
      retry();
      return;
    }
    if (std::get<SocketAddress>(endpoint_).protocol().family() != AF_UNIX) {
      session->stream.set_option(asio::ip::tcp::no_delay(true), error);
    }
    connected(session);
  });
}

void Connection::connect_to(const SerialAddress& address) {
  const auto descriptor = hal::host::open_serial_line(address);
  if (!descriptor) return retry();
  const auto session = std::make_shared<SessionOver<asio::posix::stream_descriptor>>(io_);
  boost::system::error_code error;
  session->stream.assign(*descriptor, error);
  if (error) {
    ::close(*descriptor);
    return retry();
  }
  session_ = session;
  asio::post(io_, [this, session] {
    if (session->alive) connected(session);
  });
}

void Connection::connected(const std::shared_ptr<Session>& session) {
  ++connections_;
  port_.connected();
  read(session);
  activity_();
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
  session_->close();
  session_.reset();
  port_.lost();
}

void Connection::read(const std::shared_ptr<Session>& session) {
  session->async_read([this, session](boost::system::error_code error, std::size_t size) {
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
  if (port_.take_drop_request() && session_ && !session_->is_line() && port_.is_connected()) {
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
  const std::size_t taken = session->write_at_once();
  if (taken == session->out.size()) return;
  session->out.erase(session->out.begin(),
                     session->out.begin() + static_cast<std::ptrdiff_t>(taken));
  session->writing = true;
  session->async_write([this, session](boost::system::error_code failed) {
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
