// The primitives that session, queue and update use. The backend is mbedTLS 2.28
// (crypto_mbedtls.cpp), on the host and on the boards; apart from the ciphers of cards
// (daemon/credentials, hal/sim/nfc) nothing else in the tree calls it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>

#include "protocol/bytes.hpp"

namespace rollcall::crypto {

using Key = std::array<std::uint8_t, 32>;
using Digest = std::array<std::uint8_t, 32>;
using Nonce = std::array<std::uint8_t, 12>;
inline constexpr std::size_t tag_size = 16;

enum class CryptoError : std::uint8_t {
  bad_tag,   // open: the tag does not verify; nothing was written that may be used
  no_space,  // the output buffer is too small
  weak_key,  // X25519: the peer's public key gives an all-zero secret (RFC 7748 section 6.1)
  internal,  // the backend failed
};

// The hash functions cannot fail; a broken backend ends the program.
// SHA-256 (FIPS 180-4).
Digest sha256(Bytes data);
Digest hmac_sha256(Bytes key, Bytes data);  // RFC 2104

// SHA-256 over parts that are not in memory together.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void restart();
  Sha256& add(Bytes part);
  // Of all parts so far; then restart() or nothing.
  Digest finish();

 private:
  alignas(8) std::uint8_t context_[112];  // the backend's; it holds no pointers
};

// HKDF with SHA-256 (RFC 5869); `out` at most 255 * 32 bytes.
void hkdf_sha256(Bytes salt, Bytes input_key, Bytes info, MutableBytes out);

// X25519 (RFC 7748). `private_key` is 32 random bytes; clamping is done inside.
std::expected<Key, CryptoError> x25519_public(const Key& private_key);
std::expected<Key, CryptoError> x25519(const Key& private_key, const Key& peer_public);

// ChaCha20-Poly1305 (RFC 8439). `out` takes plaintext size + tag_size bytes and may be the very
// memory of `plain`.
std::expected<std::size_t, CryptoError> seal(const Key& key, const Nonce& nonce, Bytes aad,
                                             Bytes plain, MutableBytes out);
// `out` of open takes the plaintext and may be the very memory of `sealed`.
std::expected<std::size_t, CryptoError> open(const Key& key, const Nonce& nonce, Bytes aad,
                                             Bytes sealed, MutableBytes out);

// True when both are the same; takes as long either way.
bool equal(Bytes a, Bytes b);

// Overwrites a secret so that the compiler cannot drop the store.
void wipe(MutableBytes secret);

}  // namespace rollcall::crypto
