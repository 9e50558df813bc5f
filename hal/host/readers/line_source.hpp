// Devices that print lines: what is read of them, without knowing when. They never wait.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "hal/host/serial_line.hpp"

namespace rollcall::readers {

class LineSource {
 public:
  virtual ~LineSource() = default;

  // For messages, as in "keyboard /dev/input/event3".
  virtual std::string name() const = 0;
  // A descriptor that is readable when something has come; it stays the source's. Otherwise a
  // clause that says why not.
  virtual std::expected<int, std::string> open() = 0;
  // Appends what has come. False: the device is gone.
  virtual bool receive(std::string& characters) = 0;
  virtual void close() = 0;
  // Whether a line without an end is one, after a pause; otherwise it has lost its end.
  virtual bool ends_by_pause() const = 0;
};

std::unique_ptr<LineSource> serial_source(hal::host::SerialAddress address);

// A keyboard by its device node. It is taken for this program alone (EVIOCGRAB): nothing that it
// types ends up in another one.
std::unique_ptr<LineSource> keyboard_source(std::string device);

}  // namespace rollcall::readers
