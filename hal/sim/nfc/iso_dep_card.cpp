#include "hal/sim/nfc/iso_dep_card.hpp"

#include <algorithm>
#include <utility>

#include "hal/sim/nfc/iso_dep.hpp"

namespace rollcall::hal::sim {

using namespace iso_dep;

void IsoDepCard::select() {
  activated_ = parameters_allowed_ = with_cid_ = false;
  number_ = 1;
  cid_ = 0;
  command_.clear();
  answer_.clear();
  last_block_.clear();
  extensions_left_ = 0;
  application_reset();
}

CardAnswer IsoDepCard::exchange(Bytes frame) {
  if (!activated_) return {first_command(frame)};
  const std::uint8_t pcb = frame[0];
  if (std::exchange(parameters_allowed_, false) && (pcb & 0xf0) == pps && frame.size() >= 2)
    return {{pcb}};
  with_cid_ = (pcb & cid_bit) != 0;
  std::size_t header = 1;
  if (with_cid_) {
    if (frame.size() < 2 || (frame[1] & 0x0f) != cid_) return {};
    ++header;
  } else if (cid_ != 0) {
    return {};  // another card is meant
  }
  if (is_information(pcb) && (pcb & nad_bit) != 0) return {};
  const Bytes data = frame.subspan(header);
  if (is_information(pcb)) return {information(pcb, data)};
  if (is_receipt(pcb)) return {receipt(pcb)};
  if (is_deselect(pcb)) {
    activated_ = false;
    return {.bytes = block(s_deselect, {}), .halts = true};
  }
  if (is_waiting(pcb) && extensions_left_ > 0) {
    --extensions_left_;
    return {waiting_or_answer()};
  }
  return {};
}

ByteVector IsoDepCard::first_command(Bytes frame) {
  if (frame.size() != 2 || frame[0] != rats) return {};
  activated_ = parameters_allowed_ = true;
  frame_size_ = frame_size(frame[1] >> 4);
  cid_ = frame[1] & 0x0f;
  return ats();
}

// Rules D and 10 of 7.5.3 and 7.5.4: an I-block, whatever its number, makes the number turn.
ByteVector IsoDepCard::information(std::uint8_t pcb, Bytes data) {
  number_ ^= 1;
  command_.insert(command_.end(), data.begin(), data.end());
  if ((pcb & chaining_bit) != 0) return last_block_ = block(r_ack | number_, {});
  answer_ = apdu(std::exchange(command_, {}));
  extensions_left_ = extensions_;
  return waiting_or_answer();
}

// Rules 11 to 13: a receipt for the block that was sent last means it did not arrive.
ByteVector IsoDepCard::receipt(std::uint8_t pcb) {
  if ((pcb & number_bit) == number_) return last_block_;
  if (is_negative(pcb)) return last_block_ = block(r_ack | number_, {});
  if (answer_.empty()) return {};
  number_ ^= 1;
  return next_part();
}

ByteVector IsoDepCard::waiting_or_answer() {
  if (extensions_left_ == 0) return next_part();
  constexpr std::uint8_t multiplier[] = {1};
  return last_block_ = block(s_wtx, multiplier);
}

ByteVector IsoDepCard::next_part() {
  const std::size_t room = frame_size_ - 3 - (with_cid_ ? 1 : 0);
  const std::size_t size = std::min(room, answer_.size());
  const std::uint8_t more = size < answer_.size() ? chaining_bit : 0;
  last_block_ =
      block(static_cast<std::uint8_t>(i_block | more | number_), Bytes(answer_).first(size));
  answer_.erase(answer_.begin(), answer_.begin() + static_cast<std::ptrdiff_t>(size));
  return last_block_;
}

ByteVector IsoDepCard::block(std::uint8_t pcb, Bytes data) const {
  ByteVector result{pcb};
  if (with_cid_) {
    result[0] |= cid_bit;
    result.push_back(cid_);
  }
  result.insert(result.end(), data.begin(), data.end());
  return result;
}

}  // namespace rollcall::hal::sim
