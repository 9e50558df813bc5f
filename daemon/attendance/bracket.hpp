// Between which proven times a tap happened when its own is unproven
// (docs/decisions/0010-an-unproven-time-lies-between-proven-ones.md). Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

#include "daemon/events/event.hpp"
#include "protocol/clock_trust.hpp"
#include "protocol/types.hpp"

namespace rollcall::attendance {

// A place on a terminal's own clock. Boot numbers count the starts of one storage and only rise.
struct ClockPlace {
  std::uint32_t boot = 0;
  std::uint64_t monotonic_ms = 0;  // since that boot
};

// What a proven clock said at such a place: it was no earlier and no later than this, Unix ms.
struct ProvenPoint {
  std::uint32_t boot = 0;
  // Nothing: at some time of that start. Then it says something about taps of other starts only.
  std::optional<std::uint64_t> monotonic_ms;
  std::int64_t earliest_ms = 0;
  std::int64_t latest_ms = 0;
};

// Unix ms; nothing = not known on that side. Never not_before > not_after.
struct Bracket {
  std::optional<std::int64_t> not_before_ms;
  std::optional<std::int64_t> not_after_ms;
};

// How far a time of this trust may be from the truth; nothing = as far as it likes.
constexpr std::optional<std::chrono::milliseconds> error_of(protocol::ClockTrust trust) {
  switch (trust) {
    case protocol::ClockTrust::synced:
      return protocol::synced_error;
    case protocol::ClockTrust::drifting:
      return protocol::proven_error;
    case protocol::ClockTrust::unproven:
      break;
  }
  return std::nullopt;
}

// Nothing when the trust proves nothing.
std::optional<ProvenPoint> proven_point(std::uint32_t boot,
                                        std::optional<std::uint64_t> monotonic_ms,
                                        std::int64_t wall_ms, protocol::ClockTrust trust);

// `points`: of the tap's terminal, in any order. `received_by_ms`: when the host had the tap at the
// latest; nothing = the host's own clock is unproven.
//
//   a point of       says of the tap
//   the same start   wall time + the monotonic distance, wrong by 100 ppm of it at most
//   an earlier one   after that point its own start began, and the tap came `monotonic_ms` later
//   a later one      before that start began, which is the point's `monotonic_ms` before it
//
// All that is said holds at once. Where it cannot, a clock was moved: the host's receipt is
// believed, then the points from the newest to the oldest up to the first that contradicts; that
// one and all older ones are left away.
Bracket bracket(const ClockPlace& tap, std::span<const ProvenPoint> points,
                std::optional<std::int64_t> received_by_ms);

// A bracket up to this wide says when a tap was, as far as attendance is judged.
inline constexpr std::chrono::minutes narrow{5};

// The first and last instant that a tap is judged at, Unix ms; equal when its wall time is taken: a
// proven one, or an unproven one that no bound contradicts. Otherwise the ends of a narrow bracket,
// or nothing.
struct Instants {
  std::int64_t first_ms = 0;
  std::int64_t last_ms = 0;

  bool one() const { return first_ms == last_ms; }
};
std::optional<Instants> judged_at(const events::TimeBlock& time);

}  // namespace rollcall::attendance
