// What of attendance waits for a person beside the inbox: stays that nobody ended, and taps whose
// time nobody knows. Found anew each time: what was answered is gone. Runs on a reader's thread.
#pragma once

#include <cstdint>

#include <nlohmann/json_fwd.hpp>

#include "daemon/console/queries.hpp"

namespace rollcall::console {

inline constexpr int most_waiting = 200;  // of each kind

// Waiting of docs/api/console.yaml: of the days that can be corrected.
Json read_waiting(store::Database& db, const View& view, std::int64_t now_ms);

}  // namespace rollcall::console
