// A movement that staff record for a person: the card is at home, cannot be read, or help is
// wanted.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/attendance/decision.hpp"
#include "daemon/attendance/recorder.hpp"

namespace rollcall::attendance {

// Why staff do it, as the schema of attendance.assisted has it. No free text: it would hold names.
inline constexpr std::array<std::string_view, 7> assist_causes = {
    "no_card", "card_unreadable", "help_wanted", "terminal_down", "drop_in", "off_site", "other"};

struct AssistRequest {
  std::string person;
  Direction direction = Direction::in;
  std::string cause;
  std::string room;           // empty = that of the session, when there is one
  std::optional<int> minute;  // of today, local, not in the future; nothing = now
  std::string actor;          // pseudonym of staff, or unix:<uid>
};

struct Assisted {
  std::int64_t time_ms = 0;            // when it happened, Unix ms
  std::optional<std::string> session;  // what it counts for
  std::string room;                    // "" = none is known
};

// Writes attendance.assisted and moves the person. A clause when it cannot be: nothing was changed
// then. Run as a writer job.
std::expected<Assisted, std::string> record_assisted(store::Database& db,
                                                     const config::Config& config,
                                                     const AssistRequest& request,
                                                     const HostTime& now);

}  // namespace rollcall::attendance
