// Commands of a PN532 as initiator (UM0701-02 7.3): finding cards and talking to them.
#include <algorithm>

#include "hal/sim/nfc/iso_dep.hpp"
#include "hal/sim/nfc/pn532_sim.hpp"

namespace rollcall::hal::sim {
namespace {

constexpr std::uint8_t automatic_rats = 0x10;    // bit of SetParameters
constexpr std::uint8_t more_information = 0x40;  // bit of a target's number and of a status
constexpr std::uint8_t target_number = 0x07;
constexpr std::size_t part_most = 262;  // bytes of a card's answer in one frame

// Registers of the contactless interface unit (UM0701-02 7.2.4).
constexpr std::uint16_t tx_mode = 0x6302;
constexpr std::uint16_t rx_mode = 0x6303;
constexpr std::uint8_t crc_enabled = 0x80;
constexpr std::uint8_t framing_bits = 0x03;  // 0 = type A

constexpr std::uint8_t kind_type_a = 0x00;  // of InListPassiveTarget; 1 to 4 are other technologies
constexpr std::uint8_t kind_last = 0x04;

// Commands of memory cards that the chip knows.
constexpr std::uint8_t authenticate_a = 0x60;
constexpr std::uint8_t authenticate_b = 0x61;
constexpr std::uint8_t compatible_write = 0xa0;
constexpr std::uint8_t acknowledged = 0x0a;

// ISO/IEC 14443-3 annex B.
ByteVector with_crc(Bytes frame) {
  std::uint32_t crc = 0x6363;
  for (const std::uint8_t byte : frame) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x8408U : 0U);
  }
  ByteVector out(frame.begin(), frame.end());
  out.push_back(static_cast<std::uint8_t>(crc));
  out.push_back(static_cast<std::uint8_t>(crc >> 8));
  return out;
}

// A UID as the host gives it, with a cascade tag before each three bytes that are not the last
// four; nothing when it is none.
std::optional<ByteVector> without_cascade_tags(Bytes in) {
  constexpr std::uint8_t cascade_tag = 0x88;
  if (in.size() != 4 && in.size() != 8 && in.size() != 12) return std::nullopt;
  ByteVector uid;
  for (; in.size() > 4; in = in.subspan(4)) {
    if (in[0] != cascade_tag) return std::nullopt;
    uid.insert(uid.end(), in.begin() + 1, in.begin() + 4);
  }
  uid.insert(uid.end(), in.begin(), in.end());
  return uid;
}

}  // namespace

ByteVector Pn532Sim::failed(RfError error) {
  last_error_ = static_cast<std::uint8_t>(error);
  return {last_error_};
}

ByteVector Pn532Sim::status(const std::expected<void, RfError>& result) {
  return result ? ByteVector{0x00} : failed(result.error());
}

Pn532Sim::Target* Pn532Sim::target(std::uint8_t number) {
  const auto found = targets_.find(number);
  return found == targets_.end() ? nullptr : &found->second;
}

Pn532Sim::Answer Pn532Sim::begin_search(Bytes in) {
  if (in.size() < 2 || in[0] < 1 || in[0] > targets_most || in[1] > kind_last) return std::nullopt;
  Search search;
  search.wanted = in[0];
  search.type_a = in[1] == kind_type_a;
  if (search.type_a && in.size() > 2) {
    const auto uid = without_cascade_tags(in.subspan(2));
    if (!uid) return std::nullopt;
    search.uid = *uid;
  }
  if (activation_retries_ != for_ever) search.attempts = activation_retries_ + 1U;
  search.next = now_;
  targets_.clear();
  active_ = 0;
  field_.set_power(true);
  search_ = search;
  return std::nullopt;
}

void Pn532Sim::try_search() {
  constexpr std::uint8_t code = 0x4a;
  field_.take_air_bytes();
  if (search_->type_a) find_targets(*search_);
  if (targets_.empty() && (!search_->attempts || --*search_->attempts > 0)) {
    search_->next += timing_.attempt;
    return;
  }
  const SimTime over = targets_.empty() ? timing_.attempt : SimTime{0};
  search_.reset();
  now_ += over;
  send_answer(code, found_targets());
}

void Pn532Sim::find_targets(const Search& search) {
  // The chip's receiver is set for type A with CRC.
  registers_[tx_mode] = registers_[rx_mode] = crc_enabled;
  while (targets_.size() < search.wanted) {
    if (active_ != 0) deactivate();
    using enum RfField::Request;
    const auto identity = field_.select(search.uid.empty() ? reqa : wupa, search.uid);
    if (!identity) break;
    Target found;
    found.identity = *identity;
    if ((identity->sak & iso_dep::speaks_iso_dep) != 0 && (parameters_ & automatic_rats) != 0) {
      auto ats = found.blocks.activate(field_);
      if (!ats) break;
      found.ats = std::move(*ats);
    }
    active_ = static_cast<std::uint8_t>(targets_.size() + 1);
    targets_.emplace(active_, std::move(found));
    if (!search.uid.empty()) break;
  }
  // When the first one left meanwhile, its use fails.
  if (active_ == 0 && !targets_.empty() && !activate(1)) active_ = 0;
}

ByteVector Pn532Sim::found_targets() const {
  ByteVector out{static_cast<std::uint8_t>(targets_.size())};
  for (const auto& [number, found] : targets_) {
    const auto& [atqa, sak, uid] = found.identity;
    out.insert(out.end(),
               {number, static_cast<std::uint8_t>(atqa >> 8), static_cast<std::uint8_t>(atqa), sak,
                static_cast<std::uint8_t>(uid.size())});
    out.insert(out.end(), uid.begin(), uid.end());
    out.insert(out.end(), found.ats.begin(), found.ats.end());
  }
  return out;
}

