// What a request must look like before any route of the console sees it.
#pragma once

#include <optional>
#include <string_view>

#include "hal/host/http/http.hpp"

namespace rollcall::console {

// A page of another site can make a browser send requests here, by its own name that it lets point
// to 127.0.0.1 (DNS rebinding) or across origins. So the Host must be a loopback name, whatever the
// port (it may be forwarded), and an Origin, when there is one, must be that host.
std::optional<http::Response> refuse_strangers(const http::Request& request);

// "127.0.0.1", "localhost" or "[::1]", with or without a port.
bool is_own_host(std::string_view host);

}  // namespace rollcall::console
