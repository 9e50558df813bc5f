// Pages compiled into a program, and the one way they are served. The bytes are put into generated
// sources by cmake/RollcallEmbed.cmake; nothing is read from disk at run time.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "hal/host/http/http.hpp"

namespace rollcall::web {

// One file of a page. Everything lives as long as the program.
struct Asset {
  std::string_view path;          // where it is served, such as "/console.js"
  std::string_view content_type;  // such as "text/javascript; charset=utf-8"
  std::string_view etag;          // quoted SHA-256 of `body`
  std::string_view body;
};

// Adds a GET route for each asset. A browser that already has the same bytes (If-None-Match) gets
// 304; browsers ask each time, so that a newer program never meets an older page.
void add_assets(http::Router& router, std::span<const Asset> assets);

// The headers that every answer of a program with pages carries; pass them to http::Server.
// Scripts, styles, images and connections come from the program itself only, nothing inline; no
// other page may frame this one; no address leaves in a Referer. Pictures may also come from the
// servers of `pictures_from`, web addresses without spaces and separators; what follows the server
// in them is of no account.
http::Headers security_headers(std::span<const std::string> pictures_from = {});

}  // namespace rollcall::web
