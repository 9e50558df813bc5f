// The one rule of how far a wall time may be believed (docs/decisions/0006-clock-trust.md). Pure;
// terminal and host use the same function.
//
//               sample of a synced host
//            +--------------------------+
//   unproven ---> drifting ---> synced <+     a sample gives at most the trust of its host
//      ^             ^ |           |
//      |             +-+-----------+          error above 1 s, 6 h without a sample
//      +---------------+-----------+          start, jump, error above 60 s
//
// Nothing becomes better by waiting.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "protocol/types.hpp"

namespace rollcall::protocol {

// Above this a time is not synced: attendance is judged in minutes, taps are ordered in seconds.
inline constexpr std::chrono::milliseconds synced_error{1'000};
// Above this it says nothing about the minute of a tap.
inline constexpr std::chrono::milliseconds proven_error{60'000};
// A time that nobody confirmed for this long is not synced, however good its arithmetic is.
inline constexpr std::chrono::hours clock_confirmed_for{6};

// What has just happened to a clock.
enum class ClockEvent : std::uint8_t {
  none,     // time went by
  sample,   // the host's time came and agrees with ours, or is the first
  jump,     // one of the clocks moved by itself: what was known is worthless
  restart,  // this end starts: nothing is known
};

struct ClockFacts {
  ClockEvent event = ClockEvent::none;
  // The trust that the host has in its own clock, as it said last. A value that is not known counts
  // as unproven.
  ClockTrust host = ClockTrust::unproven;
  // How far the time may be from the host's, now.
  std::chrono::milliseconds error{0};
  std::chrono::milliseconds since_sample{0};
};

constexpr ClockTrust next_trust(ClockTrust now, const ClockFacts& facts) {
  ClockTrust trust = now;
  if (facts.event == ClockEvent::sample) trust = ClockTrust::synced;
  if (facts.event == ClockEvent::jump || facts.event == ClockEvent::restart) {
    trust = ClockTrust::unproven;
  }
  ClockTrust ceiling = facts.host <= ClockTrust::synced ? facts.host : ClockTrust::unproven;
  if (facts.error > proven_error) {
    ceiling = ClockTrust::unproven;
  } else if (facts.error > synced_error || facts.since_sample >= clock_confirmed_for) {
    ceiling = std::min(ceiling, ClockTrust::drifting);
  }
  return std::min(trust, ceiling);
}

}  // namespace rollcall::protocol
