// The site's pseudonymous token of a card.
#pragma once

#include <array>
#include <cstdint>

#include "protocol/bytes.hpp"
#include "protocol/crypto/crypto.hpp"
#include "protocol/types.hpp"

namespace rollcall::attendance {

using CardToken = std::array<std::uint8_t, 32>;

// HMAC-SHA-256(card key, kind | reading): equal for equal cards within one site, not joinable
// between two sites, and the chip number cannot be computed back without the key.
CardToken card_token(const crypto::Key& card_key, protocol::ReadingKind kind, Bytes reading);

// The same of the token on an issued card (docs/credentials.md). No kind of reading has its first
// byte, so that it is never the hash of a chip number.
CardToken issued_token(const crypto::Key& card_key, Bytes token);

}  // namespace rollcall::attendance
