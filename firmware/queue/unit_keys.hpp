// Keys that a terminal can seal with and not open: one for each erase unit or start.
#pragma once

#include <expected>

#include "hal/entropy.hpp"
#include "protocol/crypto/crypto.hpp"
#include "protocol/sealed_reading.hpp"

namespace rollcall::firmware {

struct UnitKeyPair {
  crypto::Key public_key{};  // ephemeral X25519 public key, kept in the log
  crypto::Key secret{};      // what readings are sealed with, in RAM only
};

class UnitKeys {
 public:
  // Another pair at each call. A long step on a board: two X25519 multiplications.
  virtual std::expected<UnitKeyPair, crypto::CryptoError> make(const crypto::Key& site_key,
                                                               const protocol::StorageEpoch& epoch,
                                                               std::uint32_t unit) = 0;

 protected:
  ~UnitKeys() = default;
};

// The private half is forgotten as soon as the secret is derived: from then on the site alone can
// read.
class EphemeralUnitKeys final : public UnitKeys {
 public:
  explicit EphemeralUnitKeys(hal::Entropy& entropy) : entropy_(entropy) {}

  std::expected<UnitKeyPair, crypto::CryptoError> make(const crypto::Key& site_key,
                                                       const protocol::StorageEpoch& epoch,
                                                       std::uint32_t unit) override {
    crypto::Key ephemeral{};
    entropy_.fill(ephemeral);
    const auto made = make_from(ephemeral, site_key, epoch, unit);
    crypto::wipe(ephemeral);
    return made;
  }

 private:
  static std::expected<UnitKeyPair, crypto::CryptoError> make_from(
      const crypto::Key& ephemeral, const crypto::Key& site_key,
      const protocol::StorageEpoch& epoch, std::uint32_t unit) {
    const auto public_key = crypto::x25519_public(ephemeral);
    if (!public_key) return std::unexpected(public_key.error());
    const auto secret = protocol::derive_unit_key(ephemeral, *public_key, site_key, epoch, unit);
    if (!secret) return std::unexpected(secret.error());
    return UnitKeyPair{*public_key, *secret};
  }

  hal::Entropy& entropy_;
};

}  // namespace rollcall::firmware
