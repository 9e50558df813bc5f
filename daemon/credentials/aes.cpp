#include "daemon/credentials/aes.hpp"

#include <algorithm>
#include <cstdlib>

#include <mbedtls/aes.h>

#include "protocol/crypto/crypto.hpp"

namespace rollcall::credentials {
namespace {

constexpr unsigned key_bits = 8 * block_size;

// Going on with what is not enciphered would be worse than stopping.
void must(int code) {
  if (code != 0) std::abort();
}

// The backend wipes its context when it is freed.
class Context {
 public:
  Context() { mbedtls_aes_init(&aes_); }
  ~Context() { mbedtls_aes_free(&aes_); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  mbedtls_aes_context* get() { return &aes_; }

 private:
  mbedtls_aes_context aes_;
};

// Multiplication by x in GF(2^128), without a branch on the secret.
Secret doubled(const Secret& block) {
  Secret out;
  unsigned carry = 0;
  for (std::size_t i = block_size; i-- > 0;) {
    const unsigned byte = block.view()[i];
    out.bytes()[i] = static_cast<std::uint8_t>(byte << 1 | carry);
    carry = byte >> 7;
  }
  std::uint8_t& last = out.bytes()[block_size - 1];
  last = static_cast<std::uint8_t>(last ^ carry * 0x87);
  return out;
}

Secret enciphered_zeros(const Secret& key) {
  Secret out;
  Block vector{};
  encrypt(key, vector, out.bytes());
  return out;
}

}  // namespace

Secret::~Secret() {
  crypto::wipe(bytes_);
}

bool operator==(const Secret& a, const Secret& b) {
  return crypto::equal(a.view(), b.view());
}

void encrypt(const Secret& key, Block& vector, MutableBytes data) {
  Context aes;
  must(mbedtls_aes_setkey_enc(aes.get(), key.view().data(), key_bits));
  must(mbedtls_aes_crypt_cbc(aes.get(), MBEDTLS_AES_ENCRYPT, data.size(), vector.data(),
                             data.data(), data.data()));
}

void decrypt(const Secret& key, Block& vector, MutableBytes data) {
  Context aes;
  must(mbedtls_aes_setkey_dec(aes.get(), key.view().data(), key_bits));
  must(mbedtls_aes_crypt_cbc(aes.get(), MBEDTLS_AES_DECRYPT, data.size(), vector.data(),
                             data.data(), data.data()));
}

Subkeys::Subkeys(const Secret& key)
    : whole(doubled(enciphered_zeros(key))), padded(doubled(whole)) {}

void cmac(const Secret& key, Block& vector, Bytes message) {
  const Subkeys subkeys(key);
  Secret block;
  while (message.size() > block_size) {
    std::ranges::copy(message.first(block_size), block.bytes().begin());
    encrypt(key, vector, block.bytes());
    message = message.subspan(block_size);
  }
  const bool whole = message.size() == block_size;
  block = whole ? subkeys.whole : subkeys.padded;
  for (std::size_t i = 0; i < message.size(); ++i) block.bytes()[i] ^= message[i];
  if (!whole) block.bytes()[message.size()] ^= 0x80;
  encrypt(key, vector, block.bytes());
}

}  // namespace rollcall::credentials
