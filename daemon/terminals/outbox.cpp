#include "daemon/terminals/outbox.hpp"

namespace rollcall::terminals {

bool Outbox::acknowledge(const protocol::StorageEpoch& epoch, std::uint64_t number) {
  if (!acks_.empty() && acks_.back().epoch == epoch && acks_.back().last + 1 == number) {
    acks_.back().last = number;
    return true;
  }
  if (acks_.size() >= max_acks) return false;
  acks_.push_back({epoch, number, number});
  return true;
}

std::optional<std::vector<std::uint8_t>> Outbox::next() {
  if (!urgent_.empty()) {
    auto message = std::move(urgent_.front());
    urgent_.pop_front();
    return message;
  }
  if (acks_.empty()) return std::nullopt;
  std::vector<std::uint8_t> bytes(protocol::max_encoded_size(protocol::TapAck::fields));
  bytes.resize(protocol::encode(acks_.front(), bytes).value_or(0));
  acks_.pop_front();
  return bytes;
}

}  // namespace rollcall::terminals
