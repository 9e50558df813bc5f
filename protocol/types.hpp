// Values that both ends of the link, the queue and the daemon's records share.
// Numbers on the wire are never reused for another meaning.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

namespace rollcall::protocol {

// Random 128-bit id made whenever a terminal's storage is formatted.
using StorageEpoch = std::array<std::uint8_t, 16>;

// How far a wall time may be believed (rule: doubtful time is recorded as doubtful).
enum class ClockTrust : std::uint8_t {
  unproven = 0,  // never set since start, or known to have jumped
  drifting = 1,  // once proven, not confirmed recently
  synced = 2,    // confirmed by the host, whose own clock is proven
};

// What the reader saw. The bytes that go with each kind are given in brackets.
enum class ReadingKind : std::uint8_t {
  uid = 1,         // chip number read while the host was reachable [4, 7 or 10 bytes]
  uid_random = 2,  // a phone's random number, first byte 0x08 [4 bytes]
  code = 3,        // typed or scanned code [6 to 32 ASCII digits or letters]
};

// What a terminal is for; decides which flows may open on it.
enum class TerminalMode : std::uint8_t { training = 1, childcare = 2, work_site = 3 };

// The daemon's answer to a tap. All but `not_recorded` are durable at the daemon.
enum class Outcome : std::uint8_t {
  arrived = 1,       // green
  left = 2,          // green
  recorded = 3,      // green; accepted and not interpreted as a direction
  repeat = 4,        // green; the same card within the double-tap window
  see_staff = 5,     // amber; recorded, but nobody is known by this card
  not_recorded = 6,  // amber; the daemon could not commit, the terminal keeps the tap
};

// One constant on both ends: after this long without an answer the terminal shows amber and sends
// `gave_up`, and the daemon opens no flow for the tap.
inline constexpr std::chrono::milliseconds answer_deadline{1500};

// Screens that a terminal keeps and shows by itself. `live` is per tap: RAM only, never stored.
enum class ScreenSlot : std::uint8_t {
  live = 0,
  idle = 1,          // host reachable, ready for a card
  idle_offline = 2,  // ready for a card, host away
  arrived = 3,
  left = 4,
  recorded = 5,
  repeat = 6,
  see_staff = 7,
  recorded_offline = 8,  // amber: in the terminal's own queue
  not_accepted = 9,      // the queue is full or the storage failed: nothing was recorded
  out_of_service = 10,   // not yet prepared for this site
};
inline constexpr std::size_t screen_slot_count = 11;

}  // namespace rollcall::protocol
