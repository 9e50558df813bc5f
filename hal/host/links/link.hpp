// How terminals reach the host: a stream of bytes in both directions, whatever carries it. Frames
// cross it as bytes; it keeps their order and neither adds nor leaves out any while it lasts.
//
// Everything here runs on the reactor, the one thread that runs the executor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "hal/bytes.hpp"

namespace rollcall::links {

using hal::Bytes;
using hal::MutableBytes;

// One connection, from open to closed. At most one coroutine reads and one writes at a time; both
// may be cancelled, and the link is then good for nothing but close().
class Link {
 public:
  virtual ~Link() = default;

  // Waits for bytes; how many came, 1 to into.size(). 0: the link has ended, for whatever reason.
  virtual boost::asio::awaitable<std::size_t> read_some(MutableBytes into) = 0;
  // Waits until the transport has taken all of `data`, which stays as it is until then. False: the
  // link has ended, and how much was taken is not known.
  virtual boost::asio::awaitable<bool> write(Bytes data) = 0;
  // Waits until what was written has left, for as long as that may take: a moment, or not at all
  // where the transport sends it by itself. Before close(), so that a last word is heard.
  virtual boost::asio::awaitable<void> drain() { co_return; }
  // Ends it at once, without waiting for what was written; who waits above is released.
  virtual void close() = 0;

  // For logs and people, such as "tcp 127.0.0.1:4711"; the first word is tcp, unix, serial or usb.
  virtual const std::string& peer() const = 0;
  // A line lasts as long as its cable: nobody connects, nobody may be at its other end, and what it
  // carries before a greeting may be noise.
  virtual bool is_line() const { return false; }
  // Bytes a second that a slow line carries; 0 = no limit is known.
  virtual std::uint32_t line_rate() const { return 0; }
};

// Where a line is plugged in. It is opened for each session anew.
class Port {
 public:
  virtual ~Port() = default;

  // A link of is_line(). Otherwise a clause that says why not: nothing is there now, or it is not
  // ready yet. The link before it was closed.
  virtual boost::asio::awaitable<std::expected<std::shared_ptr<Link>, std::string>> open() = 0;
  // For good; what is plugged in later is another Port.
  virtual bool gone() const = 0;
  // For logs, such as "serial /dev/ttyUSB0".
  virtual const std::string& name() const = 0;
};

}  // namespace rollcall::links
