// How somebody was seen: what a conclusion repeats of the event that it rests on. Thread: the
// writer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "daemon/events/event.hpp"
#include "daemon/store/database.hpp"

namespace rollcall::attendance {

struct Sighting {
  std::optional<std::string> room, terminal;
  std::string method, assurance;
  std::optional<std::string> credential;
  std::string time;                        // time block of the event, as JSON
  std::optional<events::TapIdentity> tap;  // nothing: staff stated it
  std::optional<std::int64_t> time_ms;     // of the event's envelope
};

// Of the event at this position: tap.recorded or attendance.assisted. Nothing when its content has
// been purged.
std::optional<Sighting> sighting_of(store::Database& db, std::int64_t position);

// The data of the event at this position, when it is kept under attendance.
std::optional<nlohmann::ordered_json> attendance_data(store::Database& db, std::int64_t position);

// Its id; "" = there is none.
std::string event_id(store::Database& db, std::int64_t position);

}  // namespace rollcall::attendance
