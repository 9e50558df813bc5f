// A card as docs/credentials.md has it, written and read by libfreefare. Numbers are that page's;
// nothing here comes from the code that issues cards.
#pragma once

#include <algorithm>

#include "tests/conformance/nfc/freefare_card.hpp"

namespace rollcall::conformance {

inline constexpr std::uint32_t issued_application = 0xf51c01;
inline constexpr std::uint8_t issuing_key = 0, reading_key = 1;

// On a card without the application, whose master key is the factory's.
inline void personalise(const KeyBytes& issuing, const KeyBytes& reading, const KeyBytes& token) {
  constexpr std::uint8_t settings = 0x01, keys = 2, version = 1, file = 1;
  constexpr std::uint32_t size = 16;
  const MifareDESFireAID id = mifare_desfire_aid_new(issued_application);
  step("libfreefare makes the application",
       mifare_desfire_create_application_aes(card, id, settings, keys) == 0);
  std::free(id);
  step("select it", selects(issued_application));
  step("its key 0", authenticates(issuing_key, factory));
  const std::uint16_t rights = MDAR(MDAR_KEY1, MDAR_KEY0, MDAR_DENY, MDAR_KEY0);
  step("the file",
       mifare_desfire_create_std_data_file(card, file, MDCM_ENCIPHERED, rights, size) == 0);
  step("the token", mifare_desfire_write_data(card, file, 0, token.size(), token.data()) ==
                        static_cast<ssize_t>(token.size()));
  step("the reading key",
       mifare_desfire_change_key(card, reading_key, Key(reading, version), Key(factory)) == 0);
  step("the issuing key",
       mifare_desfire_change_key(card, issuing_key, Key(issuing, version), nullptr) == 0);
}

// With the key that was proven last. libfreefare puts more behind what it reads than there is in
// the file.
inline KeyBytes token_on_card() {
  constexpr std::uint8_t file = 1;
  KeyBytes token{};
  std::array<std::uint8_t, 64> data{};
  step("libfreefare reads the token",
       mifare_desfire_read_data_ex(card, file, 0, token.size(), data.data(), MDCM_ENCIPHERED) ==
           static_cast<ssize_t>(token.size()));
  std::copy_n(data.begin(), token.size(), token.begin());
  return token;
}

}  // namespace rollcall::conformance
