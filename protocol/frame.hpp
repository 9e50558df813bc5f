// Frames: one COBS-encoded body between 0x00 delimiters, the same on UART, USB bulk and TCP.
//
//   body = type(1) flags(1) channel(1) counter_low(1) payload(0..n) tag(0|16) crc32(4)
//
// The CRC (IEEE 802.3, reflected, 0xEDB88320) covers all that precedes it. A wrong CRC is line
// noise.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>

#include "protocol/bytes.hpp"

namespace rollcall::protocol {

enum class FrameType : std::uint8_t {
  hello = 1,
  data = 2,
  ack = 3,
  ping = 4,
  bye = 5,
  handshake = 6,
  unknown_session = 7,
  bulk = 8,
  bulk_ack = 9,
};

// Bits of the flags byte; the others are 0.
namespace frame_flag {
inline constexpr std::uint8_t sequence = 1u << 0;      // 1-bit sequence of this data frame
inline constexpr std::uint8_t ack = 1u << 1;           // this frame acknowledges the peer's data...
inline constexpr std::uint8_t ack_sequence = 1u << 2;  // ...frame with this sequence
inline constexpr std::uint8_t key_phase = 1u << 3;     // changes with the sender's key
}  // namespace frame_flag

inline constexpr std::size_t frame_header_size = 4;
inline constexpr std::size_t frame_crc_size = 4;
inline constexpr std::size_t max_body_serial = 192;  // 115 200 baud
inline constexpr std::size_t max_body_tcp = 1024;
// The largest that a link of this program uses: a board has a serial line and no more.
#ifdef ROLLCALL_BOARD
inline constexpr std::size_t max_body = max_body_serial;
#else
inline constexpr std::size_t max_body = max_body_tcp;
#endif

struct FrameHeader {
  FrameType type = FrameType::data;
  std::uint8_t flags = 0;
  // Transfer number in BULK and BULK ACK, message number in HANDSHAKE, in a HELLO that acknowledges
  // the number it answers; else 0.
  std::uint8_t channel = 0;
  std::uint8_t counter_low = 0;  // low 8 bits of the sender's frame counter; HELLO: its number
};

// The header as it travels: associated data of the session layer.
constexpr std::array<std::uint8_t, frame_header_size> header_bytes(const FrameHeader& header) {
  return {static_cast<std::uint8_t>(header.type), header.flags, header.channel, header.counter_low};
}

struct Frame {
  FrameHeader header;
  Bytes header_bytes;  // the four bytes as received: associated data
  MutableBytes
      payload;  // payload and tag; points into the decoder's buffer, may be opened in place
  std::uint32_t crc = 0;  // as received: tells an identical retransmission from another frame
};

enum class FrameError : std::uint8_t {
  too_short,  // less than header and CRC
  too_long,   // more than the limit; the rest up to the delimiter is skipped
  bad_cobs,   // the encoding breaks its own rule
  bad_crc,
  unknown_type,
};

// Bytes a body of `body` bytes takes on the wire: COBS overhead and one delimiter.
constexpr std::size_t wire_size(std::size_t body) {
  return body + body / 254 + 1 + 1;
}

// COBS of `in` to `out` without delimiter; 0 when `out` is smaller than wire_size(in.size()) - 1.
// `in` may be the end of the first so many bytes of `out`.
std::size_t cobs_encode(Bytes in, MutableBytes out);
// In place; the number of decoded bytes, or an error when the block structure is broken.
std::expected<std::size_t, FrameError> cobs_decode(MutableBytes buffer);

std::uint32_t crc32(Bytes data);

// Writes header, payload (already sealed) and CRC as one delimited wire frame.
// Returns the wire bytes written, 0 when `out` is too small or the body exceeds max_body.
std::size_t write_frame(const FrameHeader& header, Bytes sealed_payload, MutableBytes out);

// Reassembles frames from a byte stream of any chunking. Bounded: one frame is kept.
class FrameDecoder {
 public:
  // `limit`: largest body accepted, at most max_body.
  explicit FrameDecoder(std::size_t limit = max_body) { set_limit(limit); }
  void set_limit(std::size_t limit) { limit_ = limit < max_body ? limit : max_body; }

  // Consumes bytes of `in` up to and including the first delimiter, or all of them. `consumed` says
  // how many. Returns a frame or an error when a delimiter ended one, nothing while more is needed;
  // empty frames (two delimiters in a row) are silently nothing. The frame's views stay valid
  // until the next call.
  struct Step {
    std::size_t consumed = 0;
    bool complete = false;  // `result` is set
    std::expected<Frame, FrameError> result = std::unexpected(FrameError::too_short);
  };
  Step push(Bytes in);

  // Forgets a frame that has begun.
  void reset() { size_ = 0; }

 private:
  std::expected<Frame, FrameError> finish();

  std::size_t limit_ = max_body;
  std::size_t size_ = 0;  // without the delimiter; wire_size(limit_) when it is too long
  std::uint8_t buffer_[wire_size(max_body)];
};

}  // namespace rollcall::protocol
