// What the host says.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "protocol/field.hpp"
#include "protocol/messages/ops.hpp"
#include "protocol/types.hpp"

namespace rollcall::protocol {

// The host's reply to `terminal_state`. A terminal whose next number is not above `highest_number`
// opens a new epoch before its next tap.
struct Welcome {
  std::int64_t wall_ms = 0;  // host wall time, Unix ms
  ClockTrust trust = ClockTrust::unproven;
  TerminalMode mode = TerminalMode::training;  // what the terminal is for
  std::array<std::uint8_t, 32> site_key{};     // X25519 public key that readings are sealed to
  std::uint64_t highest_number = 0;            // highest number recorded of the terminal's epoch

  static constexpr Op op = Op::welcome;
  static const std::array<Field, 5> fields;
};
inline constexpr std::array<Field, 5> Welcome::fields = {
    ROLLCALL_FIELD(Welcome, wall_ms, i64, 0), ROLLCALL_FIELD(Welcome, trust, u8, 0),
    ROLLCALL_FIELD(Welcome, mode, u8, 0), ROLLCALL_FIELD(Welcome, site_key, fixed, 32),
    ROLLCALL_FIELD(Welcome, highest_number, u64, 0)};

// Answer to a live tap. Every outcome but `not_recorded` also acknowledges the tap.
struct Answer {
  StorageEpoch epoch{};
  std::uint64_t number = 0;  // of the tap
  Outcome outcome = Outcome::not_recorded;

  static constexpr Op op = Op::answer;
  static const std::array<Field, 3> fields;
};
inline constexpr std::array<Field, 3> Answer::fields = {ROLLCALL_FIELD(Answer, epoch, fixed, 16),
                                                        ROLLCALL_FIELD(Answer, number, u64, 0),
                                                        ROLLCALL_FIELD(Answer, outcome, u8, 0)};

// These taps are durable at the host: first to last, both included.
struct TapAck {
  StorageEpoch epoch{};
  std::uint64_t first = 0;  // tap number
  std::uint64_t last = 0;   // tap number

  static constexpr Op op = Op::tap_ack;
  static const std::array<Field, 3> fields;
};
inline constexpr std::array<Field, 3> TapAck::fields = {ROLLCALL_FIELD(TapAck, epoch, fixed, 16),
                                                        ROLLCALL_FIELD(TapAck, first, u64, 0),
                                                        ROLLCALL_FIELD(TapAck, last, u64, 0)};

// The host asks for every tap of an epoch from a number on that the ring still holds, acknowledged
// or not; they come as `queued_tap`. Sent when the host's own records were put back to an older
// state.
struct ResendTaps {
  StorageEpoch epoch{};
  std::uint64_t from = 1;  // tap number

  static constexpr Op op = Op::resend_taps;
  static const std::array<Field, 2> fields;
};
inline constexpr std::array<Field, 2> ResendTaps::fields = {
    ROLLCALL_FIELD(ResendTaps, epoch, fixed, 16), ROLLCALL_FIELD(ResendTaps, from, u64, 0)};

// The terminal opens a new epoch before its next tap: an identity of `epoch` was used twice.
struct OpenEpoch {
  StorageEpoch epoch{};  // the epoch to leave

  static constexpr Op op = Op::open_epoch;
  static const std::array<Field, 1> fields;
};
inline constexpr std::array<Field, 1> OpenEpoch::fields = {
    ROLLCALL_FIELD(OpenEpoch, epoch, fixed, 16)};

// Says what the next bulk transfer of kind `screen` with this id is.
struct Screen {
  std::uint32_t screen = 0;  // id chosen by the host, not 0
  ScreenSlot slot = ScreenSlot::live;
  std::uint16_t width = 0;   // pixels
  std::uint16_t height = 0;  // pixels

  static constexpr Op op = Op::screen;
  static const std::array<Field, 4> fields;
};
inline constexpr std::array<Field, 4> Screen::fields = {
    ROLLCALL_FIELD(Screen, screen, u32, 0), ROLLCALL_FIELD(Screen, slot, u8, 0),
    ROLLCALL_FIELD(Screen, width, u16, 0), ROLLCALL_FIELD(Screen, height, u16, 0)};

// Show the live screen with this id, or (`screen` 0) go back to the idle screen.
struct ScreenShow {
  std::uint32_t screen = 0;  // as in `screen`; 0 = none

  static constexpr Op op = Op::screen_show;
  static const std::array<Field, 1> fields;
};
inline constexpr std::array<Field, 1> ScreenShow::fields = {
    ROLLCALL_FIELD(ScreenShow, screen, u32, 0)};

// Light, tone and a kept screen for a while, without a tap: a help call answered, a door opened.
struct Feedback {
  Outcome outcome = Outcome::recorded;  // looks and sounds as the answer to a tap
  std::uint16_t for_ms = 0;             // 0 = as long as an answer

  static constexpr Op op = Op::feedback;
  static const std::array<Field, 2> fields;
};
inline constexpr std::array<Field, 2> Feedback::fields = {ROLLCALL_FIELD(Feedback, outcome, u8, 0),
                                                          ROLLCALL_FIELD(Feedback, for_ms, u16, 0)};

// Answer to `time_request`.
struct TimeReply {
  std::uint64_t t1_ms = 0;                  // as in the request
  std::int64_t t2_ms = 0;                   // Unix ms, when the request arrived
  std::int64_t t3_ms = 0;                   // Unix ms, when this was sent
  ClockTrust trust = ClockTrust::unproven;  // of the host's clock

