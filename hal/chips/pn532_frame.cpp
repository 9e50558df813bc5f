#include "hal/chips/pn532_frame.hpp"

#include <algorithm>

namespace rollcall::hal::pn532 {
namespace {

constexpr std::uint8_t to_chip = 0xD4;    // TFI
constexpr std::uint8_t from_chip = 0xD5;  // TFI
constexpr std::uint8_t error_code = 0x7F;

constexpr std::uint8_t low(std::size_t number) {
  return static_cast<std::uint8_t>(number & 0xFF);
}

}  // namespace

std::size_t build_frame(Bytes command, Bytes data, MutableBytes out) {
  std::size_t at = 0;
  const auto put = [&](std::size_t byte) { out[at++] = low(byte); };
  const std::size_t size = 1 + command.size() + data.size();
  put(0x00);
  put(0x00);
  put(0xFF);
  if (size > 0xFF) {  // extended frame
    put(0xFF);
    put(0xFF);
    put(size >> 8);
    put(size);
    put(0x100 - low((size >> 8) + size));
  } else {
    put(size);
    put(0x100 - size);
  }
  std::size_t sum = to_chip;
  put(to_chip);
  for (const Bytes part : {command, data}) {
    for (const std::uint8_t byte : part) {
      put(byte);
      sum += byte;
    }
  }
  put(0x100 - low(sum));
  put(0x00);
  return at;
}

Received FrameReader::put(std::uint8_t byte) {
  switch (state_) {
    case State::searching:
      if (byte == 0x00) state_ = State::zero;
      return Received::nothing;
    case State::zero:
      if (byte != 0x00) state_ = byte == 0xFF ? State::length : State::searching;
      return Received::nothing;
    case State::length:
      length_ = byte;
      state_ = State::length_check;
      return Received::nothing;
    case State::length_check:
      if (length_ == 0x00 && byte == 0xFF) {
        reset();
        return Received::ack;
      }
      if (length_ == 0xFF && byte == 0x00) {
        reset();
        return Received::nack;
      }
      if (length_ == 0xFF && byte == 0xFF) {
        state_ = State::long_length_high;
        return Received::nothing;
      }
      if (low(length_ + byte) != 0) return damaged(byte);
      size_ = length_;
      return begin_payload(byte);
    case State::long_length_high:
      size_ = static_cast<std::uint16_t>(byte << 8);
      sum_ = byte;
      state_ = State::long_length_low;
      return Received::nothing;
    case State::long_length_low:
      size_ = static_cast<std::uint16_t>(size_ | byte);
      sum_ = low(sum_ + byte);
      state_ = State::long_length_check;
      return Received::nothing;
    case State::long_length_check:
      if (low(sum_ + byte) != 0) return damaged(byte);
      return begin_payload(byte);
    case State::payload:
      payload_[received_++] = byte;
      sum_ = low(sum_ + byte);
      if (received_ == size_) state_ = State::payload_check;
      return Received::nothing;
    case State::payload_check:
      return end_payload(byte);
  }
  return Received::nothing;
}

Received FrameReader::begin_payload(std::uint8_t last) {
  if (size_ == 0 || size_ > payload_.size()) {
    size_ = 1;
    return damaged(last);
  }
  received_ = 0;
  sum_ = 0;
  state_ = State::payload;
  return Received::nothing;
}

Received FrameReader::end_payload(std::uint8_t check) {
  if (low(sum_ + check) != 0) return damaged(check);
  reset();
  if (size_ == 1 && payload_[0] == error_code) return Received::error;
  return size_ > 1 && payload_[0] == from_chip ? Received::response : Received::damaged;
}

// What broke the frame may be the beginning of the next one.
Received FrameReader::damaged(std::uint8_t last) {
  state_ = last == 0x00 ? State::zero : State::searching;
  return Received::damaged;
}

}  // namespace rollcall::hal::pn532
