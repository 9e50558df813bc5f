#include "protocol/frame.hpp"

#include <array>

namespace rollcall::protocol {
namespace {

// Consistent Overhead Byte Stuffing (Cheshire and Baker, IEEE/ACM Transactions on Networking,
// 1999), byte by byte. The caller has checked that `out` is large enough.
class CobsWriter {
 public:
  explicit CobsWriter(MutableBytes out) : out_(out) {}

  void put(std::uint8_t byte) {
    if (!open_) begin_block();
    if (byte != 0) {
      out_[size_++] = byte;
      if (++code_ != full_block) return;
      end_block();
    } else {
      end_block();
      begin_block();
    }
  }
  void put(Bytes bytes) {
    for (const std::uint8_t byte : bytes) put(byte);
  }
  std::size_t finish() {
    if (open_) end_block();
    return size_;
  }

 private:
  static constexpr std::uint8_t full_block = 0xff;  // 254 bytes, and no zero after them

  void begin_block() {
    code_at_ = size_++;
    code_ = 1;
    open_ = true;
  }
  void end_block() {
    out_[code_at_] = code_;
    open_ = false;
  }

  MutableBytes out_;
  std::size_t size_ = 1;
  std::size_t code_at_ = 0;
  std::uint8_t code_ = 1;
  bool open_ = true;
};

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

constexpr std::uint32_t crc_start = 0xffffffffu;

std::uint32_t crc_update(std::uint32_t crc, Bytes data) {
  for (const std::uint8_t byte : data) {
    crc ^= byte;
    crc = (crc >> 4) ^ crc_table[crc & 0x0fu];
    crc = (crc >> 4) ^ crc_table[crc & 0x0fu];
  }
  return crc;
}

std::uint32_t load_le32(const std::uint8_t* at) {
  return std::uint32_t{at[0]} | std::uint32_t{at[1]} << 8 | std::uint32_t{at[2]} << 16 |
         std::uint32_t{at[3]} << 24;
}

bool known(std::uint8_t type) {
  return type >= static_cast<std::uint8_t>(FrameType::hello) &&
         type <= static_cast<std::uint8_t>(FrameType::bye);
}

#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
constexpr bool crc_is_checked = false;  // a fuzzer does not guess checksums
#else
constexpr bool crc_is_checked = true;
#endif

}  // namespace

std::size_t cobs_encode(Bytes in, MutableBytes out) {
  if (out.size() < wire_size(in.size()) - 1) return 0;
  CobsWriter writer(out);
  writer.put(in);
  return writer.finish();
}

std::expected<std::size_t, FrameError> cobs_decode(MutableBytes buffer) {
  std::size_t read = 0;
  std::size_t written = 0;
  while (read < buffer.size()) {
    const std::uint8_t code = buffer[read++];
    if (code == 0 || code - 1u > buffer.size() - read) return std::unexpected(FrameError::bad_cobs);
    for (std::uint8_t i = 1; i < code; ++i) {
      const std::uint8_t byte = buffer[read++];
      if (byte == 0) return std::unexpected(FrameError::bad_cobs);
      buffer[written++] = byte;
    }
    if (code != 0xff && read < buffer.size()) buffer[written++] = 0;
  }
  return written;
}

std::uint32_t crc32(Bytes data) {
  return ~crc_update(crc_start, data);
}

std::size_t write_frame(const FrameHeader& header, Bytes sealed_payload, MutableBytes out) {
  const std::size_t body = frame_header_size + sealed_payload.size() + frame_crc_size;
  if (body > max_body || out.size() < wire_size(body)) return 0;

  const auto head = header_bytes(header);
  const std::uint32_t crc = ~crc_update(crc_update(crc_start, head), sealed_payload);

  CobsWriter writer(out);
  writer.put(head);
  writer.put(sealed_payload);
  for (int shift = 0; shift < 32; shift += 8) writer.put(static_cast<std::uint8_t>(crc >> shift));
  std::size_t size = writer.finish();
  out[size++] = 0;
  return size;
}

FrameDecoder::Step FrameDecoder::push(Bytes in) {
  const std::size_t encoded_limit = wire_size(limit_) - 1;
  Step step;
  for (const std::uint8_t byte : in) {
    ++step.consumed;
    if (byte != 0) {
      if (size_ < encoded_limit) {
        buffer_[size_++] = byte;
      } else {
        overflow_ = true;
      }
      continue;
    }
    if (size_ == 0) return step;
    step.complete = true;
    step.result = finish();
    return step;
  }
  return step;
}

void FrameDecoder::reset() {
  size_ = 0;
  overflow_ = false;
}

std::expected<Frame, FrameError> FrameDecoder::finish() {
  const bool overflow = overflow_;
  const MutableBytes encoded(buffer_, size_);
  reset();
  if (overflow) return std::unexpected(FrameError::too_long);

  const auto body = cobs_decode(encoded);
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
