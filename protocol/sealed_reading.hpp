// How a card reading is sealed in a terminal's queue, so that the site alone can read it
// (docs/queue-format.md). Used by the firmware to seal and by the daemon to open.
//
//   unit key  = X25519 ephemeral, one per erase unit or boot; its private half lives in RAM only
//   key       = HKDF-SHA-256(salt = epoch, ikm = X25519(...), info = "rollcall queue v1" | unit
//   be32 | unit public key) nonce     = 4 zero bytes | tap number be64 aad       = epoch | number
//   be64 | boot be32 | monotonic_ms be64 | wall_ms be64 | trust plaintext = reading kind (1) |
//   reading (1 to 32)
#pragma once

#include <cstdint>
#include <expected>

#include "protocol/crypto/crypto.hpp"
#include "protocol/messages.hpp"

namespace rollcall::protocol {

// Seals `tap`'s kind and reading into `out.sealed`; all other fields of `out` must be set already.
// `secret` is the key of (epoch, unit) from derive_unit_key.
std::expected<void, crypto::CryptoError> seal_reading(const crypto::Key& secret, const Tap& tap,
                                                      QueuedTap& out);

// Opens a queued tap with the site's private key. The result equals the live tap, field by field.
// Anyone who has the site's public key can seal: check kind and reading as those of a live tap.
std::expected<Tap, crypto::CryptoError> open_reading(const crypto::Key& site_private,
                                                     const QueuedTap& queued);

// The terminal's side: key of an erase unit from its ephemeral private key and the site's public
// key.
std::expected<crypto::Key, crypto::CryptoError> derive_unit_key(
    const crypto::Key& ephemeral_private, const crypto::Key& ephemeral_public,
    const crypto::Key& site_public, const StorageEpoch& epoch, std::uint32_t unit);

// SHA-256 over the deterministic encoding of `tap`: what the daemon keeps beside an identity. Live
// and queued forms of one tap have the same digest.
crypto::Digest tap_digest(const Tap& tap);

}  // namespace rollcall::protocol
