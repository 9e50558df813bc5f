// Who may be inside, to be counted at the assembly point: whoever has come and not left, and
// whoever was taken out by rule alone. Runs on a reader's thread.
#pragma once

#include <cstdint>

#include <nlohmann/json_fwd.hpp>

#include "daemon/console/queries.hpp"

namespace rollcall::console {

// {rooms, counts} of Evacuation (docs/api/console.yaml).
Json read_evacuation(store::Database& db, const View& view, std::int64_t now_ms);

}  // namespace rollcall::console
