// JSON pieces that every event's data is made of.
#pragma once

#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "daemon/events/event.hpp"
#include "protocol/types.hpp"

namespace rollcall::events {

nlohmann::ordered_json to_json(const TimeBlock& time);   // member "time" of every event's data
nlohmann::ordered_json to_json(const TapIdentity& tap);  // a tap that a conclusion rests on
std::string_view to_text(protocol::ClockTrust trust);    // "synced", "drifting", "unproven"

}  // namespace rollcall::events
