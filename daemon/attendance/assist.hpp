// A movement that staff record for a person: the card is at home, cannot be read, or help is
// wanted; an exit was forgotten; a whole group came without a terminal. Never looks like a tap.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/attendance/decision.hpp"
#include "daemon/attendance/recorder.hpp"

namespace rollcall::attendance {

// Why staff do it, as the schema of attendance.assisted has it.
inline constexpr std::array<std::string_view, 8> assist_causes = {
    "no_card",       "card_unreadable", "forgotten", "help_wanted",
    "terminal_down", "drop_in",         "off_site",  "other"};

struct AssistRequest {
  std::string person;
  Direction direction = Direction::in;
  std::string cause;
  std::string room;  // empty = that of the session, when there is one
  std::optional<std::string>
      day;                    // ISO date, local, as far back as correctable_for; nothing = today
  std::optional<int> minute;  // of that day, local, not in the future; nothing = now
  std::string reason;         // in words without names; empty = the cause says it
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

inline constexpr std::size_t most_at_once = 500;  // people

struct AssistedPerson {
  std::string person;
  std::expected<Assisted, std::string> result;
};
// The same for each of these people, in place of the one of `request`. Who cannot be recorded is
// left as they are and told; the others are.
std::vector<AssistedPerson> record_assisted(store::Database& db, const config::Config& config,
                                            const AssistRequest& request,
                                            const std::vector<std::string>& people,
                                            const HostTime& now);

}  // namespace rollcall::attendance
