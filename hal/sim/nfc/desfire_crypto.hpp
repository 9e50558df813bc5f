// Cryptography of a DESFire EV1 with AES keys: CBC whose vector runs through a whole session, CMAC
// (NIST SP 800-38B) cut to 8 bytes, CRC-32.
#pragma once

#include <array>

#include "hal/sim/nfc/virtual_card.hpp"

namespace rollcall::hal::sim::desfire {

inline constexpr std::size_t block_size = 16;
inline constexpr std::size_t mac_size = 8;
inline constexpr std::size_t crc_size = 4;

using Block = std::array<std::uint8_t, block_size>;
using Mac = std::array<std::uint8_t, mac_size>;

// AES-128 in CBC. `data` is a whole number of blocks; `vector` goes on to the next call.
ByteVector encrypt(const Block& key, Block& vector, Bytes data);
ByteVector decrypt(const Block& key, Block& vector, Bytes data);

// CRC-32 of IEEE 802.3 without the final inversion, lowest byte first.
std::array<std::uint8_t, crc_size> crc32(Bytes data);

// Numbers of the card go lowest byte first.
std::uint32_t little_endian(Bytes in);

Block rotated_left(const Block& block);
// Zeros up to the next whole block; nothing when it is whole.
void pad(ByteVector& data);

// What AuthenticateAES leaves: key and vector of one session.
class Session {
 public:
  // Made of both sides' random numbers.
  Session(const Block& reader_random, const Block& card_random);

  // CMAC (NIST SP 800-38B) that starts from the session's vector and leaves it.
  Mac mac(Bytes message);
  ByteVector encrypted(Bytes data) { return encrypt(key_, vector_, data); }
  ByteVector decrypted(Bytes data) { return decrypt(key_, vector_, data); }

 private:
  Block key_{};
  Block vector_{};
};

}  // namespace rollcall::hal::sim::desfire
