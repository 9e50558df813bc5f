// The mbedTLS 2.28 backend. Its errors in hashing come only from a broken build or an exhausted
// allocator; going on with a wrong digest would be worse than stopping, so those end the program.
// Whatever makes mbedTLS allocate stands in a Scope; X25519 reports an exhausted arena as an error.
#include <cstdlib>
#include <new>

#include <mbedtls/chachapoly.h>
#include <mbedtls/ecp.h>
#include <mbedtls/hkdf.h>
#include <mbedtls/md.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/sha256.h>

#include "protocol/crypto/crypto.hpp"
#include "protocol/crypto/scope.hpp"

namespace rollcall::crypto {
namespace {

constexpr std::size_t hkdf_limit = std::size_t{255} * 32;  // RFC 5869 section 2.3

void must(bool ok) {
  if (!ok) std::abort();
}

const mbedtls_md_info_t* sha256_info() {
  const mbedtls_md_info_t* info = mbedtls_md_info_from_type(MBEDTLS_MD_SHA256);
  must(info != nullptr);
  return info;
}

bool try_hmac(Bytes key, Bytes data, Digest& out) {
  const Scope scope;
  return mbedtls_md_hmac(sha256_info(), key.data(), key.size(), data.data(), data.size(),
                         out.data()) == 0;
}

// Randomness for mbedtls_ecp_mul's projective blinding. The backend would use a generator of its
// own when given none, but only in builds that have one; the boards' build has not, and would then
// multiply unblinded in silence. So blinding is always ours: HMAC-SHA-256 in counter mode under a
// seed from scalar and point. Unknown to whoever does not know the scalar, and needs no entropy
// source.
class Blinding {
 public:
  Blinding(const Key& scalar, const Key& point) : seeded_(try_hmac(scalar, point, seed_)) {}
  ~Blinding() { wipe(seed_); }
  Blinding(const Blinding&) = delete;
  Blinding& operator=(const Blinding&) = delete;

  // The multiplication holds part of the arena while this needs some of it.
  static int fill(void* self, unsigned char* out, std::size_t size) {
    return static_cast<Blinding*>(self)->next({out, size}) ? 0 : MBEDTLS_ERR_ECP_ALLOC_FAILED;
  }

 private:
  bool next(MutableBytes out) {
    if (!seeded_) return false;
    while (!out.empty()) {
      const std::uint8_t counter[] = {static_cast<std::uint8_t>(counter_ >> 8),
                                      static_cast<std::uint8_t>(counter_)};
      ++counter_;
      Digest block{};
      if (!try_hmac(seed_, counter, block)) return false;
      const std::size_t size = out.size() < block.size() ? out.size() : block.size();
      std::memcpy(out.data(), block.data(), size);
      wipe(block);
      out = out.subspan(size);
    }
    return true;
  }

  Digest seed_{};
  bool seeded_;
  std::uint16_t counter_ = 0;
};

// Owns the backend's objects of one multiplication; big numbers are wiped when freed.
struct Multiplication {
  mbedtls_ecp_group group;
  mbedtls_ecp_point point;
  mbedtls_ecp_point result;
  mbedtls_mpi scalar;

