// Noise_NNpsk0_25519_ChaChaPoly_SHA256 (The Noise Protocol Framework, revision 34), as plain
// values: no randomness, no I/O. docs/protocol.md, "Handshake", says how the link uses it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>

#include "protocol/crypto/crypto.hpp"

namespace rollcall::protocol::noise {

// Keys of the two directions, from Split() (section 5.2).
struct TransportKeys {
  ~TransportKeys() {
    crypto::wipe(initiator);
    crypto::wipe(responder);
  }
  crypto::Key initiator{};  // the initiator seals with it
  crypto::Key responder{};
};

// The hash of the protocol name and the prologue `first` | `second`: where both ends begin.
crypto::Digest begin(Bytes first, Bytes second);

// Nonce of transport message `n` (section 12.3).
crypto::Nonce nonce_of(std::uint64_t n);

// REKEY of section 4.2 with the ChaChaPoly functions.
crypto::Key rekey(const crypto::Key& key);

// One end of a handshake. The initiator calls write_first, read_second; the responder read_first,
// write_second; then both have keys(). Errors: bad_tag when the other end has another key or
// prologue, or somebody changed the message; weak_key; no_space; internal. After an error the state
// is of no use.
class HandshakeState {
 public:
  HandshakeState() = default;
  HandshakeState(const crypto::Digest& begun, const crypto::Key& psk);
  ~HandshakeState() { wipe(); }

  static constexpr std::size_t overhead = 32 + crypto::tag_size;  // of each message

  // `ephemeral`: 32 fresh random bytes, never used again.
  std::expected<std::size_t, crypto::CryptoError> write_first(const crypto::Key& ephemeral,
                                                              Bytes payload, MutableBytes out);
  std::expected<std::size_t, crypto::CryptoError> read_first(Bytes message, MutableBytes payload);
  std::expected<std::size_t, crypto::CryptoError> write_second(const crypto::Key& ephemeral,
                                                               Bytes payload, MutableBytes out);
  std::expected<std::size_t, crypto::CryptoError> read_second(Bytes message, MutableBytes payload);

  TransportKeys keys() const;
  const crypto::Digest& hash() const { return hash_; }
  void wipe();

 private:
  using Done = std::expected<void, crypto::CryptoError>;

  void mix_hash(Bytes data);
  void mix_key(Bytes input);
  void mix_public(const crypto::Key& key);
  Done mix_shared(const crypto::Key& own_private, const crypto::Key& other_public);
  std::expected<std::size_t, crypto::CryptoError> encrypt(Bytes payload, MutableBytes out);
  std::expected<std::size_t, crypto::CryptoError> decrypt(Bytes sealed, MutableBytes payload);

  crypto::Digest hash_{};      // h
  crypto::Digest chaining_{};  // ck
  crypto::Key key_{};          // k; its nonce is 0 at each use here
  crypto::Key other_{};        // responder: the initiator's ephemeral public key
  crypto::Key own_{};          // initiator: its ephemeral private key, until read_second
};

}  // namespace rollcall::protocol::noise
