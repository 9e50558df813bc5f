// Every message of the link, declared once. HELLO is not here: it is frozen and lives in hello.hpp.
//
// Terminal to host: ops 1 to 31. Host to terminal: ops 32 to 63.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "protocol/field.hpp"
#include "protocol/types.hpp"

namespace rollcall::protocol {

enum class Op : std::uint16_t {
  terminal_state = 1,
  tap = 2,
  queued_tap = 3,
  gave_up = 4,
  touch = 5,
  welcome = 32,
  answer = 33,
  tap_ack = 34,
  resend_taps = 35,
  open_epoch = 36,
  screen_begin = 37,
  screen_data = 38,
  screen_show = 39,
  time = 40,
};

inline constexpr std::size_t max_reading = 32;  // bytes of a card reading
inline constexpr std::size_t seal_tag = 16;     // ChaCha20-Poly1305 tag

// First message of a terminal after the link is up.
struct TerminalState {
  StorageEpoch epoch{};            // of the storage the queue is in now
  std::uint64_t next_number = 1;   // the number the next tap will get
  std::uint32_t waiting = 0;       // taps in the queue that no host has acknowledged
  std::uint32_t capacity = 0;      // taps the queue can hold unacknowledged
  std::uint16_t panel_width = 0;   // pixels; 0 = no display
  std::uint16_t panel_height = 0;  // pixels
  bool accepts_time = true;        // wants `time` now and then

  static constexpr Op op = Op::terminal_state;
  static const std::array<Field, 7> fields;
};
inline constexpr std::array<Field, 7> TerminalState::fields = {
    ROLLCALL_FIELD(TerminalState, epoch, fixed, 16),
    ROLLCALL_FIELD(TerminalState, next_number, u64, 0),
    ROLLCALL_FIELD(TerminalState, waiting, u32, 0),
    ROLLCALL_FIELD(TerminalState, capacity, u32, 0),
    ROLLCALL_FIELD(TerminalState, panel_width, u16, 0),
    ROLLCALL_FIELD(TerminalState, panel_height, u16, 0),
    ROLLCALL_FIELD(TerminalState, accepts_time, boolean, 0),
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

// A tap from the queue. `sealed` holds kind and reading, readable by the site alone
// (docs/queue-format.md); `unit` and `unit_key` say under which key it was sealed.
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

// A screen follows in `screen_data`: `bytes` bytes of the format in docs/protocol.md, "Screens".
struct ScreenBegin {
  std::uint32_t screen = 0;  // id chosen by the host, not 0
  ScreenSlot slot = ScreenSlot::live;
  std::uint16_t width = 0;   // pixels
  std::uint16_t height = 0;  // pixels
  std::uint32_t bytes = 0;   // of the whole payload

  static constexpr Op op = Op::screen_begin;
  static const std::array<Field, 5> fields;
};
inline constexpr std::array<Field, 5> ScreenBegin::fields = {
    ROLLCALL_FIELD(ScreenBegin, screen, u32, 0), ROLLCALL_FIELD(ScreenBegin, slot, u8, 0),
    ROLLCALL_FIELD(ScreenBegin, width, u16, 0), ROLLCALL_FIELD(ScreenBegin, height, u16, 0),
    ROLLCALL_FIELD(ScreenBegin, bytes, u32, 0)};

inline constexpr std::size_t max_screen_chunk = 900;  // fits a TCP frame; slower links send less

// The next bytes of the screen that was begun last.
struct ScreenData {
  std::uint32_t screen = 0;        // as in `screen_begin`
  std::uint32_t offset = 0;        // of `data` in the payload; without gaps
  Bounded<max_screen_chunk> data;  // what the frame has room for

  static constexpr Op op = Op::screen_data;
  static const std::array<Field, 3> fields;
};
inline constexpr std::array<Field, 3> ScreenData::fields = {
    ROLLCALL_FIELD(ScreenData, screen, u32, 0), ROLLCALL_FIELD(ScreenData, offset, u32, 0),
    ROLLCALL_FIELD(ScreenData, data, bytes, max_screen_chunk)};

// Show the live screen with this id, or (`screen` 0) go back to the idle screen.
struct ScreenShow {
  std::uint32_t screen = 0;  // as in `screen_begin`; 0 = none

  static constexpr Op op = Op::screen_show;
  static const std::array<Field, 1> fields;
};
inline constexpr std::array<Field, 1> ScreenShow::fields = {
    ROLLCALL_FIELD(ScreenShow, screen, u32, 0)};

// Host wall time, sent now and then after `welcome`.
struct Time {
  std::int64_t wall_ms = 0;  // Unix ms
  ClockTrust trust = ClockTrust::unproven;

  static constexpr Op op = Op::time;
  static const std::array<Field, 2> fields;
};
inline constexpr std::array<Field, 2> Time::fields = {ROLLCALL_FIELD(Time, wall_ms, i64, 0),
                                                      ROLLCALL_FIELD(Time, trust, u8, 0)};

// Every message type, for code that must treat all of them: documentation, fuzzing, golden files.
template <template <class...> class Of>
using AllMessages = Of<TerminalState, Tap, QueuedTap, GaveUp, Touch, Welcome, Answer, TapAck,
                       ResendTaps, OpenEpoch, ScreenBegin, ScreenData, ScreenShow, Time>;

}  // namespace rollcall::protocol
