#include "daemon/terminals/outbox.hpp"

#include <algorithm>

namespace rollcall::terminals {
namespace {

// Bytes of a screen_data message besides its data: array, op, screen, offset, length.
constexpr std::size_t chunk_overhead = 1 + 2 + 5 + 5 + 3;

template <class Message>
std::vector<std::uint8_t> encoded(const Message& message) {
  std::vector<std::uint8_t> bytes(protocol::max_encoded_size(Message::fields));
  bytes.resize(protocol::encode(message, bytes).value_or(0));
  return bytes;
}

}  // namespace

bool Outbox::acknowledge(const protocol::StorageEpoch& epoch, std::uint64_t number) {
  if (!acks_.empty() && acks_.back().epoch == epoch && acks_.back().last + 1 == number) {
    acks_.back().last = number;
    return true;
  }
  if (acks_.size() >= max_acks) return false;
  acks_.push_back({epoch, number, number});
  return true;
}

bool Outbox::screen(std::uint32_t id, protocol::ScreenSlot slot,
                    std::shared_ptr<const screens::Screen> screen) {
  if (screens_.size() >= max_screens) return false;
  screens_.push_back({.id = id, .slot = slot, .screen = std::move(screen)});
  return true;
}

bool Outbox::show_idle() {
  if (screens_.size() >= max_screens) return false;
  screens_.push_back({});
  return true;
}

void Outbox::drop_live_screens() {
  std::erase_if(screens_, [](const Transfer& t) { return t.slot == protocol::ScreenSlot::live; });
}

std::optional<std::vector<std::uint8_t>> Outbox::next(std::size_t max_payload) {
  if (!urgent_.empty()) {
    auto message = std::move(urgent_.front());
    urgent_.pop_front();
    return message;
  }
  if (!screens_.empty() && (screens_turn_ || acks_.empty())) {
    screens_turn_ = false;
    return next_of_screen(max_payload);
  }
  if (!acks_.empty()) {
    screens_turn_ = true;
    return next_ack();
  }
  return std::nullopt;
}

std::vector<std::uint8_t> Outbox::next_ack() {
  const protocol::TapAck ack = acks_.front();
  acks_.pop_front();
  return encoded(ack);
}

std::vector<std::uint8_t> Outbox::next_of_screen(std::size_t max_payload) {
  Transfer& transfer = screens_.front();
  if (transfer.id == 0) {
    screens_.pop_front();
    return encoded(protocol::ScreenShow{});
  }
  const std::vector<std::uint8_t>& bytes = transfer.screen->bytes;
  if (!transfer.begun) {
    transfer.begun = true;
    const screens::Size size = transfer.screen->size;
    return encoded(protocol::ScreenBegin{transfer.id, transfer.slot, size.width, size.height,
                                         static_cast<std::uint32_t>(bytes.size())});
  }
  if (transfer.offset < bytes.size()) {
    const std::size_t room = std::min(protocol::max_screen_chunk, max_payload - chunk_overhead);
    const std::size_t size = std::min(room, bytes.size() - transfer.offset);
    protocol::ScreenData chunk{transfer.id, static_cast<std::uint32_t>(transfer.offset), {}};
    chunk.data.assign({bytes.data() + transfer.offset, size});
    transfer.offset += size;
    const bool done =
        transfer.offset == bytes.size() && transfer.slot != protocol::ScreenSlot::live;
    if (done) screens_.pop_front();
    return encoded(chunk);
  }
  const protocol::ScreenShow show{transfer.id};
  screens_.pop_front();
  return encoded(show);
}

}  // namespace rollcall::terminals
