#include "daemon/console/guard.hpp"

#include <algorithm>
#include <string>

#include "daemon/log/log.hpp"
#include "daemon/metrics/metrics.hpp"

namespace rollcall::console {
namespace {

http::Response refuse(std::string_view reason, std::string_view value, std::string_view detail) {
  static logging::Limited limited;
  metrics::add(metrics::Counter::http_refused, reason);
  limited.warning("console request refused", {{"reason", reason}, {"value", value}});
  return http::problem(403, "Forbidden", detail);
}

}  // namespace

bool is_own_host(std::string_view host, std::string_view configured) {
  const auto colon = host.rfind(':');
  const auto bracket = host.rfind(']');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    const std::string_view port = host.substr(colon + 1);
    if (!std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; })) return false;
    host = host.substr(0, colon);
  }
  return host == "127.0.0.1" || host == "localhost" || host == "[::1]" ||
         (!configured.empty() && host == configured);
}

std::optional<http::Response> refuse_strangers(const http::Request& request,
                                               const config::Console& console) {
  const bool tls = !console.certificate.empty();
  const auto host = request.headers.find("Host");
  if (host == request.headers.end() || !is_own_host(host->second, console.host)) {
    return refuse("host", host == request.headers.end() ? "" : host->second,
                  console.host.empty() ? "this address is served to this machine only: open it as "
                                         "http://127.0.0.1 with its port"
                                       : "open it by the name that is configured: console.host");
  }
  const auto origin = request.headers.find("Origin");
  if (origin != request.headers.end() &&
      origin->second != (tls ? "https://" : "http://") + host->second) {
    return refuse("origin", origin->second,
                  "requests from pages of other addresses are not answered");
  }
  if (request.path.starts_with("/kiosk/") && !request.from_here) {
    return refuse("host", request.peer,
                  "kiosk pages are served to the machine that has the reader, and to no other");
  }
  return std::nullopt;
}

}  // namespace rollcall::console
