// The link of a terminal on a serial line.
#pragma once

#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "hal/host/links/link.hpp"
#include "hal/host/serial_line.hpp"

namespace rollcall::links {

// Never gone: the device may come back at any time. Nothing is opened yet.
std::shared_ptr<Port> serial_port(boost::asio::any_io_executor reactor,
                                  hal::host::SerialAddress address);

}  // namespace rollcall::links
