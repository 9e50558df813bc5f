// The messages that wait to be sent to one terminal. The link takes one at a time; here is decided
// which is next: answers before everything, then acknowledgements. Screens go beside them
// (screen_sender.hpp).
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "protocol/messages.hpp"

namespace rollcall::terminals {

class Outbox {
 public:
  static constexpr std::size_t max_urgent = 64;  // messages; full = the terminal takes no answers
  static constexpr std::size_t max_acks = 64;    // ranges; full likewise

  // Each is false when its lane is full: the caller closes the session.
  template <class Message>
  bool push(const Message& message) {
    std::vector<std::uint8_t> bytes(protocol::max_encoded_size(Message::fields));
    const auto size = protocol::encode(message, bytes);
    if (!size || urgent_.size() >= max_urgent) return false;
    bytes.resize(*size);
    urgent_.push_back(std::move(bytes));
    return true;
  }
  // Joins the last range when it follows it.
  bool acknowledge(const protocol::StorageEpoch& epoch, std::uint64_t number);

  bool empty() const { return urgent_.empty() && acks_.empty(); }
  // The next message; nothing when empty.
  std::optional<std::vector<std::uint8_t>> next();

 private:
  std::deque<std::vector<std::uint8_t>> urgent_;
  std::deque<protocol::TapAck> acks_;
};

}  // namespace rollcall::terminals
