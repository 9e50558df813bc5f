#include "hal/sim/nfc/rf_field.hpp"

#include <algorithm>
#include <utility>

namespace rollcall::hal::sim {
namespace {

constexpr std::size_t crc_size = 2;
constexpr std::uint8_t cascade_tag = 0x88;

std::uint8_t reversed(std::uint8_t byte) {
  unsigned result = 0;
  for (unsigned bit = 0; bit < 8; ++bit) result |= ((byte >> bit) & 1U) << (7 - bit);
  return static_cast<std::uint8_t>(result);
}

// The UID in the order in which its bits collide: with cascade tags, least significant bit first.
ByteVector collision_order(const ByteVector& uid) {
  ByteVector order;
  for (std::size_t at = 0; at < uid.size();) {
    const bool last = uid.size() - at <= 4;
    if (!last) order.push_back(reversed(cascade_tag));
    for (std::size_t end = at + (last ? 4 : 3); at < end && at < uid.size(); ++at)
      order.push_back(reversed(uid[at]));
  }
  return order;
}

}  // namespace

void RfField::place(VirtualCard& card) {
  if (holds(card)) return;
  slots_.push_back({&card});
  if (powered_) card.power_up();
}

void RfField::take_away(const VirtualCard& card) {
  std::erase_if(slots_, [&](const Slot& slot) { return slot.card == &card; });
}

bool RfField::holds(const VirtualCard& card) const {
  return std::ranges::any_of(slots_, [&](const Slot& slot) { return slot.card == &card; });
}

void RfField::set_power(bool on) {
  if (on == powered_) return;
  powered_ = on;
  for (Slot& slot : slots_) {
    slot.state = State::idle;
    if (on) slot.card->power_up();
  }
}

RfField::Slot* RfField::active() {
  const auto found = std::ranges::find(slots_, State::active, &Slot::state);
  return powered_ && found != slots_.end() ? &*found : nullptr;
}

std::optional<CardIdentity> RfField::select(Request request, Bytes uid) {
  if (!powered_) return std::nullopt;
  air_bytes_ += 1 + 2 + 2 + 5 + 9 + 3;  // REQA, ATQA and one cascade level
  // A selected card takes a request for an error and falls back (ISO/IEC 14443-3 6.3.5).
  if (Slot* slot = active()) slot->state = State::idle;
  Slot* chosen = nullptr;
  for (Slot& slot : slots_) {
    if (slot.state == State::halted && request == Request::reqa) continue;
    const CardIdentity identity = slot.card->identity();
    if (!uid.empty() && !std::ranges::equal(identity.uid, uid)) continue;
    // Where bits collide the reader goes on with 1.
    if (chosen == nullptr ||
        collision_order(identity.uid) > collision_order(chosen->card->identity().uid))
      chosen = &slot;
  }
  if (chosen == nullptr) return std::nullopt;
  chosen->state = State::active;
  chosen->card->select();
  return chosen->card->identity();
}

// Counts bytes over the air; true when the card was pulled before the last of them.
bool RfField::pulled(std::size_t bytes) {
  air_bytes_ += bytes;
  if (!pull_after_) return false;
  if (*pull_after_ >= bytes) {
    *pull_after_ -= bytes;
    return false;
  }
  pull_after_.reset();
  if (Slot* slot = active()) take_away(*slot->card);
  return true;
}

std::expected<CardAnswer, RfError> RfField::exchange(Bytes frame) {
  Slot* slot = active();
  if (slot == nullptr || pulled(frame.size() + crc_size)) return std::unexpected(RfError::timeout);
  constexpr std::uint8_t halt_command[] = {0x50, 0x00};
  if (std::ranges::equal(frame, halt_command)) {
    slot->state = State::halted;
    return std::unexpected(RfError::timeout);
  }
  CardAnswer answer = slot->card->exchange(frame);
  if (answer.halts) slot->state = State::halted;
  if (answer.bytes.empty()) return std::unexpected(RfError::timeout);
  if (pulled(answer.bytes.size() + (answer.nibble ? 0 : crc_size)))
    return std::unexpected(RfError::crc);
  return answer;
}

void RfField::halt() {
  if (Slot* slot = active()) slot->state = State::halted;
}

std::size_t RfField::take_air_bytes() {
  return std::exchange(air_bytes_, 0);
}

}  // namespace rollcall::hal::sim
