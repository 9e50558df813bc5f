#include "hal/host/links/serial.hpp"

#include <chrono>
#include <utility>

#include <boost/asio/serial_port.hpp>
#include <boost/asio/steady_timer.hpp>
#include <unistd.h>

#include "hal/host/links/stream_link.hpp"

namespace rollcall::links {
namespace {

namespace asio = boost::asio;
using hal::host::SerialAddress;

class SerialLineLink final : public StreamLink<asio::serial_port> {
 public:
  SerialLineLink(asio::serial_port port, std::string peer, std::uint32_t rate)
      : StreamLink(std::move(port), std::move(peer)), rate_(rate) {}

  bool is_line() const override { return true; }
  std::uint32_t line_rate() const override { return rate_; }

  ~SerialLineLink() override { SerialLineLink::close(); }

  asio::awaitable<void> drain() override {
    const auto latest = std::chrono::steady_clock::now() + longest_drain;
    asio::steady_timer pause(stream_.get_executor());
    while (stream_.is_open() && hal::host::serial_output_waiting(stream_.native_handle()) &&
           std::chrono::steady_clock::now() < latest) {
      pause.expires_after(std::chrono::milliseconds(5));
      co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
    }
  }

  // Whoever does not take what was written must not hold up the reactor.
  void close() override {
    if (stream_.is_open()) hal::host::discard_serial_output(stream_.native_handle());
    StreamLink::close();
  }

 private:
  static constexpr std::chrono::milliseconds longest_drain{250};  // a frame at 9 600 baud

  const std::uint32_t rate_;
};

class SerialPort final : public Port {
 public:
  SerialPort(asio::any_io_executor reactor, SerialAddress address)
      : reactor_(std::move(reactor)), address_(std::move(address)) {}

  asio::awaitable<std::expected<std::shared_ptr<Link>, std::string>> open() override {
    const auto descriptor = hal::host::open_serial_line(address_);
    if (!descriptor) co_return std::unexpected(descriptor.error());
    asio::serial_port port(reactor_);
    boost::system::error_code error;
    port.assign(*descriptor, error);
    if (error) {
      ::close(*descriptor);
      co_return std::unexpected(error.message());
    }
    co_return std::make_shared<SerialLineLink>(std::move(port), name_, address_.bytes_per_second());
  }
  bool gone() const override { return false; }
  const std::string& name() const override { return name_; }

 private:
  const asio::any_io_executor reactor_;
  const SerialAddress address_;
  const std::string name_ = "serial " + address_.device;
};

}  // namespace

std::shared_ptr<Port> serial_port(asio::any_io_executor reactor, SerialAddress address) {
  return std::make_shared<SerialPort>(std::move(reactor), std::move(address));
}

}  // namespace rollcall::links
