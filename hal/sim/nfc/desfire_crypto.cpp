#include "hal/sim/nfc/desfire_crypto.hpp"

#include <algorithm>

#include <mbedtls/aes.h>

namespace rollcall::hal::sim::desfire {
namespace {

ByteVector cbc(const Block& key, Block& vector, Bytes data, int mode) {
  ByteVector out(data.size());
  mbedtls_aes_context aes;
  mbedtls_aes_init(&aes);
  constexpr unsigned bits = 8 * block_size;
  if (mode == MBEDTLS_AES_ENCRYPT) {
    mbedtls_aes_setkey_enc(&aes, key.data(), bits);
  } else {
    mbedtls_aes_setkey_dec(&aes, key.data(), bits);
  }
  mbedtls_aes_crypt_cbc(&aes, mode, data.size(), vector.data(), data.data(), out.data());
  mbedtls_aes_free(&aes);
  return out;
}

// Multiplication by x in GF(2^128), for the subkeys of CMAC.
Block doubled(const Block& block) {
  Block out{};
  unsigned carry = 0;
  for (std::size_t i = block_size; i-- > 0;) {
    out[i] = static_cast<std::uint8_t>(unsigned{block[i]} << 1 | carry);
    carry = block[i] >> 7;
  }
  if (carry != 0) out[block_size - 1] ^= 0x87;
  return out;
}

}  // namespace

ByteVector encrypt(const Block& key, Block& vector, Bytes data) {
  return cbc(key, vector, data, MBEDTLS_AES_ENCRYPT);
}

ByteVector decrypt(const Block& key, Block& vector, Bytes data) {
  return cbc(key, vector, data, MBEDTLS_AES_DECRYPT);
}

std::array<std::uint8_t, crc_size> crc32(Bytes data) {
  std::uint32_t crc = 0xffffffff;
  for (const std::uint8_t byte : data) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320U : 0U);
  }
  std::array<std::uint8_t, crc_size> out{};
  for (std::uint8_t& byte : out) {
    byte = static_cast<std::uint8_t>(crc);
    crc >>= 8;
  }
  return out;
}

std::uint32_t little_endian(Bytes in) {
  std::uint32_t value = 0;
  for (std::size_t i = in.size(); i-- > 0;) value = value << 8 | in[i];
  return value;
}

Block rotated_left(const Block& block) {
  Block out = block;
  std::ranges::rotate(out, out.begin() + 1);
  return out;
}

void pad(ByteVector& data) {
  data.resize((data.size() + block_size - 1) / block_size * block_size);
}

Session::Session(const Block& reader_random, const Block& card_random) {
  constexpr std::size_t part = 4;
  std::copy_n(reader_random.begin(), part, key_.begin());
  std::copy_n(card_random.begin(), part, key_.begin() + part);
  std::copy_n(reader_random.end() - part, part, key_.begin() + 2 * part);
  std::copy_n(card_random.end() - part, part, key_.begin() + 3 * part);
}

Mac Session::mac(Bytes message) {
  Block zero{};
  Block base{};
  std::ranges::copy(encrypt(key_, zero, Block{}), base.begin());
  Block last = doubled(base);
  ByteVector padded(message.begin(), message.end());
  if (padded.empty() || padded.size() % block_size != 0) {
    last = doubled(last);
    padded.push_back(0x80);
    pad(padded);
  }
  for (std::size_t i = 0; i < block_size; ++i) padded[padded.size() - block_size + i] ^= last[i];
  encrypt(key_, vector_, padded);
  Mac out{};
  std::copy_n(vector_.begin(), mac_size, out.begin());
  return out;
}

}  // namespace rollcall::hal::sim::desfire
