#include "hal/sim/nfc/simple_cards.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "hal/sim/nfc/iso_dep.hpp"

namespace rollcall::hal::sim {
namespace {

// ATQA tells the size of the UID in its bits 7 and 8 (ISO/IEC 14443-3 6.5.2).
std::uint16_t atqa_of(std::size_t uid_size, std::uint16_t rest) {
  const unsigned size = uid_size > 7 ? 2 : uid_size > 4 ? 1 : 0;
  return static_cast<std::uint16_t>(size << 6 | rest);
}

}  // namespace

CardIdentity PlainCard::identity() const {
  return {.atqa = atqa_of(uid_.size(), 0x0004), .sak = 0x08, .uid = uid_};
}

// --- NTAG213 ---

namespace {

constexpr std::uint8_t ack = 0x0a;
constexpr std::uint8_t nak_argument = 0x00;
constexpr std::size_t first_writable = 2;  // page of the lock bytes
constexpr std::uint8_t ntag_version[] = {0x00, 0x04, 0x04, 0x02, 0x01, 0x00, 0x0f, 0x03};

}  // namespace

Ntag213::Ntag213(Bytes uid) : uid_(uid.begin(), uid.end()), memory_(pages * page_size) {
  uid_.resize(7);
  constexpr std::uint8_t cascade_tag = 0x88;
  const auto check = [](std::initializer_list<std::uint8_t> bytes) {
    std::uint8_t sum = 0;
    for (const std::uint8_t byte : bytes) sum ^= byte;
    return sum;
  };
  const auto& u = uid_;
  const ByteVector head{u[0], u[1], u[2], check({cascade_tag, u[0], u[1], u[2]}), u[3],
                        u[4], u[5], u[6], check({u[3], u[4], u[5], u[6]}),        0x48,
                        0x00,
                        0x00,  // internal, lock bytes
                        0xe1, 0x10, 0x12,
                        0x00,               // capability container: NDEF, 144 bytes
                        0x03, 0x00, 0xfe};  // an empty NDEF message and the end
  std::ranges::copy(head, memory_.begin());
  const ByteVector configuration{0x00, 0x00, 0x00, 0xbd, 0x04, 0x00, 0x00, 0xff, 0x00, 0x05};
  std::ranges::copy(configuration, memory_.begin() + 40 * page_size);
}

CardIdentity Ntag213::identity() const {
  return {.atqa = 0x0044, .sak = 0x00, .uid = uid_};
}

CardAnswer Ntag213::exchange(Bytes frame) {
  if (asleep_) return {};
  constexpr std::uint8_t get_version = 0x60, read_command = 0x30, fast_read = 0x3a,
                         write_command = 0xa2;
  CardAnswer answer{{nak_argument}, true};
  if (frame[0] == get_version && frame.size() == 1) {
    answer = {{std::begin(ntag_version), std::end(ntag_version)}};
  } else if (frame[0] == read_command && frame.size() == 2) {
    answer = read(frame[1], 4);
  } else if (frame[0] == fast_read && frame.size() == 3 && frame[2] >= frame[1] &&
             frame[2] < pages) {
    answer = read(frame[1], std::size_t{frame[2]} - frame[1] + 1);
  } else if (frame[0] == write_command && frame.size() == 2 + page_size) {
    answer = write(frame[1], frame.subspan(2));
  }
  asleep_ = answer.nibble && answer.bytes[0] != ack;
  return answer;
}

// Behind the last page reading goes on with the first.
CardAnswer Ntag213::read(std::size_t first, std::size_t count) const {
  if (first >= pages) return {{nak_argument}, true};
  CardAnswer answer;
  for (std::size_t i = 0; i < count * page_size; ++i)
    answer.bytes.push_back(memory_[(first * page_size + i) % memory_.size()]);
  return answer;
}

CardAnswer Ntag213::write(std::size_t page, Bytes data) {
  if (page < first_writable || page >= pages) return {{nak_argument}, true};
  // Lock bytes and capability container are one-time programmable: bits only become 1.
  for (std::size_t i = 0; i < page_size; ++i) {
    std::uint8_t& cell = memory_[page * page_size + i];
    if (page == first_writable && i < 2) continue;  // read-only
    cell = page < 4 ? static_cast<std::uint8_t>(cell | data[i]) : data[i];
  }
  return {{ack}, true};
}

// --- payment ---

namespace {

constexpr std::string_view directory = "2PAY.SYS.DDF01";
constexpr std::array<std::uint8_t, 7> credit_application{0xa0, 0x00, 0x00, 0x00, 0x03, 0x10, 0x10};

// One BER-TLV object with a length below 128 and a tag of one or two bytes.
ByteVector object(std::uint16_t tag, Bytes value) {
  ByteVector out;
  if (tag > 0xff) out.push_back(static_cast<std::uint8_t>(tag >> 8));
  out.push_back(static_cast<std::uint8_t>(tag));
  out.push_back(static_cast<std::uint8_t>(value.size()));
  out.insert(out.end(), value.begin(), value.end());
  return out;
}

ByteVector joined(const ByteVector& a, const ByteVector& b) {
  ByteVector out = a;
  out.insert(out.end(), b.begin(), b.end());
  return out;
}

// File control information of the directory (EMV Book 1, table 44): one application.
ByteVector directory_information() {
  constexpr std::uint8_t priority[] = {0x01};
  const ByteVector entry =
      object(0x61, joined(object(0x4f, credit_application), object(0x87, priority)));
  const ByteVector proprietary = object(0xa5, object(0xbf0c, entry));
  const ByteVector name(directory.begin(), directory.end());
  return object(0x6f, joined(object(0x84, name), proprietary));
}

}  // namespace

CardIdentity PaymentCard::identity() const {
  return {.atqa = atqa_of(uid_.size(), 0x0004), .sak = iso_dep::speaks_iso_dep, .uid = uid_};
}

void PaymentCard::power_up() {
  if (entropy_ == nullptr) return;
  uid_.assign(4, 0);
  entropy_->fill(uid_);
  uid_[0] = 0x08;
}

ByteVector PaymentCard::ats() const {
  return {0x05, 0x78, 0x80, 0x70, 0x00};  // frames of 256 bytes, no CID
}

ByteVector PaymentCard::apdu(Bytes command) {
  constexpr std::uint8_t select_by_name[] = {0x00, 0xa4, 0x04, 0x00};
  constexpr std::size_t header = 5;
  const ByteVector not_found{0x6a, 0x82}, not_supported{0x6d, 0x00}, wrong_length{0x67, 0x00};
  if (command.size() < header) return wrong_length;
  if (!std::ranges::equal(command.first(4), select_by_name)) return not_supported;
  const Bytes rest = command.subspan(header);
  if (rest.size() < command[4]) return wrong_length;
  if (!pays_ ||
      !std::ranges::equal(rest.first(command[4]), ByteVector(directory.begin(), directory.end())))
    return not_found;
  return joined(directory_information(), {0x90, 0x00});
}

}  // namespace rollcall::hal::sim
