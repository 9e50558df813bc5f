// Readers that print lines: card readers and QR scanners that type as a keyboard or send text over
// a serial line. They tell what they have read, and know no cards in sight.
#pragma once

#include <chrono>
#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "hal/host/readers/line_format.hpp"
#include "hal/host/readers/line_source.hpp"
#include "hal/host/readers/reader.hpp"

namespace rollcall::readers {

// After so long without a character a line is over, or has lost its end.
inline constexpr std::chrono::milliseconds line_pause{300};

// The device may be absent, and come and go at any time; it is looked for as a PN532's is.
std::unique_ptr<Reader> line_reader(const boost::asio::any_io_executor& reactor,
                                    std::unique_ptr<LineSource> source, LineFormat format,
                                    Events events);

}  // namespace rollcall::readers
