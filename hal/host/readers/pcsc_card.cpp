#include "hal/host/readers/pcsc_card.hpp"

#include <algorithm>
#include <array>

namespace rollcall::readers {
namespace {

// TS, T0 with the number of historical bytes, TD1 = 80, TD2 = 01 (3.1.3.2.3.1).
constexpr std::size_t head = 4;
// Historical bytes of a storage card: a status indicator, and the number of PC/SC's workgroup.
constexpr std::array<std::uint8_t, 8> storage_mark{0x80, 0x4F, 0x0C, 0xA0, 0x00, 0x00, 0x03, 0x06};
constexpr std::size_t status_size = 2;

bool is_number_size(std::size_t size) {
  return size == 4 || size == 7 || size == 10;
}

}  // namespace

Contactless contactless(hal::Bytes atr) {
  if (atr.size() < head + 1 || atr[0] != 0x3B || (atr[1] & 0xF0) != 0x80 || atr[2] != 0x80 ||
      atr[3] != 0x01)
    return Contactless::no;
  const std::size_t historical = atr[1] & 0x0F;
  if (atr.size() != head + historical + 1) return Contactless::no;  // TCK
  const bool storage = historical >= storage_mark.size() &&
                       std::ranges::equal(atr.subspan(head, storage_mark.size()), storage_mark);
  return storage ? Contactless::storage : Contactless::iso_dep;
}

std::optional<hal::Card> card_of(Contactless kind, hal::Bytes response) {
  if (kind == Contactless::no || response.size() < status_size) return std::nullopt;
  const hal::Bytes number = response.first(response.size() - status_size);
  const hal::Bytes status = response.last(status_size);
  if (status[0] != 0x90 || status[1] != 0x00 || !is_number_size(number.size())) return std::nullopt;
  hal::Card card;
  std::ranges::copy(number, card.uid.begin());
  card.size = static_cast<std::uint8_t>(number.size());
  if (kind == Contactless::iso_dep) card.sak = 0x20;
  return card;
}

}  // namespace rollcall::readers
