// Frames between a PN532 and its host (PN532 user manual UM0701-02, 6.2.1): information frames of
// both lengths, ACK, NACK and the error frame, out of a stream that may hold anything else as well.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "hal/bytes.hpp"
#include "hal/card_reader.hpp"

namespace rollcall::hal::pn532 {

inline constexpr std::size_t max_data = 2 + max_apdu;           // code, target or status, APDU
inline constexpr std::size_t max_frame = 8 + 1 + max_data + 2;  // start, TFI, data, DCS, postamble

inline constexpr std::array<std::uint8_t, 6> ack_frame{0, 0, 0xFF, 0, 0xFF, 0};
inline constexpr std::array<std::uint8_t, 6> nack_frame{0, 0, 0xFF, 0xFF, 0, 0};

// Writes the frame of `command` (code and fixed parameters) followed by `data`, together at most
// max_data bytes, to `out` of at least max_frame bytes. Returns its size.
std::size_t build_frame(Bytes command, Bytes data, MutableBytes out);

enum class Received : std::uint8_t {
  nothing,  // no frame ends here
  ack,
  nack,
  response,  // data() is what it holds
  error,     // the chip did not understand the last command at application level (6.2.1.5)
  damaged,   // a frame that cannot be read, or is longer than max_data
};

class FrameReader {
 public:
  Received put(std::uint8_t byte);
  // Of the last response: its code and what follows, without TFI; until the next put().
  Bytes data() const { return {payload_.data() + 1, size_ - 1u}; }
  // A frame has begun and not ended.
  bool in_frame() const { return state_ > State::zero; }
  // Begins anew: what came of a frame so far belongs to none.
  void reset() { state_ = State::searching; }

 private:
  enum class State : std::uint8_t {
    searching,  // for the start code 00 FF
    zero,       // the first half of it was seen
    length,
    length_check,
    long_length_high,
    long_length_low,
    long_length_check,
    payload,
    payload_check,
  };

  Received damaged(std::uint8_t last);
  Received begin_payload(std::uint8_t last);
  Received end_payload(std::uint8_t check);

  State state_ = State::searching;
  std::uint8_t length_ = 0;
  std::uint16_t size_ = 1;      // of the payload, TFI included
  std::uint16_t received_ = 0;  // of it
  std::uint8_t sum_ = 0;
  std::array<std::uint8_t, 1 + max_data> payload_{};
};

}  // namespace rollcall::hal::pn532
