#include "hal/chips/pn532_card.hpp"

#include <algorithm>

namespace rollcall::hal::pn532 {
namespace {

// ISO/IEC 14443-4 5.2.3: T0 says which of TA(1), TB(1), TC(1) follow it.
constexpr std::uint8_t has_ta = 0x10;
constexpr std::uint8_t has_tb = 0x20;
constexpr unsigned default_fwi = 4;  // ISO/IEC 14443-4 5.2.5
constexpr unsigned transmissions_to_card = 3;
constexpr std::chrono::milliseconds own_time{50};  // of the reader and its line

constexpr bool is_number_size(std::size_t size) {
  return size == 4 || size == 7 || size == 10;
}

}  // namespace

// NbTg [Tg SENS_RES(2) SEL_RES NFCIDLength NFCID1 [ATSLength ATS]]...; ATSLength counts itself.
std::optional<InField> read_list(Bytes response) {
  if (response.empty()) return std::nullopt;
  InField field;
  if (response[0] == 0) return field;
  if (response[0] > 1) {
    field.count = InField::Count::several;
    return field;
  }
  if (response.size() < 6) return std::nullopt;
  Card& card = field.card;
  card.atqa = static_cast<std::uint16_t>(response[2] << 8 | response[3]);
  card.sak = response[4];
  card.size = response[5];
  Bytes rest = response.subspan(6);
  if (!is_number_size(card.size) || rest.size() < card.size) return std::nullopt;
  std::ranges::copy(rest.first(card.size), card.uid.begin());
  rest = rest.subspan(card.size);
  if (card.speaks_iso_dep() && !rest.empty()) {
    const std::size_t size = std::min<std::size_t>({rest[0], rest.size(), card.ats.size()});
    std::ranges::copy(rest.first(size), card.ats.begin());
    card.ats_size = static_cast<std::uint8_t>(size);
  }
  field.count = InField::Count::one;
  return field;
}

std::chrono::milliseconds patience(const Card& card) {
  unsigned fwi = default_fwi;
  if (card.ats_size > 1 && (card.ats[1] & has_tb) != 0) {
    const std::size_t tb = (card.ats[1] & has_ta) != 0 ? 3 : 2;
    if (tb < card.ats_size && card.ats[tb] >> 4 != 15) fwi = card.ats[tb] >> 4;
  }
  const std::chrono::microseconds waiting(302u << fwi);  // 256 * 16 / 13.56 MHz * 2^FWI
  return std::chrono::duration_cast<std::chrono::milliseconds>(waiting * transmissions_to_card) +
         own_time;
}

}  // namespace rollcall::hal::pn532
