#include "hal/host/web/assets.hpp"

#include <string>

namespace rollcall::web {

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

http::Headers security_headers() {
  return {
      {"Content-Security-Policy",
       "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src "
       "'self'; "
       "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
      {"X-Content-Type-Options", "nosniff"},
      {"Referrer-Policy", "no-referrer"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
  };
}

}  // namespace rollcall::web
