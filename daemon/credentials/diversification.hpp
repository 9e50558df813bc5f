// A card's own keys, made of the site's master key and the card's number, so that what is learned
// from one card opens no other. Source: NXP AN10922, Symmetric key diversifications.
#pragma once

#include "daemon/credentials/aes.hpp"
#include "daemon/credentials/layout.hpp"

namespace rollcall::credentials {

inline constexpr std::size_t max_diversification_input = 31;

// Section 2.2, AES-128. `input` has 1 to max_diversification_input bytes; std::length_error
// otherwise, which is a bug.
Secret diversified_key(const Secret& master, Bytes input);

// A key of our application on the card with this chip number (4, 7 or 10 bytes, not a random one).
// Input: chip number | application, lowest byte first | "rollcall" | number of the key.
Secret card_key(const Secret& master, Bytes uid, const ApplicationId& application,
                KeyNumber number);

}  // namespace rollcall::credentials
