// The part of rebuild_from() that is about halfday.*.
#pragma once

#include <cstdint>

#include <nlohmann/json_fwd.hpp>

#include "daemon/events/event.hpp"
#include "daemon/store/database.hpp"

namespace rollcall::recovery {

// Throws nlohmann::json::exception when a member is missing. Thread: a writer job.
void rebuild_sheet(store::Database& db, const events::Event& event, const nlohmann::json& data,
                   std::int64_t position);

}  // namespace rollcall::recovery
