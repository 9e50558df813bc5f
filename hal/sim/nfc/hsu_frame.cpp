#include "hal/sim/nfc/hsu_frame.hpp"

#include <numeric>

namespace rollcall::hal::sim {
namespace {

std::uint8_t sum(Bytes bytes) {
  return static_cast<std::uint8_t>(std::accumulate(bytes.begin(), bytes.end(), 0U));
}

std::uint8_t checksum(Bytes bytes) {
  return static_cast<std::uint8_t>(0x100U - sum(bytes));
}

}  // namespace

ByteVector encode_frame(Bytes data) {
  ByteVector frame{0x00, 0x00, 0xff};
  const auto low = static_cast<std::uint8_t>(data.size());
  if (data.size() <= 0xff) {
    const std::uint8_t length[] = {low};
    frame.insert(frame.end(), {low, checksum(length)});
  } else {
    const std::uint8_t length[] = {static_cast<std::uint8_t>(data.size() >> 8), low};
    frame.insert(frame.end(), {0xff, 0xff, length[0], length[1], checksum(length)});
  }
  frame.insert(frame.end(), data.begin(), data.end());
  frame.insert(frame.end(), {checksum(data), 0x00});
  return frame;
}

std::optional<HostFrame> HostFrameReader::restart() {
  bytes_.clear();
  return std::nullopt;
}

std::optional<HostFrame> HostFrameReader::push(std::uint8_t byte) {
  // Before the start code: any byte, of which the last may be its first half.
  if (bytes_.empty()) {
    if (byte == 0x00) bytes_.push_back(byte);
    return std::nullopt;
  }
  if (bytes_.size() == 1) {
    if (byte == 0xff) {
      bytes_.push_back(byte);
    } else if (byte != 0x00) {
      bytes_.clear();
    }
    return std::nullopt;
  }
  bytes_.push_back(byte);
  if (bytes_.size() < 4) return std::nullopt;
  const Bytes all(bytes_);
  std::size_t length = all[2];
  std::size_t header = 4;
  if (all[2] == 0x00 && all[3] == 0xff) {
    bytes_.clear();
    return HostFrame{HostFrame::Kind::ack, {}};
  }
  if (all[2] == 0xff && all[3] == 0x00) {
    bytes_.clear();
    return HostFrame{HostFrame::Kind::nack, {}};
  }
  if (all[2] == 0xff && all[3] == 0xff) {
    header = 7;
    if (bytes_.size() < header) return std::nullopt;
    if (sum(all.subspan(4, 3)) != 0) return restart();
    length = static_cast<std::size_t>(all[4]) << 8 | all[5];
  } else if (sum(all.subspan(2, 2)) != 0) {
    return restart();
  }
  if (length == 0 || length > data_most) return restart();
  if (bytes_.size() < header + length + 1) return std::nullopt;
  const Bytes data = all.subspan(header, length);
  if (sum(all.subspan(header, length + 1)) != 0) return restart();
  HostFrame frame{HostFrame::Kind::data, ByteVector(data.begin(), data.end())};
  bytes_.clear();
  return frame;
}

}  // namespace rollcall::hal::sim
