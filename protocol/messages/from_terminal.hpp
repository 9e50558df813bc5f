// What a terminal says.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "protocol/field.hpp"
#include "protocol/messages/ops.hpp"
#include "protocol/types.hpp"

namespace rollcall::protocol {

// First message of a terminal after the link is up.
struct TerminalState {
  StorageEpoch epoch{};            // of the storage the queue is in now
  std::uint64_t next_number = 1;   // the number the next tap will get
  std::uint32_t waiting = 0;       // taps in the queue that no host has acknowledged
  std::uint32_t capacity = 0;      // taps the queue can hold unacknowledged
  std::uint16_t panel_width = 0;   // pixels; 0 = no display
  std::uint16_t panel_height = 0;  // pixels

  static constexpr Op op = Op::terminal_state;
  static const std::array<Field, 6> fields;
};
inline constexpr std::array<Field, 6> TerminalState::fields = {
    ROLLCALL_FIELD(TerminalState, epoch, fixed, 16),
    ROLLCALL_FIELD(TerminalState, next_number, u64, 0),
    ROLLCALL_FIELD(TerminalState, waiting, u32, 0),
    ROLLCALL_FIELD(TerminalState, capacity, u32, 0),
    ROLLCALL_FIELD(TerminalState, panel_width, u16, 0),
    ROLLCALL_FIELD(TerminalState, panel_height, u16, 0),
};

// A tap as it happens. The same tap may arrive again as `queued_tap`; its identity is
// (terminal serial, epoch, number).
struct Tap {
  StorageEpoch epoch{};
  std::uint64_t number = 0;        // counts from 1 within the epoch
  std::uint32_t boot = 0;          // boot number of the terminal
  std::uint64_t monotonic_ms = 0;  // ms since that boot
  std::int64_t wall_ms = 0;        // Unix time in ms; 0 = the terminal has no wall time
  ClockTrust trust = ClockTrust::unproven;
  ReadingKind kind = ReadingKind::uid;
  Bounded<max_reading> reading;  // bytes as `kind` says

  static constexpr Op op = Op::tap;
  static const std::array<Field, 8> fields;
};
inline constexpr std::array<Field, 8> Tap::fields = {
    ROLLCALL_FIELD(Tap, epoch, fixed, 16), ROLLCALL_FIELD(Tap, number, u64, 0),
    ROLLCALL_FIELD(Tap, boot, u32, 0),     ROLLCALL_FIELD(Tap, monotonic_ms, u64, 0),
    ROLLCALL_FIELD(Tap, wall_ms, i64, 0),  ROLLCALL_FIELD(Tap, trust, u8, 0),
    ROLLCALL_FIELD(Tap, kind, u8, 0),      ROLLCALL_FIELD(Tap, reading, bytes, max_reading),
};

// A tap from the queue, alone or as an entry of a bulk transfer of kind `queue`. `sealed` holds
// kind and reading, readable by the site alone (Sealed readings); `unit` and `unit_key` say under
// which key it was sealed.
struct QueuedTap {
  StorageEpoch epoch{};
  std::uint64_t number = 0;        // as in `tap`
  std::uint32_t boot = 0;          // as in `tap`
  std::uint64_t monotonic_ms = 0;  // as in `tap`
  std::int64_t wall_ms = 0;        // as in `tap`
  ClockTrust trust = ClockTrust::unproven;
  std::uint32_t unit = 0;                      // sequence number of the erase unit
  std::array<std::uint8_t, 32> unit_key{};     // ephemeral X25519 public key
  Bounded<1 + max_reading + seal_tag> sealed;  // kind and reading, with tag

  static constexpr Op op = Op::queued_tap;
  static const std::array<Field, 9> fields;
};
inline constexpr std::array<Field, 9> QueuedTap::fields = {
    ROLLCALL_FIELD(QueuedTap, epoch, fixed, 16),
    ROLLCALL_FIELD(QueuedTap, number, u64, 0),
    ROLLCALL_FIELD(QueuedTap, boot, u32, 0),
    ROLLCALL_FIELD(QueuedTap, monotonic_ms, u64, 0),
    ROLLCALL_FIELD(QueuedTap, wall_ms, i64, 0),
    ROLLCALL_FIELD(QueuedTap, trust, u8, 0),
    ROLLCALL_FIELD(QueuedTap, unit, u32, 0),
    ROLLCALL_FIELD(QueuedTap, unit_key, fixed, 32),
    ROLLCALL_FIELD(QueuedTap, sealed, bytes, 1 + max_reading + seal_tag),
};

// The terminal showed amber for this tap at its deadline: no flow may open for it.
struct GaveUp {
  StorageEpoch epoch{};
  std::uint64_t number = 0;  // of the tap

