// The cookie that carries a session's secret: for this host alone, for no script, and in no request
// that a page of another site causes. With TLS its name begins with __Host- (RFC 6265bis section
// 4.1.3), so that nobody without TLS and no other host can set it.
#pragma once

#include <string>
#include <string_view>

#include "hal/host/http/http.hpp"

namespace rollcall::console {

// What the request's cookie holds; "" when it has none.
std::string secret_in(const http::Request& request, bool tls);

// Values of Set-Cookie.
std::string set_secret(std::string_view secret, bool tls);
std::string clear_secret(bool tls);

}  // namespace rollcall::console