std::expected<void, RfError> Pn532Sim::activate(std::uint8_t number) {
  if (active_ == number) return {};
  Target* wanted = target(number);
  if (wanted == nullptr) return std::unexpected(RfError::context);
  deactivate();
  if (!field_.select(RfField::Request::wupa, wanted->identity.uid))
    return std::unexpected(RfError::timeout);
  if (!wanted->ats.empty()) {
    const auto ats = wanted->blocks.activate(field_);
    if (!ats) return std::unexpected(ats.error());
  }
  active_ = number;
  return {};
}

void Pn532Sim::deactivate() {
  Target* current = target(active_);
  active_ = 0;
  if (current == nullptr) return;
  if (current->ats.empty()) {
    field_.halt();
  } else {
    current->blocks.deselect(field_);  // a card that does not answer is gone as well
  }
}

Pn532Sim::Answer Pn532Sim::exchange(Bytes in) {
  if (in.empty()) return std::nullopt;
  const auto number = static_cast<std::uint8_t>(in[0] & target_number);
  Target* card = target(number);
  if (card == nullptr) return failed(RfError::context);
  const Bytes data = in.subspan(1);
  if (card->incoming.empty() || !data.empty()) {
    card->outgoing.insert(card->outgoing.end(), data.begin(), data.end());
    if ((in[0] & more_information) != 0) return ByteVector{0x00};
    const ByteVector command = std::exchange(card->outgoing, {});
    if (command.empty()) return failed(RfError::parameter);
    if (const auto ready = activate(number); !ready) return failed(ready.error());
    auto answer = talk(*card, command);
    if (!answer) return failed(answer.error());
    card->incoming = std::move(*answer);
  }
  const std::size_t size = std::min(part_most, card->incoming.size());
  const auto end = card->incoming.begin() + static_cast<std::ptrdiff_t>(size);
  ByteVector out{size < card->incoming.size() ? more_information : std::uint8_t{0x00}};
  out.insert(out.end(), card->incoming.begin(), end);
  card->incoming.erase(card->incoming.begin(), end);
  return out;
}

std::expected<ByteVector, RfError> Pn532Sim::talk(Target& card, Bytes command) {
  return card.ats.empty() ? talk_to_memory(command) : card.blocks.transceive(field_, command);
}

// A memory card acknowledges a write with four bits; to read they are too few.
std::expected<ByteVector, RfError> Pn532Sim::talk_to_memory(Bytes command) {
  if (command[0] == authenticate_a || command[0] == authenticate_b)
    return std::unexpected(RfError::authentication);
  constexpr std::size_t address_size = 2;
  const bool in_two = command[0] == compatible_write && command.size() > address_size;
  auto answer = field_.exchange(in_two ? command.first(address_size) : command);
  if (in_two && answer && answer->nibble && answer->bytes[0] == acknowledged)
    answer = field_.exchange(command.subspan(address_size));
  if (!answer) return std::unexpected(answer.error());
  if (!answer->nibble) return std::move(answer->bytes);
  if (answer->bytes[0] != acknowledged) return std::unexpected(RfError::framing);
  return ByteVector{};
}

// The frame goes out as it is; the registers say whether the chip or the host handles CRC_A.
Pn532Sim::Answer Pn532Sim::exchange_raw(Bytes in) {
  const bool sends_crc = (register_value(tx_mode) & crc_enabled) != 0;
  Bytes frame = in;
  if (!sends_crc && frame.size() > 2) {
    frame = frame.first(frame.size() - 2);
    if (!std::ranges::equal(with_crc(frame), in)) return failed(RfError::timeout);
  }
  if (frame.empty() || (register_value(tx_mode) & framing_bits) != 0)
    return failed(RfError::timeout);
  const auto answer = field_.exchange(frame);
  if (!answer) return failed(answer.error());
  const bool checks_crc = (register_value(rx_mode) & crc_enabled) != 0;
  if (answer->nibble && checks_crc) return failed(RfError::crc);
  ByteVector out{0x00};
  const ByteVector received =
      checks_crc || answer->nibble ? answer->bytes : with_crc(answer->bytes);
  out.insert(out.end(), received.begin(), received.end());
  return out;
}

Pn532Sim::Answer Pn532Sim::select_target(Bytes in) {
  if (in.size() != 1) return std::nullopt;
  return status(activate(in[0]));
}

// InDeselect and InRelease; number 0 means all.
Pn532Sim::Answer Pn532Sim::leave_targets(Bytes in, bool forget) {
  if (in.size() != 1) return std::nullopt;
  const std::uint8_t number = in[0];
  if (number != 0 && target(number) == nullptr) return failed(RfError::context);
  if (number == 0 || number == active_) deactivate();
  if (forget && number == 0) targets_.clear();
  if (forget) targets_.erase(number);
  return ByteVector{0x00};
}

Pn532Sim::Answer Pn532Sim::set_speed(Bytes in) {
  if (in.size() != 3) return std::nullopt;
  Target* card = target(in[0]);
  if (card == nullptr || card->ats.empty() || in[0] != active_) return failed(RfError::context);
  // Divisors of both directions: 106, 212, 424 kbit/s.
  if (in[1] > 2 || in[2] > 2) return failed(RfError::parameter);
  return status(card->blocks.set_speed(field_, static_cast<std::uint8_t>(in[1] << 2 | in[2])));
}

}  // namespace rollcall::hal::sim
