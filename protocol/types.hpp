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
  uid_random = 2,  // random: a phone's, or in place of a bank card's [4 bytes, 0x08 first]
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
  one_card = 11,         // several cards at once: nothing was recorded, one alone is asked for
};
inline constexpr std::size_t screen_slot_count = 12;

// What became of an `apdu_request`.
enum class ApduStatus : std::uint8_t {
  ok = 0,
  no_card = 1,      // none in the field, or several
  card_gone = 2,    // it left the field during the exchange
  timed_out = 3,    // no answer within the deadline
  unsupported = 4,  // this reader exchanges no APDUs, or the card does not; also a bank card
  busy = 5,         // another exchange is under way
  failed = 6,       // the reader failed, or what the card said does not fit a message
};

// Which sensor noticed tampering.
enum class TamperSensor : std::uint8_t { housing = 1, reader = 2, storage = 3, debug = 4 };

// How far a firmware update is at the terminal.
enum class UpdateStage : std::uint8_t {
  idle = 0,
  wanted = 1,   // the image may come
  staged = 2,   // it is in the other slot, and its digest is right
  refused = 3,  // not wanted, or not as announced; `problem` says why
};
enum class UpdateProblem : std::uint8_t {
  none = 0,
  unsupported = 1,  // this terminal has no second slot
  too_large = 2,
  too_old = 3,     // security counter below that of the running firmware
  wrong_slot = 4,  // built for the slot that is in use
  digest = 5,      // what arrived is not what was announced
  storage = 6,
  signature = 7,
};

enum class ReplyStatus : std::uint8_t {
  done = 0,
  unsupported = 1,  // this terminal cannot do that
  failed = 2,       // it could have, and something went wrong; nothing was changed
  refused = 3,      // out of range, or not in this state; nothing was changed
};

// What a bulk transfer carries.
enum class BulkKind : std::uint8_t {
  screen = 1,    // host to terminal; `subject` as in `screen`
  firmware = 2,  // host to terminal; as in `update_offer`
  queue = 3,     // terminal to host; queued taps, each with its size in front
  log = 4,       // terminal to host; text, UTF-8, newest line last
};
enum class BulkResult : std::uint8_t {
  complete = 0,   // all there, and the digest is right
  cancelled = 1,  // no longer wanted
  digest = 2,     // all there, and it is something else
  storage = 3,    // the receiver could not keep it
  refused = 4,    // of a kind or size that the receiver does not take
  stalled = 5,    // no progress for too long
};

enum class EnrolEndReason : std::uint8_t {
  cancelled = 0,       // by a person
  not_expected = 1,    // nobody at the host asked for this terminal
  different = 2,       // the numbers differ, a person said
  broken_promise = 3,  // the opened commitment is not the one given: somebody is between the two
  no_entropy = 4,      // the terminal has no seed to make keys from
  expired = 5,         // the window closed
  protocol = 6,        // a message that does not belong here
  storage = 7,         // the key could not be kept
};

}  // namespace rollcall::protocol
