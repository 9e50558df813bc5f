#include "protocol/frame.hpp"

#include <algorithm>
#include <array>

#include "protocol/little_endian.hpp"

namespace rollcall::protocol {
namespace {

// Four bits a step: 64 bytes of table instead of 1 kB, which counts on the boards.
constexpr std::array<std::uint32_t, 16> make_crc_table() {
  std::array<std::uint32_t, 16> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 4; ++bit) crc = (crc >> 1) ^ ((crc & 1u) != 0 ? 0xEDB88320u : 0u);
    table[i] = crc;
  }
  return table;
}
constexpr auto crc_table = make_crc_table();

constexpr std::uint8_t full_block = 0xff;  // code of a COBS block of 254 bytes and no zero

bool known(std::uint8_t type) {
  return type >= static_cast<std::uint8_t>(FrameType::hello) &&
         type <= static_cast<std::uint8_t>(FrameType::bulk_ack);
}

#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
constexpr bool crc_is_checked = false;  // a fuzzer does not guess checksums
#else
constexpr bool crc_is_checked = true;
#endif

}  // namespace

// Consistent Overhead Byte Stuffing (Cheshire and Baker, IEEE/ACM Transactions on Networking,
// 1999): a code in front of each block says how far the next zero is.
std::size_t cobs_encode(Bytes in, MutableBytes out) {
  if (out.size() < wire_size(in.size()) - 1) return 0;
  std::size_t code_at = 0;
  std::size_t size = 1;
  for (auto next = in.begin(); next != in.end();) {
    if (size - code_at != full_block) {
      const std::uint8_t byte = *next++;
      if (byte != 0) {
        out[size++] = byte;
        continue;
      }
    }
    out[code_at] = static_cast<std::uint8_t>(size - code_at);
    code_at = size++;
  }
  out[code_at] = static_cast<std::uint8_t>(size - code_at);
  return size;
}

std::expected<std::size_t, FrameError> cobs_decode(MutableBytes buffer) {
  std::size_t written = 0;
  std::uint8_t left = 0;  // of the block, its code included
  bool zero_due = false;  // when another block follows
  for (const std::uint8_t byte : buffer) {
    if (byte == 0) return std::unexpected(FrameError::bad_cobs);
    if (left != 0) {
      buffer[written++] = byte;
    } else {
      if (zero_due) buffer[written++] = 0;
      zero_due = byte != full_block;
      left = byte;
    }
    --left;
  }
  if (left != 0) return std::unexpected(FrameError::bad_cobs);
  return written;
}

std::uint32_t crc32(Bytes data) {
  std::uint32_t crc = 0xffffffffu;
  for (const std::uint8_t byte : data) {
    crc ^= byte;
    crc = (crc >> 4) ^ crc_table[crc & 0x0fu];
    crc = (crc >> 4) ^ crc_table[crc & 0x0fu];
  }
  return ~crc;
}

// Puts the body together where cobs_encode may take it from.
std::size_t write_frame(const FrameHeader& header, Bytes sealed_payload, MutableBytes out) {
  const std::size_t covered = frame_header_size + sealed_payload.size();
  const std::size_t body = covered + frame_crc_size;
  if (body > max_body || out.size() < wire_size(body)) return 0;

  std::uint8_t* const at = &out[wire_size(body) - 1 - body];
  std::ranges::copy(header_bytes(header), at);
  std::ranges::copy(sealed_payload, at + frame_header_size);
  store_le32(at + covered, crc32({at, covered}));
  std::size_t size = cobs_encode({at, body}, out);
  out[size++] = 0;
  return size;
}

FrameDecoder::Step FrameDecoder::push(Bytes in) {
  std::size_t consumed = 0;
  while (consumed < in.size()) {
    const std::uint8_t byte = in[consumed++];
    if (byte != 0) {
      if (size_ < wire_size(limit_)) buffer_[size_++] = byte;
    } else if (size_ != 0) {
      return {consumed, true, finish()};
    } else {
      break;
    }
  }
  return {consumed};
}

std::expected<Frame, FrameError> FrameDecoder::finish() {
  const std::size_t encoded = size_;
  reset();
  // Not even the delimiter had room.
  if (encoded == wire_size(limit_)) return std::unexpected(FrameError::too_long);

  const auto body = cobs_decode({buffer_, encoded});
  if (!body) return std::unexpected(body.error());
  if (*body > limit_) return std::unexpected(FrameError::too_long);
  if (*body < frame_header_size + frame_crc_size) return std::unexpected(FrameError::too_short);

  const std::size_t covered = *body - frame_crc_size;
  Frame frame;
  frame.crc = load_le32(buffer_ + covered);
  if (crc_is_checked && frame.crc != crc32({buffer_, covered})) {
    return std::unexpected(FrameError::bad_crc);
  }
  if (!known(buffer_[0])) return std::unexpected(FrameError::unknown_type);
  frame.header = {static_cast<FrameType>(buffer_[0]), buffer_[1], buffer_[2], buffer_[3]};
  frame.header_bytes = {buffer_, frame_header_size};
  frame.payload = {buffer_ + frame_header_size, covered - frame_header_size};
  return frame;
}

}  // namespace rollcall::protocol
