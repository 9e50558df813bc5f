// The input of fuzz_link: largest frame (lowest bit), mood of the owner (link_owner.hpp), and a
// script for one end of a link and a hostile peer. Every step is one byte that says what, and its
// arguments.
#pragma once

#include <cstdint>

namespace rollcall::protocol::fuzz {

enum class Step : std::uint8_t {
  raw,    // length, bytes: straight from the line
  frame,  // type, flags, channel, counter, length, payload: with a right CRC
  wait,   // tens of milliseconds
  send,   // length, payload: the owner sends
  write,  // bytes that the line takes
  start,
  close,
  transport_lost,
  handshake,     // the owner takes the step that is due, or gives back the one it took
  bulk_offer,    // size (2): the owner offers a transfer
  bulk_message,  // the owner sends what its bulk channel owes
  bulk_cancel,
  count
};

}  // namespace rollcall::protocol::fuzz
