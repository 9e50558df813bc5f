#include "daemon/registry/key_seal.hpp"

#include <algorithm>
#include <span>
#include <stdexcept>

#include <openssl/rand.h>

namespace rollcall::registry {
namespace {

constexpr std::string_view purpose = "rollcall link keys at rest v1";

Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

void fill_random(std::span<std::uint8_t> out) {
  if (RAND_bytes(out.data(), static_cast<int>(out.size())) != 1)
    throw std::runtime_error("no random numbers to be had");
}

}  // namespace

KeySeal::KeySeal(const crypto::Key& site_private) {
  crypto::hkdf_sha256({}, site_private, bytes_of(purpose), key_);
}

KeySeal::Sealed KeySeal::seal(std::string_view serial, const crypto::Key& link_key) const {
  crypto::Nonce nonce{};
  fill_random(nonce);
  Sealed sealed{};
  std::ranges::copy(nonce, sealed.begin());
  const auto done = crypto::seal(key_, nonce, bytes_of(serial), link_key,
                                 std::span{sealed}.subspan<sizeof(crypto::Nonce)>());
  if (!done) throw std::runtime_error("a link key could not be sealed");
  return sealed;
}

std::optional<crypto::Key> KeySeal::open(std::string_view serial, Bytes sealed) const {
  if (sealed.size() != size) return std::nullopt;
  crypto::Nonce nonce{};
  std::copy_n(sealed.begin(), nonce.size(), nonce.begin());
  crypto::Key key{};
  const auto opened =
      crypto::open(key_, nonce, bytes_of(serial), sealed.subspan(nonce.size()), key);
  if (!opened) return std::nullopt;
  return key;
}

KeyId key_id(const crypto::Key& link_key) {
  const crypto::Digest whole = crypto::hmac_sha256(link_key, bytes_of("rollcall key id"));
  KeyId id{};
  std::copy_n(whole.begin(), id.size(), id.begin());
  return id;
}

crypto::Key random_key() {
  crypto::Key key{};
  fill_random(key);
  return key;
}

}  // namespace rollcall::registry
