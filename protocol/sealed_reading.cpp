#include "protocol/sealed_reading.hpp"

namespace rollcall::protocol {
namespace {

// Appends to a buffer whose size was chosen for exactly what is put into it.
template <std::size_t Size>
class Packed {
 public:
  void put(Bytes bytes) {
    std::memcpy(data_ + at_, bytes.data(), bytes.size());
    at_ += bytes.size();
  }
  void put_be(std::uint64_t value, std::size_t bytes) {
    for (std::size_t i = bytes; i-- > 0;)
      data_[at_++] = static_cast<std::uint8_t>(value >> (8 * i));
  }
  void put_u8(std::uint8_t value) { data_[at_++] = value; }
  Bytes view() const { return {data_, at_}; }

 private:
  std::uint8_t data_[Size] = {};
  std::size_t at_ = 0;
};

constexpr char info_label[] = "rollcall queue v1";
constexpr std::size_t info_label_size = sizeof info_label - 1;

Packed<49> associated_data(const QueuedTap& tap) {
  Packed<49> aad;
  aad.put(tap.epoch);
  aad.put_be(tap.number, 8);
  aad.put_be(tap.boot, 4);
  aad.put_be(tap.monotonic_ms, 8);
  aad.put_be(static_cast<std::uint64_t>(tap.wall_ms), 8);
  aad.put_u8(static_cast<std::uint8_t>(tap.trust));
  return aad;
}

crypto::Nonce nonce_of(std::uint64_t number) {
  crypto::Nonce nonce{};
  for (std::size_t i = 0; i < 8; ++i) {
    nonce[4 + i] = static_cast<std::uint8_t>(number >> (8 * (7 - i)));
  }
  return nonce;
}

std::expected<crypto::Key, crypto::CryptoError> unit_key(const crypto::Key& own_private,
                                                         const crypto::Key& peer_public,
                                                         const crypto::Key& unit_public,
                                                         const StorageEpoch& epoch,
                                                         std::uint32_t unit) {
  auto shared = crypto::x25519(own_private, peer_public);
  if (!shared) return shared;
  Packed<info_label_size + 4 + 32> info;
  info.put({reinterpret_cast<const std::uint8_t*>(info_label), info_label_size});
  info.put_be(unit, 4);
  info.put(unit_public);
  crypto::Key key{};
  crypto::hkdf_sha256(epoch, *shared, info.view(), key);
  crypto::wipe(*shared);
  return key;
}

}  // namespace

std::expected<void, crypto::CryptoError> seal_reading(const crypto::Key& secret, const Tap& tap,
                                                      QueuedTap& out) {
  if (tap.reading.size > max_reading) return std::unexpected(crypto::CryptoError::no_space);
  Packed<1 + max_reading> plain;
  plain.put_u8(static_cast<std::uint8_t>(tap.kind));
  plain.put(tap.reading.view());
  const auto size = crypto::seal(secret, nonce_of(out.number), associated_data(out).view(),
                                 plain.view(), out.sealed.data);
  if (!size) return std::unexpected(size.error());
  out.sealed.size = static_cast<std::uint16_t>(*size);
  return {};
}

std::expected<Tap, crypto::CryptoError> open_reading(const crypto::Key& site_private,
                                                     const QueuedTap& queued) {
  if (queued.sealed.size > queued.sealed.capacity()) {
    return std::unexpected(crypto::CryptoError::no_space);
  }
  auto key = unit_key(site_private, queued.unit_key, queued.unit_key, queued.epoch, queued.unit);
  if (!key) return std::unexpected(key.error());
  std::uint8_t plain[1 + max_reading];
  const auto size = crypto::open(*key, nonce_of(queued.number), associated_data(queued).view(),
                                 queued.sealed.view(), plain);
  crypto::wipe(*key);
  if (!size) return std::unexpected(size.error());
  // Anyone with the site's public key can seal: what comes out is still input to be checked.
  if (*size < 1) return std::unexpected(crypto::CryptoError::bad_tag);

  Tap tap;
  tap.epoch = queued.epoch;
  tap.number = queued.number;
  tap.boot = queued.boot;
  tap.monotonic_ms = queued.monotonic_ms;
  tap.wall_ms = queued.wall_ms;
  tap.trust = queued.trust;
  tap.kind = static_cast<ReadingKind>(plain[0]);
  tap.reading.assign({plain + 1, *size - 1});
  crypto::wipe(plain);
  return tap;
}

std::expected<crypto::Key, crypto::CryptoError> derive_unit_key(
    const crypto::Key& ephemeral_private, const crypto::Key& ephemeral_public,
    const crypto::Key& site_public, const StorageEpoch& epoch, std::uint32_t unit) {
  return unit_key(ephemeral_private, site_public, ephemeral_public, epoch, unit);
}

crypto::Digest tap_digest(const Tap& tap) {
  std::uint8_t encoded[max_encoded_size(Tap::fields)];
  const auto size = encode(tap, encoded);
  // Cannot fail: the buffer has the largest size and a Tap holds no text. A reading whose size
  // field was forced above its capacity is the one exception, and digests as the empty string.
  return crypto::sha256({encoded, size.value_or(0)});
}

}  // namespace rollcall::protocol
