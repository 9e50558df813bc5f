// The links of terminals on USB. Whatever is a terminal by hal/usb_terminal.hpp and is plugged in,
// now or later, becomes a Port.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "hal/host/links/link.hpp"

namespace rollcall::links {

// Watches until it is destroyed; the links that are open then have ended.
class UsbBus {
 public:
  virtual ~UsbBus() = default;
};

// `arrived` is called on the reactor, which outlives the bus, once for each time a terminal is
// plugged in. Otherwise a clause: this machine has no USB, or it cannot tell what is plugged in.
std::expected<std::unique_ptr<UsbBus>, std::string> watch_usb(
    boost::asio::any_io_executor reactor, std::function<void(std::shared_ptr<Port>)> arrived);

}  // namespace rollcall::links
