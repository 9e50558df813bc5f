// What PC/SC says of a contactless card: its answer to reset, made by the reader, and its number
// (PC/SC part 3, 3.1.3.2).
#pragma once

#include <cstdint>
#include <optional>

#include "hal/bytes.hpp"
#include "hal/card_reader.hpp"

namespace rollcall::readers {

enum class Contactless : std::uint8_t {
  no,       // a card with contacts, a SIM: none of ours
  storage,  // it exchanges no APDUs (3.1.3.2.3.2)
  iso_dep,  // it does (3.1.3.2.3.1)
};
Contactless contactless(hal::Bytes atr);

// GET DATA: the number (3.2.2.1.3).
inline constexpr std::uint8_t get_number[] = {0xFF, 0xCA, 0x00, 0x00, 0x00};

// The card of that number; nothing when `response`, status last, holds none of a type A card.
std::optional<hal::Card> card_of(Contactless kind, hal::Bytes response);

}  // namespace rollcall::readers
