#include "daemon/attendance/decision.hpp"

#include <algorithm>

namespace rollcall::attendance {

std::string_view to_text(Direction direction) {
  return direction == Direction::in ? "in" : "out";
}

std::string_view to_text(protocol::Outcome outcome) {
  switch (outcome) {
    case protocol::Outcome::arrived:
      return "arrived";
    case protocol::Outcome::left:
      return "left";
    case protocol::Outcome::recorded:
      return "recorded";
    case protocol::Outcome::repeat:
      return "repeat";
    case protocol::Outcome::see_staff:
      return "see_staff";
    case protocol::Outcome::not_recorded:
      break;
  }
  return "not_recorded";
}

namespace {

using protocol::Outcome;

bool opens_for(const SessionToday& session, int minute) {
  return minute >= session.start_minute - opens_before_start && minute < session.end_minute;
}

// The session that an arrival at `minute` is for: one that runs or opens, the earliest to start.
std::optional<SessionToday> session_to_join(const std::vector<SessionToday>& sessions, int minute) {
  std::optional<SessionToday> best;
  for (const SessionToday& session : sessions) {
    if (!opens_for(session, minute)) continue;
    if (!best || session.start_minute < best->start_minute) best = session;
  }
  return best;
}

// The session that a departure at `minute` ends: the newest that has begun and is not long over.
std::optional<SessionToday> session_to_leave(const std::vector<SessionToday>& sessions,
                                             int minute) {
  std::optional<SessionToday> best;
  for (const SessionToday& session : sessions) {
    if (minute < session.start_minute || minute > session.end_minute + lasts_after_end) continue;
    if (!best || session.start_minute > best->start_minute) best = session;
  }
  return best;
}

const SessionToday* find(const std::vector<SessionToday>& sessions,
                         const std::optional<std::string>& id) {
  if (!id) return nullptr;
  const auto found =
      std::find_if(sessions.begin(), sessions.end(), [&](const auto& s) { return s.id == *id; });
  return found == sessions.end() ? nullptr : &*found;
}

std::optional<SessionToday> to_value(const SessionToday* session) {
  return session == nullptr ? std::nullopt : std::optional(*session);
}

std::string why_no_session(const Situation& situation) {
  if (situation.role != Role::participant) return "not_applicable";
  if (situation.any_session_running && situation.sessions.empty()) return "not_enrolled";
  return "no_session";
}

Decision movement(const Situation& situation, Direction direction,
                  std::optional<SessionToday> session, std::string rule, std::string reason) {
  Decision decision;
  decision.outcome = direction == Direction::in ? Outcome::arrived : Outcome::left;
  decision.direction = direction;
  if (!session) decision.no_session_reason = why_no_session(situation);
  decision.session = std::move(session);
  decision.rule = std::move(rule);
  decision.reason = std::move(reason);
  return decision;
}

Decision recorded(Outcome outcome, std::string no_session_reason, std::string rule,
                  std::string reason) {
  Decision decision;
  decision.outcome = outcome;
  decision.no_session_reason = std::move(no_session_reason);
  decision.rule = std::move(rule);
  decision.reason = std::move(reason);
  return decision;
}

// Tapped at another terminal a moment ago: the door after the room, or the room after the door.
bool on_the_way_from(const Situation& situation, int minute) {
  return situation.last && !situation.last->terminal.empty() && !situation.terminal.empty() &&
         situation.last->terminal != situation.terminal &&
         minute - situation.last->minute < on_the_way;
}

Decision again(Decision decision) {
  decision.again = true;
  return decision;
}

// Between two sessions the nearer boundary decides: the end of one, or the start of the next.
bool nearer_to_next(const SessionToday& ending, const SessionToday& next, int minute) {
  return minute >= next.start_minute || next.start_minute - minute < minute - ending.end_minute;
}

bool at_its_end(const SessionToday& session, int minute) {
  return minute >= session.end_minute - departure_before_end;
}

// The session that somebody whom nobody has seen come would leave now.
std::optional<SessionToday> session_that_ends(const Situation& situation,
                                              const std::optional<SessionToday>& joining,
                                              int minute) {
  auto leaving = session_to_leave(situation.sessions, minute);
  if (!leaving || !leaving->exit_expected || !at_its_end(*leaving, minute)) return {};
  const bool for_another = joining && joining->id != leaving->id;
  if (for_another && nearer_to_next(*leaving, *joining, minute)) return {};
  return leaving;
}

// Nobody has seen the person come today, or they have left since.
Decision when_out(const Situation& situation, int minute) {
  auto joining = session_to_join(situation.sessions, minute);
  const auto ending = session_that_ends(situation, joining, minute);
  const bool left_it = ending && situation.last && situation.last->session == ending->id &&
                       at_its_end(*ending, situation.last->minute);
  const bool for_this_room = joining && !joining->room.empty() && joining->room == situation.room;
  const bool a_moment_ago = situation.last && minute - situation.last->minute < on_the_way;
  if ((on_the_way_from(situation, minute) || (left_it && a_moment_ago)) && !for_this_room) {
    return again(movement(situation, Direction::out,
                          to_value(find(situation.sessions, situation.last->session)), "last-state",
                          "left a moment ago"));
  }
  if (ending && !left_it) {
    return movement(situation, Direction::out, ending, "timetable",
                    "the session ends and no arrival was tapped");
  }
  if (joining) {
    return movement(situation, Direction::in, std::move(joining), "timetable",
                    "a session runs or begins soon");
  }
  return movement(situation, Direction::in, std::nullopt, "last-state",
                  "not seen today, or left since");
}

// Of somebody who is here: the other session that they come for now, when there is one. Not a
// session that they came for already, and none that ends: at its end they leave it.
std::optional<SessionToday> next_session(const Situation& situation, int minute) {
  auto joining = session_to_join(situation.sessions, minute);
  if (!joining || situation.last->minute >= joining->start_minute - opens_before_start) return {};
  if (joining->exit_expected && at_its_end(*joining, minute)) return {};
  if (const SessionToday* current = find(situation.sessions, situation.last->session)) {
    const bool another = joining->id != current->id && minute >= current->end_minute;
    return another && nearer_to_next(*current, *joining, minute) ? joining : std::nullopt;
  }
  const auto leaving = session_to_leave(situation.sessions, minute);
  const bool for_another = leaving && leaving->id != joining->id;
  return !for_another || nearer_to_next(*leaving, *joining, minute) ? joining : std::nullopt;
}

// Of somebody who is here: the session that an exit now ends.
std::optional<SessionToday> session_of_exit(const Situation& situation, int minute) {
  const SessionToday* current = find(situation.sessions, situation.last->session);
  auto ending = session_to_leave(situation.sessions, minute);
  if (!current || (ending && ending->start_minute >= current->end_minute)) return ending;
  return *current;
}

// The person is here as far as anybody knows.
Decision when_in(const Situation& situation, int minute) {
  if (auto next = next_session(situation, minute)) {
    return movement(situation, Direction::in, std::move(next), "timetable",
                    "another session begins; the exit of the earlier one was not tapped");
  }
  const SessionToday* current = find(situation.sessions, situation.last->session);
  const bool ends = current && at_its_end(*current, minute);
  if (on_the_way_from(situation, minute) && !ends) {
    return again(movement(situation, Direction::in, to_value(current), "last-state",
                          "came by another terminal a moment ago"));
  }
  if (current && !current->exit_expected) {
    return recorded(Outcome::repeat, "not_applicable", "programme",
                    "the arrival is recorded, and this programme counts no exits");
  }
  return movement(situation, Direction::out, session_of_exit(situation, minute), "last-state",
                  "was here since an earlier tap");
}

bool works_here(const Situation& situation) {
  return situation.role == Role::staff || situation.role == Role::trainer;
}

bool is_here(const Situation& situation) {
  return situation.last && situation.last->direction == Direction::in;
}

}  // namespace

Decision decide(const Situation& situation) {
  if (situation.repeat) {
    return recorded(Outcome::repeat, "not_applicable", "double-tap",
                    "tapped again within the window");
  }
  if (situation.mode == protocol::TerminalMode::childcare && !works_here(situation)) {
    return recorded(Outcome::recorded, "not_applicable", "terminal-mode",
                    "a tap at a childcare terminal is a record, not a handover");
  }
  if (!works_here(situation) && situation.role != Role::participant) {
    return recorded(Outcome::recorded, "not_applicable", "terminal-mode",
                    "not a participant of this place; recorded only");
  }
  if (!situation.minute) {
    return recorded(Outcome::recorded, "time_unproven", "clock", "the terminal had no time of day");
  }
  return is_here(situation) ? when_in(situation, *situation.minute)
                            : when_out(situation, *situation.minute);
}

Decision as_stated(const Situation& situation, Direction stated, std::string rule,
                   std::string reason) {
  const int minute = situation.minute.value_or(0);
  std::optional<SessionToday> session;
  if (stated == Direction::out) {
    session = is_here(situation) ? session_of_exit(situation, minute)
                                 : session_to_leave(situation.sessions, minute);
  } else {
    if (is_here(situation)) session = next_session(situation, minute);
    if (!session) session = session_to_join(situation.sessions, minute);
  }
  return movement(situation, stated, std::move(session), std::move(rule), std::move(reason));
}

std::expected<Decision, std::string> decide_stated(const Situation& situation, Direction stated) {
  if (!works_here(situation) && situation.role != Role::participant) {
    return std::unexpected("children and guardians are taken in and out in childcare, not here");
  }
  const int minute = situation.minute.value_or(0);
  const bool here = is_here(situation);
  std::optional<SessionToday> session;
  if (stated == Direction::out) {
    if (!here)
      return std::unexpected("this person is not recorded as here; record how they came first");
    session = session_of_exit(situation, minute);
  } else {
    session = here ? next_session(situation, minute) : session_to_join(situation.sessions, minute);
    if (here && !session) return std::unexpected("this person is recorded as here already");
  }
  return movement(situation, stated, std::move(session), "staff", "entered by staff");
}

}  // namespace rollcall::attendance
