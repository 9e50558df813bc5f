// AES-128 as cards use it: CBC whose vector the caller keeps, and CMAC (RFC 4493).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "protocol/bytes.hpp"

namespace rollcall::credentials {

inline constexpr std::size_t block_size = 16;
using Block = std::array<std::uint8_t, block_size>;

// 16 bytes that are nobody else's business. Each copy wipes itself at its end.
class Secret {
 public:
  Secret() = default;
  explicit Secret(const Block& bytes) : bytes_(bytes) {}
  ~Secret();
  Secret(const Secret&) = default;
  Secret& operator=(const Secret&) = default;

  Bytes view() const { return bytes_; }
  MutableBytes bytes() { return bytes_; }
  // Takes as long either way.
  friend bool operator==(const Secret& a, const Secret& b);

 private:
  Block bytes_{};
};

// In place. `data` is a whole number of blocks; `vector` goes on to the next call. A backend that
// fails ends the program.
void encrypt(const Secret& key, Block& vector, MutableBytes data);
void decrypt(const Secret& key, Block& vector, MutableBytes data);

// The last block of a CMAC: what it is combined with (RFC 4493 section 2.3).
struct Subkeys {
  explicit Subkeys(const Secret& key);
  Secret whole;   // K1: the message ends with a whole block
  Secret padded;  // K2: 80 and zeros were added
};

// RFC 4493 section 2.4, started from `vector` (zeros, by the RFC) and left in it.
void cmac(const Secret& key, Block& vector, Bytes message);

}  // namespace rollcall::credentials
