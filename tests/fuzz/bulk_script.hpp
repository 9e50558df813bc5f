// The input of fuzz_bulk: steps of one byte that says what, and its arguments.
#pragma once

#include <cstdint>

namespace rollcall::protocol::fuzz {

enum class BulkStep : std::uint8_t {
  message,  // length, bytes: a message of the peer
  offer,    // transfer, bytes (2), held (2): of the peer, with a right digest
  content,  // transfer, size: of the peer, the next bytes in order
  frame,    // type, transfer, length, payload: of the peer
  send,     // bytes (2): we offer
  accept,   // window, offset (2): of the peer, for our transfer
  ack,      // offset (2): of the peer, for our transfer
  take,     // we write a frame, if one is due
  say,      // we say a message, if one is due
  wait,     // tens of milliseconds
  cancel,   // which of the two
  down,
  count
};

}  // namespace rollcall::protocol::fuzz
