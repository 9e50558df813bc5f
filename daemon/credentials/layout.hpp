// What one of our cards has on it (docs/credentials.md). Frozen: cards in people's pockets follow
// it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace rollcall::credentials {

// The number of an application as it goes over the air, lowest byte first. A site may have its own.
using ApplicationId = std::array<std::uint8_t, 3>;
inline constexpr ApplicationId default_application{0x01, 0x1c, 0xf5};  // F51C01

enum class KeyNumber : std::uint8_t {
  issuing = 0,  // the application's master key: makes the file, writes it, changes keys
  reading = 1,  // reads the token, and nothing else
};
inline constexpr std::uint8_t key_count = 2;
inline constexpr std::uint8_t key_version = 1;

// The token: random bytes that stand for the card. Its file is read and written enciphered.
inline constexpr std::uint8_t token_file = 1;
inline constexpr std::size_t token_size = 16;
// Which bytes are read and written: file, offset and size, 3 bytes each, lowest first.
inline constexpr std::array<std::uint8_t, 7> token_range{token_file, 0, 0, 0, token_size, 0, 0};

}  // namespace rollcall::credentials
