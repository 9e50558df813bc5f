#include "daemon/terminals/endpoint.hpp"

#include <charconv>
#include <string_view>

#include <boost/asio/ip/address.hpp>

namespace rollcall::terminals {
namespace {

constexpr std::size_t max_unix_path = 107;  // sun_path with its closing zero

}  // namespace

std::expected<Endpoint, std::string> parse_endpoint(const std::string& text) {
  const auto wrong = [&](const std::string& why) {
    return std::unexpected(
        "links.listen: \"" + text + "\" " + why +
        "; write \"tcp:127.0.0.1:7440\", \"unix:/run/rollcall/terminals.sock\" or "
        "\"serial:/dev/ttyUSB0:115200\"");
  };
  Endpoint endpoint;
  if (text.starts_with("unix:")) {
    endpoint.kind = Endpoint::Kind::unix_socket;
    endpoint.path = text.substr(5);
    if (endpoint.path.empty()) return wrong("names no path");
    if (endpoint.path.size() > max_unix_path)
      return wrong("has a path longer than a Unix socket can have (107 bytes)");
    return endpoint;
  }
  if (text.starts_with("serial:")) {
    auto line = hal::host::parse_serial_address(std::string_view(text).substr(7));
    if (!line) return wrong(line.error());
    endpoint.kind = Endpoint::Kind::serial;
    endpoint.line = std::move(*line);
    return endpoint;
  }
  if (!text.starts_with("tcp:"))
    return wrong("starts with neither \"tcp:\" nor \"unix:\" nor \"serial:\"");

  std::string_view rest = std::string_view(text).substr(4);
  const auto colon = rest.rfind(':');
  if (colon == std::string_view::npos) return wrong("names no port");
  std::string_view host = rest.substr(0, colon);
  const std::string_view port = rest.substr(colon + 1);
  const auto [end, bad] = std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
  if (bad != std::errc{} || end != port.data() + port.size())
    return wrong("has a port that is not 0 to 65535");
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);

  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(std::string(host), error);
  if (error) return wrong("has an address that is not an IP address");
  endpoint.address = address.to_string();
  return endpoint;
}

}  // namespace rollcall::terminals
