// The site's pseudonymous token of a card.
#pragma once

#include <array>
#include <cstdint>

#include "protocol/bytes.hpp"
#include "protocol/crypto/crypto.hpp"
#include "protocol/types.hpp"

namespace rollcall::attendance {

// HMAC-SHA-256(card key, kind | reading): equal for equal cards within one site, not joinable
// between two sites, and the chip number cannot be computed back without the key.
std::array<std::uint8_t, 32> card_token(const crypto::Key& card_key, protocol::ReadingKind kind,
                                        Bytes reading);

}  // namespace rollcall::attendance
