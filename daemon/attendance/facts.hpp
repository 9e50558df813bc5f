// What the tables know when a tap is decided, and what they must know afterwards. Thread: the
// writer.
#pragma once

#include <optional>
#include <string>

#include "daemon/attendance/card_token.hpp"
#include "daemon/attendance/decision.hpp"
#include "daemon/store/database.hpp"
#include "protocol/messages.hpp"

namespace rollcall::attendance {

struct Person {
  std::string id;
  Role role = Role::participant;
  std::string language;
  std::optional<std::string> programme, grant, contract;
};

std::optional<Person> person_of_card(store::Database& db, const CardToken& token);
std::optional<Person> person_by_id(store::Database& db, const std::string& id);

// Whether the same card was counted at this terminal within `window_ms` before `time_ms`.
bool counted_within(store::Database& db, const CardToken& token, const std::string& serial,
                    std::int64_t time_ms, std::int64_t window_ms);
// The same by the terminal's own clock, within one start: when one of the two has no proven time.
// Of a tap that has one, only those without one count. Looks back over as many taps as one terminal
// takes in the longest window.
bool counted_within(store::Database& db, const CardToken& token, const std::string& serial,
                    const protocol::Tap& tap, bool proven, std::int64_t window_ms);
// Whether it signed there within the window, by the terminal's own clock: who holds it there once
// more has not come or gone by that.
bool signed_within(store::Database& db, const CardToken& token, const std::string& serial,
                   const protocol::Tap& tap, std::int64_t window_ms);

// A movement that is concluded now, by the fact that it rests on (day.hpp).
struct Movement {
  std::int64_t position = 0;  // of the event that first stated it
  std::int64_t newest = 0;    // of the newest event that states it: a correction, or the same
  std::int64_t fact = 0;
  bool closes = false;
  std::string person;
  std::string day;
  std::int64_t time_ms = 0;
  Direction direction = Direction::in;
  std::optional<std::string> session;
  std::string room;
};
void keep_movement(store::Database& db, const Movement& movement);

// Makes `presence` what the person's newest movement says.
void keep_presence(store::Database& db, const std::string& person);

}  // namespace rollcall::attendance
