// What staff do for a person at the desk: who does it and why, and the event that tells it.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "daemon/events/event.hpp"
#include "daemon/store/database.hpp"

namespace rollcall::attendance {

// Whether an event may say so; a clause otherwise.
std::expected<void, std::string> check_deed(std::string_view actor, std::string_view reason);

// Appends the event, of this moment. `data` as JSON text. Thread: the writer.
void append_deed(store::Database& db, const char* type, const std::string& person, std::string data,
                 const events::TimeBlock& now);

}  // namespace rollcall::attendance
