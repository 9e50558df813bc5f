// A PN532 module on a serial port of this machine, by the firmware's own driver.
#pragma once

#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "hal/host/readers/reader.hpp"
#include "hal/host/serial_line.hpp"

namespace rollcall::readers {

// The device may be absent, and come and go at any time.
std::unique_ptr<Reader> pn532_reader(const boost::asio::any_io_executor& reactor,
                                     hal::host::SerialAddress address, Events events);

}  // namespace rollcall::readers
