// What a tap means. A pure function of what is known at that moment: the timetable, what the
// terminal is for, and the person's last movement of the day; never of parity alone.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "protocol/types.hpp"

namespace rollcall::attendance {

// Version of the rules below, stated in every conclusion; changes whenever a decision would differ.
inline constexpr const char* rule_version = "2";

enum class Direction { in, out };

enum class Role { participant, guardian, child, trainer, staff };

// A session of the timetable on the local day of the tap.
struct SessionToday {
  std::string id;
  std::string half_day;  // am, pm or eve
  int start_minute = 0;  // after local midnight
  int end_minute = 0;
  std::optional<std::string> programme, grant, contract;
};

// The person's newest movement of the same local day before this tap.
struct LastMovement {
  Direction direction = Direction::in;
  int minute = 0;
  std::optional<std::string> session;

  bool operator==(const LastMovement&) const = default;
};

struct Situation {
  protocol::TerminalMode mode = protocol::TerminalMode::training;
  Role role = Role::participant;
  bool repeat = false;        // the same card at the same terminal within the double-tap window
  std::optional<int> minute;  // local minute of the tap; nothing = no time of day known
  std::vector<SessionToday> sessions;  // of this day that the person is enrolled in or gives
  bool any_session_running = false;    // somebody's session runs at that minute
  std::optional<LastMovement> last;
};

struct Decision {
  protocol::Outcome outcome = protocol::Outcome::recorded;
  std::optional<Direction> direction;  // set for arrived and left
  std::optional<SessionToday> session;
  std::string no_session_reason;  // closed list of the event schema; empty when there is one
  std::string rule;               // terminal-mode, double-tap, timetable, last-state, clock
  std::string reason;             // one short phrase, no names
};

// Bounds of the timetable rule, in minutes.
inline constexpr int opens_before_start = 60;  // an arrival counts for a session from here on
inline constexpr int lasts_after_end = 60;     // a departure still counts for a session until here
inline constexpr int departure_before_end = 15;

Decision decide(const Situation& situation);

// A movement that staff state, at a minute that is known. A clause when it does not go with what is
// recorded of the day: then nothing is to be recorded.
std::expected<Decision, std::string> decide_stated(const Situation& situation, Direction stated);

}  // namespace rollcall::attendance
