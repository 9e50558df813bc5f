#include "hal/host/serial_line.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <system_error>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

namespace rollcall::hal::host {
namespace {

struct Rate {
  std::uint32_t baud;
  speed_t code;
};

constexpr auto rates = std::to_array<Rate>({
    {9600, B9600},
    {19200, B19200},
    {38400, B38400},
    {57600, B57600},
    {115200, B115200},
    {230400, B230400},
    {460800, B460800},
    {500000, B500000},
    {576000, B576000},
    {921600, B921600},
    {1000000, B1000000},
    {1500000, B1500000},
    {2000000, B2000000},
    {3000000, B3000000},
    {4000000, B4000000},
});

const Rate* find_rate(std::uint32_t baud) {
  const auto* found = std::ranges::find(rates, baud, &Rate::baud);
  return found == rates.end() ? nullptr : found;
}

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool set_up(int descriptor, speed_t code) {
  termios settings{};
  if (::tcgetattr(descriptor, &settings) != 0) return false;
  ::cfmakeraw(&settings);
  settings.c_iflag &= ~static_cast<tcflag_t>(IXOFF | IXANY | INPCK);  // which it leaves alone
  // No modem lines: they are not looked at, and the last close does not reset who hangs on them.
  settings.c_cflag |= CLOCAL | CREAD;
  settings.c_cflag &= ~static_cast<tcflag_t>(HUPCL | CRTSCTS | CSTOPB);
  settings.c_cc[VMIN] = 1;
  settings.c_cc[VTIME] = 0;
  return ::cfsetspeed(&settings, code) == 0 && ::tcsetattr(descriptor, TCSANOW, &settings) == 0 &&
         ::tcflush(descriptor, TCIOFLUSH) == 0 && ::ioctl(descriptor, TIOCEXCL) == 0;
}

}  // namespace

std::expected<SerialAddress, std::string> parse_serial_address(std::string_view text,
                                                               std::uint32_t baud) {
  SerialAddress address{.device = {}, .baud = baud};
  const auto colon = text.rfind(':');
  if (colon != std::string_view::npos && is_number(text.substr(colon + 1))) {
    const char* end = text.data() + text.size();
    const auto [stop, bad] = std::from_chars(text.data() + colon + 1, end, address.baud);
    if (bad != std::errc{} || stop != end || find_rate(address.baud) == nullptr)
      return std::unexpected("has a rate that is none of " + std::string{baud_rates});
    text = text.substr(0, colon);
  }
  if (!text.starts_with('/') || text.size() < 2)
    return std::unexpected("names no device by its absolute path");
  address.device = text;
  return address;
}

std::expected<int, std::string> open_serial_line(const SerialAddress& address) {
  const Rate* rate = find_rate(address.baud);
  if (rate == nullptr) return std::unexpected("no such rate");
  // O_NONBLOCK: without it open() would wait for a carrier.
  const int descriptor = ::open(address.device.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor >= 0 && set_up(descriptor, rate->code)) return descriptor;
  const auto problem = std::generic_category().message(errno);
  if (descriptor >= 0) ::close(descriptor);
  return std::unexpected(problem);
}

bool serial_output_waiting(int descriptor) {
  int waiting = 0;
  return ::ioctl(descriptor, TIOCOUTQ, &waiting) == 0 && waiting > 0;
}

void discard_serial_output(int descriptor) {
  ::tcflush(descriptor, TCOFLUSH);
}

}  // namespace rollcall::hal::host
