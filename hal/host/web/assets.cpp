#include "hal/host/web/assets.hpp"

namespace rollcall::web {
namespace {

// Scheme, host and port (RFC 6454 section 6.2).
std::string origin_of(const std::string& address) {
  const std::size_t host = address.find("//");
  return host == std::string::npos ? address
                                   : address.substr(0, address.find_first_of("/?#", host + 2));
}

}  // namespace

void add_assets(http::Router& router, std::span<const Asset> assets) {
  for (const Asset& asset : assets) {
    router.add("GET", std::string(asset.path),
               [&asset](const http::Request& request) -> http::asio::awaitable<http::Response> {
                 http::Response response;
                 response.content_type = asset.content_type;
                 response.headers["ETag"] = asset.etag;
                 response.headers["Cache-Control"] = "no-cache";
                 const auto known = request.headers.find("If-None-Match");
                 if (known != request.headers.end() && known->second == asset.etag) {
                   response.status = 304;
                 } else {
                   response.body = asset.body;
                 }
                 co_return response;
               });
  }
}

http::Headers security_headers(std::span<const std::string> pictures_from) {
  std::string pictures = "img-src 'self'";
  for (const std::string& address : pictures_from) pictures += " " + origin_of(address);
  return {
      {"Content-Security-Policy",
       "default-src 'none'; script-src 'self'; style-src 'self'; " + pictures +
           "; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
      {"X-Content-Type-Options", "nosniff"},
      {"Referrer-Policy", "no-referrer"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
  };
}

}  // namespace rollcall::web
