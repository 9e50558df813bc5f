// Reading a request's body as the contract has it.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "daemon/console/queries.hpp"
#include "hal/host/http/http.hpp"

namespace rollcall::console {

// A request that is not as the contract has it; the text says what would be right.
struct BadRequest {
  std::string detail;
};

// These throw BadRequest.
Json parse_body(const http::Request& request);           // an object of at most 16 KiB
std::string text_of(const Json& body, const char* key);  // 1 to 500 bytes
// Who asks: as the request was let in, else as its body says (events::is_actor).
std::string actor_of(const http::Request& request, const Json& body);
std::string reason_of(const Json& body);  // as events::is_sentence

}  // namespace rollcall::console
