// The op of every message but HELLO: the first item of its array. Terminal to host 1 to 31, host to
// terminal 32 to 63, either way from 64.
#pragma once

#include <cstddef>
#include <cstdint>

namespace rollcall::protocol {

enum class Op : std::uint16_t {
  terminal_state = 1,
  tap = 2,
  queued_tap = 3,
  gave_up = 4,
  touch = 5,
  key = 6,
  card = 7,
  apdu_response = 8,
  apdu_wait = 9,
  time_request = 10,
  stats = 11,
  tamper = 12,
  update_state = 13,
  reply = 14,
  enrol_key = 15,
  enrol_done = 16,

  welcome = 32,
  answer = 33,
  tap_ack = 34,
  resend_taps = 35,
  open_epoch = 36,
  screen = 37,
  screen_show = 38,
  feedback = 39,
  time_reply = 40,
  card_watch = 41,
  apdu_request = 42,
  identify = 43,
  stats_request = 44,
  log_request = 45,
  update_offer = 46,
  configure = 47,
  rotate_key = 48,
  reboot = 49,
  enrol_commit = 50,
  enrol_open = 51,
  enrol_grant = 52,
  grant = 53,

  bulk_offer = 64,
  bulk_accept = 65,
  bulk_end = 66,
  enrol_end = 67,
};

inline constexpr std::size_t max_reading = 32;  // bytes of a card reading
inline constexpr std::size_t seal_tag = 16;     // ChaCha20-Poly1305 tag
inline constexpr std::size_t max_apdu = 144;    // bytes of a command or response APDU

}  // namespace rollcall::protocol
