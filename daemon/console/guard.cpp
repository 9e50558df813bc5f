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

bool is_own_host(std::string_view host) {
  const auto colon = host.rfind(':');
  const auto bracket = host.rfind(']');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    const std::string_view port = host.substr(colon + 1);
    if (!std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; })) return false;
    host = host.substr(0, colon);
  }
  return host == "127.0.0.1" || host == "localhost" || host == "[::1]";
}

std::optional<http::Response> refuse_strangers(const http::Request& request) {
  const auto host = request.headers.find("Host");
  if (host == request.headers.end() || !is_own_host(host->second)) {
    return refuse(
        "host", host == request.headers.end() ? "" : host->second,
        "this address is served to this machine only: open it as http://127.0.0.1 with its port");
  }
  const auto origin = request.headers.find("Origin");
  if (origin != request.headers.end() && origin->second != "http://" + host->second) {
    return refuse("origin", origin->second,
                  "requests from pages of other addresses are not answered");
  }
  return std::nullopt;
}

}  // namespace rollcall::console