  static constexpr Op op = Op::gave_up;
  static const std::array<Field, 2> fields;
};
inline constexpr std::array<Field, 2> GaveUp::fields = {ROLLCALL_FIELD(GaveUp, epoch, fixed, 16),
                                                        ROLLCALL_FIELD(GaveUp, number, u64, 0)};

// A finger on the panel.
struct Touch {
  std::uint32_t screen = 0;        // id of the screen that was shown; 0 = one of the kept slots
  std::uint16_t x = 0;             // pixels from the left
  std::uint16_t y = 0;             // pixels from the top
  std::uint64_t monotonic_ms = 0;  // ms since boot

  static constexpr Op op = Op::touch;
  static const std::array<Field, 4> fields;
};
inline constexpr std::array<Field, 4> Touch::fields = {
    ROLLCALL_FIELD(Touch, screen, u32, 0), ROLLCALL_FIELD(Touch, x, u16, 0),
    ROLLCALL_FIELD(Touch, y, u16, 0), ROLLCALL_FIELD(Touch, monotonic_ms, u64, 0)};

// A key was pressed.
struct Key {
  std::uint8_t key = 0;            // 0 to 4: the position, from the left
  std::uint64_t monotonic_ms = 0;  // ms since boot

  static constexpr Op op = Op::key;
  static const std::array<Field, 2> fields;
};
inline constexpr std::array<Field, 2> Key::fields = {ROLLCALL_FIELD(Key, key, u8, 0),
                                                     ROLLCALL_FIELD(Key, monotonic_ms, u64, 0)};

// A card came or went, while the host watches (`card_watch`). It is no tap.
struct Card {
  bool present = false;                 // it came; false = it went
  ReadingKind kind = ReadingKind::uid;  // of a card that came
  Bounded<max_reading> reading;         // empty when it went
  std::uint64_t monotonic_ms = 0;       // ms since boot

  static constexpr Op op = Op::card;
  static const std::array<Field, 4> fields;
};
inline constexpr std::array<Field, 4> Card::fields = {
    ROLLCALL_FIELD(Card, present, boolean, 0), ROLLCALL_FIELD(Card, kind, u8, 0),
    ROLLCALL_FIELD(Card, reading, bytes, max_reading), ROLLCALL_FIELD(Card, monotonic_ms, u64, 0)};

// What a card answered to `apdu_request`, or why there is no answer.
struct ApduResponse {
  std::uint32_t exchange = 0;  // as in the request
  ApduStatus status = ApduStatus::ok;
  Bounded<max_apdu> data;  // response APDU, empty unless `ok`

  static constexpr Op op = Op::apdu_response;
  static const std::array<Field, 3> fields;
};
inline constexpr std::array<Field, 3> ApduResponse::fields = {
    ROLLCALL_FIELD(ApduResponse, exchange, u32, 0), ROLLCALL_FIELD(ApduResponse, status, u8, 0),
    ROLLCALL_FIELD(ApduResponse, data, bytes, max_apdu)};

// The card asked for more time (ISO/IEC 14443-4 7.3): the exchange goes on.
struct ApduWait {
  std::uint32_t exchange = 0;  // as in the request
  std::uint16_t more_ms = 0;   // added to its deadline

  static constexpr Op op = Op::apdu_wait;
  static const std::array<Field, 2> fields;
};
inline constexpr std::array<Field, 2> ApduWait::fields = {
    ROLLCALL_FIELD(ApduWait, exchange, u32, 0), ROLLCALL_FIELD(ApduWait, more_ms, u16, 0)};

// Asks for the time. The four timestamps are those of RFC 5905 section 8.
struct TimeRequest {
  std::uint64_t t1_ms = 0;  // ms since boot, when this was sent

