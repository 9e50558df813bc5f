#include "protocol/noise.hpp"

#include <algorithm>
#include <limits>

namespace rollcall::protocol::noise {
namespace {

using crypto::CryptoError;
using crypto::Digest;
using crypto::Key;

constexpr char protocol_name[] = "Noise_NNpsk0_25519_ChaChaPoly_SHA256";
static_assert(sizeof protocol_name - 1 > sizeof(Digest), "longer than HASHLEN: h is its hash");

Digest name_hash() {
  return crypto::sha256(
      {reinterpret_cast<const std::uint8_t*>(protocol_name), sizeof protocol_name - 1});
}

#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
constexpr bool fuzzing = true;  // a fuzzer does not guess tags, and a curve is but lost time to it
#else
constexpr bool fuzzing = false;
#endif

std::expected<Key, CryptoError> public_of(const Key& own) {
  if constexpr (fuzzing) return own;
  return crypto::x25519_public(own);
}

std::expected<Key, CryptoError> shared_of(const Key& own, const Key& other) {
  if constexpr (fuzzing) return other;
  return crypto::x25519(own, other);
}

Key key_at(Bytes bytes, std::size_t offset = 0) {
  Key key;
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(offset), key.size(), key.begin());
  return key;
}

}  // namespace

Digest begin(Bytes first, Bytes second) {
  crypto::Sha256 hash;
  return hash.add(name_hash()).add(first).add(second).finish();
}

crypto::Nonce nonce_of(std::uint64_t n) {
  crypto::Nonce nonce{};
  for (std::size_t i = 0; i < 8; ++i) nonce[4 + i] = static_cast<std::uint8_t>(n >> (8 * i));
  return nonce;
}

Key rekey(const Key& key) {
  constexpr Key zeros{};
  std::uint8_t sealed[sizeof(Key) + crypto::tag_size];
  // Cannot fail: the buffer fits.
  (void)crypto::seal(key, nonce_of(std::numeric_limits<std::uint64_t>::max()), {}, zeros, sealed);
  Key next = key_at(sealed);
  crypto::wipe(sealed);
  return next;
}

HandshakeState::HandshakeState(const Digest& begun, const Key& psk)
    : hash_(begun), chaining_(name_hash()) {
  // MixKeyAndHash(psk)
  std::uint8_t out[3 * sizeof(Key)];
  crypto::hkdf_sha256(chaining_, psk, {}, out);
  chaining_ = key_at(out);
  mix_hash({out + sizeof(Key), sizeof(Key)});
  key_ = key_at(out, 2 * sizeof(Key));
  crypto::wipe(out);
}

void HandshakeState::mix_hash(Bytes data) {
  crypto::Sha256 hash;
  hash_ = hash.add(hash_).add(data).finish();
}

void HandshakeState::mix_key(Bytes input) {
  std::uint8_t out[2 * sizeof(Key)];
  crypto::hkdf_sha256(chaining_, input, {}, out);
  chaining_ = key_at(out);
  key_ = key_at(out, sizeof(Key));
  crypto::wipe(out);
}

// Token "e" of a handshake with a pre-shared key (section 9.2).
void HandshakeState::mix_public(const Key& key) {
  mix_hash(key);
  mix_key(key);
}

HandshakeState::Done HandshakeState::mix_shared(const Key& own_private, const Key& other_public) {
  auto shared = shared_of(own_private, other_public);
  if (!shared) return std::unexpected(shared.error());
  mix_key(*shared);
  crypto::wipe(*shared);
  return {};
}

std::expected<std::size_t, CryptoError> HandshakeState::encrypt(Bytes payload, MutableBytes out) {
  const auto size = crypto::seal(key_, nonce_of(0), hash_, payload, out);
  if (size) mix_hash(out.first(*size));
  return size;
}

std::expected<std::size_t, CryptoError> HandshakeState::decrypt(Bytes sealed,
                                                                MutableBytes payload) {
  const auto size = fuzzing ? std::expected<std::size_t, CryptoError>(0)
                            : crypto::open(key_, nonce_of(0), hash_, sealed, payload);
  if (size) mix_hash(sealed);
  return size;
}

std::expected<std::size_t, CryptoError> HandshakeState::write_first(const Key& ephemeral,
                                                                    Bytes payload,
                                                                    MutableBytes out) {
  if (out.size() < overhead + payload.size()) return std::unexpected(CryptoError::no_space);
  const auto own_public = public_of(ephemeral);
  if (!own_public) return std::unexpected(own_public.error());
  own_ = ephemeral;
  std::ranges::copy(*own_public, out.begin());
  mix_public(*own_public);
  const auto size = encrypt(payload, out.subspan(sizeof(Key)));
  if (!size) return size;
  return sizeof(Key) + *size;
}

std::expected<std::size_t, CryptoError> HandshakeState::read_first(Bytes message,
                                                                   MutableBytes payload) {
  if (message.size() < overhead) return std::unexpected(CryptoError::bad_tag);
  other_ = key_at(message);
  mix_public(other_);
  return decrypt(message.subspan(sizeof(Key)), payload);
}

std::expected<std::size_t, CryptoError> HandshakeState::write_second(const Key& ephemeral,
                                                                     Bytes payload,
                                                                     MutableBytes out) {
  if (out.size() < overhead + payload.size()) return std::unexpected(CryptoError::no_space);
  const auto own_public = public_of(ephemeral);
  if (!own_public) return std::unexpected(own_public.error());
  std::ranges::copy(*own_public, out.begin());
  mix_public(*own_public);
  if (const Done done = mix_shared(ephemeral, other_); !done) return std::unexpected(done.error());
  const auto size = encrypt(payload, out.subspan(sizeof(Key)));
  if (!size) return size;
  return sizeof(Key) + *size;
}

std::expected<std::size_t, CryptoError> HandshakeState::read_second(Bytes message,
                                                                    MutableBytes payload) {
  if (message.size() < overhead) return std::unexpected(CryptoError::bad_tag);
  const Key other = key_at(message);
  mix_public(other);
  if (const Done done = mix_shared(own_, other); !done) return std::unexpected(done.error());
  crypto::wipe(own_);
  return decrypt(message.subspan(sizeof(Key)), payload);
}

TransportKeys HandshakeState::keys() const {
  std::uint8_t out[2 * sizeof(Key)];
  crypto::hkdf_sha256(chaining_, {}, {}, out);
  const TransportKeys keys{key_at(out), key_at(out, sizeof(Key))};
  crypto::wipe(out);
  return keys;
}

void HandshakeState::wipe() {
  crypto::wipe({reinterpret_cast<std::uint8_t*>(this), sizeof *this});
}

}  // namespace rollcall::protocol::noise
