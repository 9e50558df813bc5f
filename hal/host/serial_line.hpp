// A serial line of this machine: how it is named, and how it is opened.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace rollcall::hal::host {

struct SerialAddress {
  std::string device;           // absolute path
  std::uint32_t baud = 115200;  // bits a second: 8 data bits, no parity, one stop bit
  // 10 bits a byte.
  std::uint32_t bytes_per_second() const { return baud / 10; }
};

// "/dev/ttyUSB0" or "/dev/serial/by-id/usb-maker_model_0042-if00:921600". What follows the last
// colon is a rate if it is a number: names in /dev/serial have colons too; without one it is
// `baud`. Otherwise what is wrong, as in "names no device".
std::expected<SerialAddress, std::string> parse_serial_address(std::string_view text,
                                                               std::uint32_t baud = 115200);

// The rates that parse_serial_address takes, for messages.
inline constexpr std::string_view baud_rates =
    "9600, 19200, 38400, 57600, 115200, 230400, 460800, 500000, 576000, 921600, 1000000, 1500000, "
    "2000000, 3000000 or 4000000";

// A descriptor for reading and writing that does not block, the caller's to close: raw, without
// flow control, what was received before thrown away, and nobody else may open the device (TIOCEXCL
// of tty_ioctl(4); root may all the same). Otherwise why not, in words of the system.
std::expected<int, std::string> open_serial_line(const SerialAddress& address);

// Whether bytes that were written have not left yet.
bool serial_output_waiting(int descriptor);
// Throws away what was written and not sent, so that close() does not wait for it.
void discard_serial_output(int descriptor);

}  // namespace rollcall::hal::host
