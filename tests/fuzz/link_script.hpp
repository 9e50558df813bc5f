// The input of fuzz_link: a script for one end of a link and a hostile peer. Every step is one byte
// that says what, and its arguments.
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
  count
};

}  // namespace rollcall::protocol::fuzz