  static constexpr Op op = Op::time_request;
  static const std::array<Field, 1> fields;
};
inline constexpr std::array<Field, 1> TimeRequest::fields = {
    ROLLCALL_FIELD(TimeRequest, t1_ms, u64, 0)};

// Counters since boot, in answer to `stats_request`. Frozen for ever.
struct Stats {
  std::uint64_t uptime_ms = 0;        // ms since boot
  std::uint32_t taps = 0;             // recorded
  std::uint32_t not_accepted = 0;     // refused visibly, nothing recorded
  std::uint32_t gave_up = 0;          // shown amber at the deadline
  std::uint32_t late_answers = 0;     // answers that came after it
  std::uint32_t retransmissions = 0;  // data frames sent again
  std::uint32_t bad_frames = 0;       // could not be read: noise
  std::uint32_t bad_tags = 0;         // frames whose tag did not verify
  std::uint32_t bad_messages = 0;     // not decodable, or not for this state
  std::uint32_t screens_stored = 0;   // kept screens written to storage
  std::uint32_t storage_errors = 0;   // operations that failed
  std::uint32_t reader_errors = 0;    // operations that failed

  static constexpr Op op = Op::stats;
  static const std::array<Field, 12> fields;
};
inline constexpr std::array<Field, 12> Stats::fields = {
    ROLLCALL_FIELD(Stats, uptime_ms, u64, 0),      ROLLCALL_FIELD(Stats, taps, u32, 0),
    ROLLCALL_FIELD(Stats, not_accepted, u32, 0),   ROLLCALL_FIELD(Stats, gave_up, u32, 0),
    ROLLCALL_FIELD(Stats, late_answers, u32, 0),   ROLLCALL_FIELD(Stats, retransmissions, u32, 0),
    ROLLCALL_FIELD(Stats, bad_frames, u32, 0),     ROLLCALL_FIELD(Stats, bad_tags, u32, 0),
    ROLLCALL_FIELD(Stats, bad_messages, u32, 0),   ROLLCALL_FIELD(Stats, screens_stored, u32, 0),
    ROLLCALL_FIELD(Stats, storage_errors, u32, 0), ROLLCALL_FIELD(Stats, reader_errors, u32, 0)};

// Somebody opened the housing, took the reader or the storage away, or used the debug port; or that
// is over.
struct Tamper {
  TamperSensor sensor = TamperSensor::housing;
  bool cleared = false;            // the sensor is back to normal
  std::uint64_t monotonic_ms = 0;  // ms since boot

  static constexpr Op op = Op::tamper;
  static const std::array<Field, 3> fields;
};
inline constexpr std::array<Field, 3> Tamper::fields = {
    ROLLCALL_FIELD(Tamper, sensor, u8, 0), ROLLCALL_FIELD(Tamper, cleared, boolean, 0),
    ROLLCALL_FIELD(Tamper, monotonic_ms, u64, 0)};

// How far a firmware update is. Frozen for ever.
struct UpdateState {
  UpdateStage stage = UpdateStage::idle;
  UpdateProblem problem = UpdateProblem::none;  // with stage `refused`
  std::uint32_t security_counter = 0;           // of the firmware that runs

  static constexpr Op op = Op::update_state;
  static const std::array<Field, 3> fields;
};
inline constexpr std::array<Field, 3> UpdateState::fields = {
    ROLLCALL_FIELD(UpdateState, stage, u8, 0), ROLLCALL_FIELD(UpdateState, problem, u8, 0),
    ROLLCALL_FIELD(UpdateState, security_counter, u32, 0)};

// Answer to a message of the host that has no answer of its own.
struct Reply {
  std::uint16_t to = 0;  // op of that message
  ReplyStatus status = ReplyStatus::done;

  static constexpr Op op = Op::reply;
  static const std::array<Field, 2> fields;
};
inline constexpr std::array<Field, 2> Reply::fields = {ROLLCALL_FIELD(Reply, to, u16, 0),
                                                       ROLLCALL_FIELD(Reply, status, u8, 0)};

}  // namespace rollcall::protocol
