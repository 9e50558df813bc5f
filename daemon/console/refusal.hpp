// What accounts refuse, as an answer.
#pragma once

#include "daemon/accounts/accounts.hpp"
#include "hal/host/http/http.hpp"

namespace rollcall::console {

// 400, 401, 404, 409, 429 (with Retry-After) or 503.
http::Response refusal(const accounts::Refusal& refusal);

}  // namespace rollcall::console
