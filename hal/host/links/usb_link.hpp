// The reactor's half of an opened USB terminal.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "hal/host/links/link.hpp"
#include "hal/host/links/usb_device.hpp"
#include "hal/host/links/usb_thread.hpp"

namespace rollcall::links {

class UsbLink final : public Link, public std::enable_shared_from_this<UsbLink> {
 public:
  using Opened = std::expected<std::shared_ptr<UsbDevice>, std::string>;

  UsbLink(boost::asio::any_io_executor reactor, std::shared_ptr<UsbThread> thread)
      : reactor_(reactor), thread_(std::move(thread)), readable_(reactor), writable_(reactor) {}
  ~UsbLink() override { close(); }

  // Has `opens` run on the USB thread; the link is usable when that has succeeded. Otherwise a
  // clause.
  boost::asio::awaitable<std::expected<void, std::string>> open(std::function<Opened()> opens);

  boost::asio::awaitable<std::size_t> read_some(MutableBytes into) override;
  boost::asio::awaitable<bool> write(Bytes data) override;
  void close() override;
  const std::string& peer() const override { return peer_; }
  bool is_line() const override { return true; }

 private:
  UsbDevice::Events events();
  void opened(Opened result);
  void end();

  boost::asio::any_io_executor reactor_;
  std::shared_ptr<UsbThread> thread_;
  boost::asio::steady_timer readable_;
  boost::asio::steady_timer writable_;
  std::optional<Opened> device_;
  std::string peer_;
  std::deque<std::vector<std::uint8_t>> packets_;  // at most UsbDevice::reads_in_flight
  std::size_t taken_ = 0;                          // of the first
  bool written_ = false;
  bool ended_ = false;
};

}  // namespace rollcall::links
