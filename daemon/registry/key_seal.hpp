// Link keys as they rest in the database: sealed under a key that is derived from the site's
// private key, so that a copy of the database alone opens no link.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "protocol/crypto/crypto.hpp"

namespace rollcall::registry {

class KeySeal {
 public:
  // Nonce, sealed key, tag.
  static constexpr std::size_t size = 12 + 32 + crypto::tag_size;
  using Sealed = std::array<std::uint8_t, size>;

  explicit KeySeal(const crypto::Key& site_private);

  // A new nonce each time. The serial is authenticated: a sealed key moved to another terminal's
  // row does not open.
  Sealed seal(std::string_view serial, const crypto::Key& link_key) const;
  // Nothing: damaged, of another terminal, or sealed by another site.
  std::optional<crypto::Key> open(std::string_view serial, Bytes sealed) const;

 private:
  crypto::Key key_{};
};

// What may be told of a link key: the first 16 bytes of HMAC-SHA-256(key, "rollcall key id").
using KeyId = std::array<std::uint8_t, 16>;
KeyId key_id(const crypto::Key& link_key);

// 256 random bits from the operating system: a link key, an ephemeral one, a nonce of an enrolment.
crypto::Key random_key();

}  // namespace rollcall::registry
