// What waits to be sent to one terminal. The link takes one message at a time; here is decided
// which is next: answers before everything, then acknowledgements and screens in turn.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "daemon/screens/screen.hpp"
#include "protocol/messages.hpp"

namespace rollcall::terminals {

class Outbox {
 public:
  static constexpr std::size_t max_urgent = 64;  // messages; full = the terminal takes no answers
  static constexpr std::size_t max_acks = 64;    // ranges; full likewise
  static constexpr std::size_t max_screens = 32;

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
  // A screen for a slot; `live` ones are shown as soon as they have arrived.
  bool screen(std::uint32_t id, protocol::ScreenSlot slot,
              std::shared_ptr<const screens::Screen> screen);
  // Back to the idle screen, after what waits before it.
  bool show_idle();
  // Live screens that nobody needs any more, also a half-sent one.
  void drop_live_screens();

  bool empty() const { return urgent_.empty() && acks_.empty() && screens_.empty(); }
  bool urgent() const { return !urgent_.empty() || !acks_.empty(); }

  // The next message, at most `max_payload` bytes (at least 128); nothing when empty.
  std::optional<std::vector<std::uint8_t>> next(std::size_t max_payload);

 private:
  struct Transfer {
    std::uint32_t id = 0;  // 0: only show_idle
    protocol::ScreenSlot slot = protocol::ScreenSlot::live;
    std::shared_ptr<const screens::Screen> screen;
    bool begun = false;
    std::size_t offset = 0;
  };
  std::vector<std::uint8_t> next_of_screen(std::size_t max_payload);
  std::vector<std::uint8_t> next_ack();

  std::deque<std::vector<std::uint8_t>> urgent_;
  std::deque<protocol::TapAck> acks_;
  std::deque<Transfer> screens_;
  bool screens_turn_ = false;
};

}  // namespace rollcall::terminals
