// The console's own certificate.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "daemon/config/config.hpp"

namespace boost::asio::ssl {
class context;
}

namespace rollcall::console {

// TLS 1.2 and newer with the configured certificate and key; nothing (null) when there is none. An
// error is a sentence that names the file.
std::expected<std::shared_ptr<boost::asio::ssl::context>, std::string> tls_context(
    const config::Console& console);

}  // namespace rollcall::console
