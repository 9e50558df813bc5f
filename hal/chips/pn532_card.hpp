// What a PN532 says about cards: the response to InListPassiveTarget for 106 kbit/s type A (user
// manual UM0701-02, 7.3.5).
#pragma once

#include <chrono>
#include <optional>

#include "hal/bytes.hpp"
#include "hal/card_reader.hpp"

namespace rollcall::hal::pn532 {

// `response` without its code. Nothing when it is cut short or holds what no card has.
std::optional<InField> read_list(Bytes response);

// How long a card may be silent in an exchange without having asked for more time: its frame
// waiting time (ISO/IEC 14443-4 7.2) for the command and each repetition by the reader.
std::chrono::milliseconds patience(const Card& card);

}  // namespace rollcall::hal::pn532