  Multiplication() {
    mbedtls_ecp_group_init(&group);
    mbedtls_ecp_point_init(&point);
    mbedtls_ecp_point_init(&result);
    mbedtls_mpi_init(&scalar);
  }
  ~Multiplication() {
    mbedtls_mpi_free(&scalar);
    mbedtls_ecp_point_free(&result);
    mbedtls_ecp_point_free(&point);
    mbedtls_ecp_group_free(&group);
  }
  Multiplication(const Multiplication&) = delete;
  Multiplication& operator=(const Multiplication&) = delete;
};

bool is_zero(const Key& key) {
  std::uint8_t any = 0;
  for (const std::uint8_t byte : key) any = static_cast<std::uint8_t>(any | byte);
  return any == 0;
}

// decodeScalar25519 of RFC 7748 section 5.
Key clamp(Key scalar) {
  scalar[0] &= 0xf8;
  scalar[31] &= 0x7f;
  scalar[31] |= 0x40;
  return scalar;
}

CryptoError from_ecp(int code) {
  // The backend refuses points of small order itself.
  return code == MBEDTLS_ERR_ECP_INVALID_KEY ? CryptoError::weak_key : CryptoError::internal;
}

}  // namespace

Digest sha256(Bytes data) {
  Digest digest{};
  must(mbedtls_sha256_ret(data.data(), data.size(), digest.data(), 0) == 0);
  return digest;
}

namespace {

mbedtls_sha256_context* sha256_context(std::uint8_t* at) {
  return reinterpret_cast<mbedtls_sha256_context*>(at);
}

}  // namespace

Sha256::Sha256() {
  static_assert(sizeof(mbedtls_sha256_context) <= sizeof context_ &&
                alignof(mbedtls_sha256_context) <= 8);
  mbedtls_sha256_init(new (context_) mbedtls_sha256_context);
  restart();
}

Sha256::~Sha256() {
  mbedtls_sha256_free(sha256_context(context_));
}

void Sha256::restart() {
  must(mbedtls_sha256_starts_ret(sha256_context(context_), 0) == 0);
}

Sha256& Sha256::add(Bytes part) {
  must(mbedtls_sha256_update_ret(sha256_context(context_), part.data(), part.size()) == 0);
  return *this;
}

Digest Sha256::finish() {
  Digest digest{};
  must(mbedtls_sha256_finish_ret(sha256_context(context_), digest.data()) == 0);
  return digest;
}

Digest hmac_sha256(Bytes key, Bytes data) {
  Digest digest{};
  must(try_hmac(key, data, digest));
  return digest;
}

void hkdf_sha256(Bytes salt, Bytes input_key, Bytes info, MutableBytes out) {
  must(out.size() <= hkdf_limit);
  if (out.empty()) return;
  const Scope scope;
  must(mbedtls_hkdf(sha256_info(), salt.data(), salt.size(), input_key.data(), input_key.size(),
                    info.data(), info.size(), out.data(), out.size()) == 0);
}

std::expected<Key, CryptoError> x25519_public(const Key& private_key) {
  constexpr Key base_point = {9};  // RFC 7748 section 6.1
  return x25519(private_key, base_point);
}

std::expected<Key, CryptoError> x25519(const Key& private_key, const Key& peer_public) {
  const Scope scope;
  Multiplication m;
  if (mbedtls_ecp_group_load(&m.group, MBEDTLS_ECP_DP_CURVE25519) != 0) {
    return std::unexpected(CryptoError::internal);
  }
  // Reading a point drops the unused high bit of u, as RFC 7748 section 5 asks.
  int code =
      mbedtls_ecp_point_read_binary(&m.group, &m.point, peer_public.data(), peer_public.size());
  if (code != 0) return std::unexpected(from_ecp(code));

  Key scalar = clamp(private_key);
  Blinding blinding(scalar, peer_public);
  code = mbedtls_mpi_read_binary_le(&m.scalar, scalar.data(), scalar.size());
  wipe(scalar);
  if (code == 0) {
    code = mbedtls_ecp_mul(&m.group, &m.result, &m.scalar, &m.point, &Blinding::fill, &blinding);
  }
  if (code != 0) return std::unexpected(from_ecp(code));

  Key shared{};
  if (mbedtls_mpi_write_binary_le(&m.result.X, shared.data(), shared.size()) != 0) {
    return std::unexpected(CryptoError::internal);
  }
  if (is_zero(shared)) return std::unexpected(CryptoError::weak_key);
  return shared;
}

std::expected<std::size_t, CryptoError> seal(const Key& key, const Nonce& nonce, Bytes aad,
                                             Bytes plain, MutableBytes out) {
  if (out.size() < plain.size() + tag_size) return std::unexpected(CryptoError::no_space);
  mbedtls_chachapoly_context context;
  mbedtls_chachapoly_init(&context);
  int code = mbedtls_chachapoly_setkey(&context, key.data());
  if (code == 0) {
    code = mbedtls_chachapoly_encrypt_and_tag(&context, plain.size(), nonce.data(), aad.data(),
                                              aad.size(), plain.data(), out.data(),
                                              out.data() + plain.size());
  }
  mbedtls_chachapoly_free(&context);
  if (code != 0) return std::unexpected(CryptoError::internal);
  return plain.size() + tag_size;
}

std::expected<std::size_t, CryptoError> open(const Key& key, const Nonce& nonce, Bytes aad,
                                             Bytes sealed, MutableBytes out) {
  if (sealed.size() < tag_size) return std::unexpected(CryptoError::bad_tag);
  const std::size_t size = sealed.size() - tag_size;
  if (out.size() < size) return std::unexpected(CryptoError::no_space);
  // The tag is read after the text is written, and `out` may overlap `sealed`.
  std::uint8_t tag[tag_size];
  std::memcpy(tag, sealed.data() + size, tag_size);
  mbedtls_chachapoly_context context;
  mbedtls_chachapoly_init(&context);
  int code = mbedtls_chachapoly_setkey(&context, key.data());
  if (code == 0) {
    code = mbedtls_chachapoly_auth_decrypt(&context, size, nonce.data(), aad.data(), aad.size(),
                                           tag, sealed.data(), out.data());
  }
  mbedtls_chachapoly_free(&context);
  if (code == MBEDTLS_ERR_CHACHAPOLY_AUTH_FAILED) return std::unexpected(CryptoError::bad_tag);
  if (code != 0) return std::unexpected(CryptoError::internal);
  return size;
}

bool equal(Bytes a, Bytes b) {
  if (a.size() != b.size()) return false;
  std::uint8_t difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference = static_cast<std::uint8_t>(difference | (a[i] ^ b[i]));
  }
  return difference == 0;
}

void wipe(MutableBytes secret) {
  mbedtls_platform_zeroize(secret.data(), secret.size());
}

}  // namespace rollcall::crypto
