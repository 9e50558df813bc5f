// From one tap to its events: decides what it means in its day and writes the fact (tap.recorded),
// then what the day comes to (settle.hpp). Thread: the writer, inside a transaction.
#pragma once

#include <optional>
#include <string>

#include "daemon/attendance/bracket.hpp"
#include "daemon/attendance/decision.hpp"
#include "daemon/attendance/facts.hpp"
#include "daemon/attendance/local_time.hpp"
#include "daemon/attendance/person_day.hpp"
#include "daemon/attendance/recorder.hpp"
#include "daemon/events/event.hpp"
#include "daemon/registry/rows.hpp"

namespace rollcall::attendance {

// A tap with what was found out about it.
struct Observation {
  std::string serial;
  registry::Place place;  // of the terminal; without a room when it is not known here
  protocol::Tap tap;
  bool live = false;
  crypto::Digest digest{};
  CardToken token{};
  std::optional<Person> person;
  bool repeat = false;      // within the double-tap window of one that counted
  bool own_repeat = false;  // by the terminal's own clock
  bool signing = false;     // made to sign a half-day: no movement
  CardVerdict card;
  Bracket bracket;  // of an unproven time

  std::optional<std::int64_t> wall_ms() const {
    return tap.wall_ms > 0 ? std::optional(tap.wall_ms) : std::nullopt;
  }
  protocol::ReadingKind kind() const { return tap.kind; }
  events::TapIdentity identity() const { return {serial, tap.epoch, tap.number}; }
  bool proven() const { return wall_ms() && tap.trust != protocol::ClockTrust::unproven; }
  events::TimeBlock time() const {
    return {wall_ms(),           tap.trust, tap.monotonic_ms, tap.boot, bracket.not_before_ms,
            bracket.not_after_ms};
  }
};

// What a tap means, and the day that it is part of when it is anybody's.
struct Judgement {
  Decision decision;
  std::optional<PersonDay> day;  // the tap is its last fact, and has no id yet
  ConcludedDay concluded;

  // An arrival for which the timetable has nothing that day, nor later on it.
  bool for_no_session() const;
};

class Concluder {
 public:
  explicit Concluder(const config::Config& config);

  Judgement judge(store::Database& db, const Observation& tap, const HostTime& host) const;
  // Writes tap.recorded. `ordinal` is 0 but for a reused identity. Returns its position.
  std::int64_t record_tap(store::Database& db, const Observation& tap, const Decision& decision,
                          int ordinal, const HostTime& host) const;
  // Writes what the day comes to with the tap, which was recorded at `position` and has its row in
  // `tap`.
  void conclude(store::Database& db, const Observation& tap, Judgement judgement,
                std::int64_t position, const HostTime& host) const;
  // Writes security.card_refused. `holder`: pseudonym of whose card it is or was.
  void raise_card_refused(store::Database& db, const Observation& tap,
                          const std::optional<std::string>& holder, const HostTime& host) const;
  void raise_identity_reused(store::Database& db, const Observation& tap, int ordinal,
                             const HostTime& host) const;
  // security.code_guessing: so many wrong codes at this terminal, the last of them this tap.
  void raise_code_guessing(store::Database& db, const Observation& tap, int tries,
                           const HostTime& host) const;

 private:
  const config::Config& config_;
  TimeZone zone_;
};

}  // namespace rollcall::attendance
