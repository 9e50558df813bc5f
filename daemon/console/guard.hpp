// What a request must look like before any route of the console sees it.
#pragma once

#include <optional>
#include <string_view>

#include "daemon/config/config.hpp"
#include "hal/host/http/http.hpp"

namespace rollcall::console {

// A page of another site can make a browser send requests here, by its own name that it lets point
// to 127.0.0.1 (DNS rebinding) or across origins. So the Host must be a loopback name or the one
// that is configured, whatever the port (it may be forwarded), and an Origin, when there is one,
// must be that host. Kiosk pages, which know no sign-in, are for this machine alone.
std::optional<http::Response> refuse_strangers(const http::Request& request,
                                               const config::Console& console);

// "127.0.0.1", "localhost", "[::1]" or `configured`, with or without a port.
bool is_own_host(std::string_view host, std::string_view configured = {});

}  // namespace rollcall::console
