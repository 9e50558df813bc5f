// A person's day as staff look at it before they correct it: what was tapped and entered, what it
// was taken for, and who changed that, when and why. Runs on a reader's thread.
#pragma once

#include <cstdint>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "daemon/console/queries.hpp"

namespace rollcall::console {

// PersonDay of docs/api/console.yaml; null when nobody has that id. `day`: ISO date.
Json read_person_day(store::Database& db, const View& view, const std::string& person,
                     const std::string& day, std::int64_t now_ms);

}  // namespace rollcall::console
