// What a tap means. A pure function of what is known at that moment: the timetable, what the
// terminal is for, and the person's last movement of the day; never of parity alone.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/types.hpp"

namespace rollcall::attendance {

// Version of the rules below, stated in every conclusion; changes whenever a decision would differ.
inline constexpr const char* rule_version = "4";

enum class Direction { in, out };

// As events, answers of the console and the database name them.
std::string_view to_text(Direction direction);
std::string_view to_text(protocol::Outcome outcome);

enum class Role { participant, guardian, child, trainer, staff };

// A session of the timetable that begins on the local day of the tap. Minutes have elapsed since
// that day's midnight: on a day when the clock is changed they are not the time of day.
struct SessionToday {
  std::string id;
  std::string half_day;  // am, pm or eve
  int start_minute = 0;
  int end_minute = 0;  // beyond 1440 when it goes on after midnight
  std::optional<std::string> programme, grant, contract;
  std::string room = {};
  bool exit_expected = true;  // the programme counts exits, not arrivals alone
};

// The person's newest movement of the same local day before this tap.
struct LastMovement {
  Direction direction = Direction::in;
  int minute = 0;
  std::optional<std::string> session;
  std::string terminal = {};  // serial; empty = staff stated it

  bool operator==(const LastMovement&) const = default;
};

struct Situation {
  protocol::TerminalMode mode = protocol::TerminalMode::training;
  Role role = Role::participant;
  bool repeat = false;        // of the person at the same terminal within the double-tap window
  std::optional<int> minute;  // since midnight; nothing = no time of day known
  std::vector<SessionToday> sessions;  // of this day that the person is enrolled in or gives
  bool any_session_running = false;    // somebody's session runs at that minute
  std::optional<LastMovement> last;
  std::string terminal = {};  // serial; empty = at no terminal
  std::string room = {};      // where it stands
};

struct Decision {
  protocol::Outcome outcome = protocol::Outcome::recorded;
  std::optional<Direction> direction;  // set for arrived and left
  std::optional<SessionToday> session;
  std::string no_session_reason;  // closed list of the event schema; empty when there is one
  std::string rule;    // terminal-mode, double-tap, timetable, last-state, programme, clock, staff
  std::string reason;  // one short phrase, no names
  bool again =
      false;  // says what the last movement said: who passes a second terminal, or taps out twice
};

// Bounds of the timetable rule, in minutes.
inline constexpr int opens_before_start = 60;  // an arrival counts for a session from here on
inline constexpr int lasts_after_end = 60;     // a departure still counts for a session until here
inline constexpr int departure_before_end = 15;
// Who taps at another terminal so soon after goes on the way they went.
inline constexpr int on_the_way = 15;

Decision decide(const Situation& situation);

// A movement that is stated and stands, whatever else is known of the day.
Decision as_stated(const Situation& situation, Direction stated, std::string rule,
                   std::string reason);

// A movement that staff state, at a minute that is known. A clause when it does not go with what is
// recorded of the day: then nothing is to be recorded.
std::expected<Decision, std::string> decide_stated(const Situation& situation, Direction stated);

}  // namespace rollcall::attendance