  static constexpr Op op = Op::time_reply;
  static const std::array<Field, 4> fields;
};
inline constexpr std::array<Field, 4> TimeReply::fields = {
    ROLLCALL_FIELD(TimeReply, t1_ms, u64, 0), ROLLCALL_FIELD(TimeReply, t2_ms, i64, 0),
    ROLLCALL_FIELD(TimeReply, t3_ms, i64, 0), ROLLCALL_FIELD(TimeReply, trust, u8, 0)};

// Report each card that comes and goes with `card`, beside its tap.
struct CardWatch {
  bool on = false;  // false = no longer

  static constexpr Op op = Op::card_watch;
  static const std::array<Field, 1> fields;
};
inline constexpr std::array<Field, 1> CardWatch::fields = {
    ROLLCALL_FIELD(CardWatch, on, boolean, 0)};

// Exchange one APDU with the card in the field. Answered by `apdu_response` within the deadline.
struct ApduRequest {
  std::uint32_t exchange = 0;     // chosen by the host
  std::uint16_t deadline_ms = 0;  // from its arrival; `apdu_wait` extends it
  Bounded<max_apdu> command;      // command APDU

  static constexpr Op op = Op::apdu_request;
  static const std::array<Field, 3> fields;
};
inline constexpr std::array<Field, 3> ApduRequest::fields = {
    ROLLCALL_FIELD(ApduRequest, exchange, u32, 0), ROLLCALL_FIELD(ApduRequest, deadline_ms, u16, 0),
    ROLLCALL_FIELD(ApduRequest, command, bytes, max_apdu)};

// Blink and sound, so that a person finds this terminal. Answered by `reply`.
struct Identify {
  std::uint16_t seconds = 0;  // 0 = stop; at most 60

  static constexpr Op op = Op::identify;
  static const std::array<Field, 1> fields;
};
inline constexpr std::array<Field, 1> Identify::fields = {
    ROLLCALL_FIELD(Identify, seconds, u16, 0)};

// Asks for `stats`. Frozen for ever.
struct StatsRequest {
  static constexpr Op op = Op::stats_request;
  static const std::array<Field, 0> fields;
};
inline constexpr std::array<Field, 0> StatsRequest::fields = {};

// Asks for the log ring: a bulk transfer of kind `log`. Answered by `reply` when there is none.
struct LogRequest {
  static constexpr Op op = Op::log_request;
  static const std::array<Field, 0> fields;
};
inline constexpr std::array<Field, 0> LogRequest::fields = {};

// A firmware image is there. Answered by `update_state`; if that is `wanted`, the image follows as
// a bulk transfer of kind `firmware`. Frozen for ever.
struct UpdateOffer {
  Bounded<24> version;                    // of the image
  std::uint32_t bytes = 0;                // of the image
  std::array<std::uint8_t, 32> digest{};  // SHA-256 of the image
  std::uint32_t security_counter = 0;  // a lower one than that of the running firmware is refused
  std::uint8_t slot = 0;               // that the image is built for
  Bounded<72> signature;               // ECDSA P-256 over the digest, DER; empty = none

  static constexpr Op op = Op::update_offer;
  static const std::array<Field, 6> fields;
};
inline constexpr std::array<Field, 6> UpdateOffer::fields = {
    ROLLCALL_FIELD(UpdateOffer, version, text, 24),
    ROLLCALL_FIELD(UpdateOffer, bytes, u32, 0),
    ROLLCALL_FIELD(UpdateOffer, digest, fixed, 32),
    ROLLCALL_FIELD(UpdateOffer, security_counter, u32, 0),
    ROLLCALL_FIELD(UpdateOffer, slot, u8, 0),
    ROLLCALL_FIELD(UpdateOffer, signature, bytes, 72)};

// Where the terminal stands and what it is for, kept by the terminal. Answered by `reply`.
struct Configure {
  Bounded<48> room;  // as staff call it
  TerminalMode mode = TerminalMode::training;
  Bounded<32> languages;  // ISO 639-1, the site's first, with commas

  static constexpr Op op = Op::configure;
  static const std::array<Field, 3> fields;
};
inline constexpr std::array<Field, 3> Configure::fields = {
    ROLLCALL_FIELD(Configure, room, text, 48), ROLLCALL_FIELD(Configure, mode, u8, 0),
    ROLLCALL_FIELD(Configure, languages, text, 32)};

// Keep this link key instead of the one in use, from the next handshake on. Answered by `reply`.
struct RotateKey {
  std::array<std::uint8_t, 32> key{};  // random

  static constexpr Op op = Op::rotate_key;
  static const std::array<Field, 1> fields;
};
inline constexpr std::array<Field, 1> RotateKey::fields = {
    ROLLCALL_FIELD(RotateKey, key, fixed, 32)};

// Start again. Answered by `reply` first; what is recorded stays recorded.
struct Reboot {
  std::uint16_t delay_ms = 0;  // from its arrival

  static constexpr Op op = Op::reboot;
  static const std::array<Field, 1> fields;
};
inline constexpr std::array<Field, 1> Reboot::fields = {ROLLCALL_FIELD(Reboot, delay_ms, u16, 0)};

}  // namespace rollcall::protocol
