// Reading what requests say of a terminal. All but not_stored throw BadRequest.
#pragma once

#include <string>
#include <vector>

#include "daemon/console/body.hpp"
#include "daemon/store/database.hpp"
#include "protocol/types.hpp"

namespace rollcall::console {

std::string serial_of(const http::Request& request);  // from the path
std::string serial_of(const Json& body);
std::string room_of(const Json& body);
protocol::TerminalMode mode_of(const Json& body);
std::vector<std::string> languages_of(const Json& body);  // absent = none: those of the site

// 503: a change that the database did not take.
http::Response not_stored(const store::StoreError& error);

}  // namespace rollcall::console
