// A card as libfreefare has it, at whatever reader libnfc is told to use, and steps that are
// printed. The first step that goes otherwise than it should ends the program with status 1.
#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <freefare.h>
#include <nfc/nfc.h>

namespace rollcall::conformance {

using KeyBytes = std::array<std::uint8_t, 16>;

inline constexpr KeyBytes factory{};

inline nfc_context* context = nullptr;
inline nfc_device* reader = nullptr;
inline MifareTag* tags = nullptr;
inline MifareTag card = nullptr;

inline void step(const char* name, bool as_it_should) {
  std::printf("%s: %s\n", as_it_should ? "ok" : "NOT OK", name);
  if (as_it_should) return;
  if (card != nullptr) std::printf("libfreefare says: %s\n", freefare_strerror(card));
  std::exit(EXIT_FAILURE);
}

class Key {
 public:
  explicit Key(KeyBytes bytes, std::uint8_t version = 0)
      : key_(mifare_desfire_aes_key_new_with_version(bytes.data(), version)) {}
  ~Key() { mifare_desfire_key_free(key_); }
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;
  operator MifareDESFireKey() const { return key_; }

 private:
  MifareDESFireKey key_;
};

inline bool authenticates(std::uint8_t number, const KeyBytes& key) {
  return mifare_desfire_authenticate_aes(card, number, Key(key)) == 0;
}

inline bool selects(std::uint32_t number) {
  const MifareDESFireAID id = mifare_desfire_aid_new(number);
  const bool done = mifare_desfire_select_application(card, number == 0 ? nullptr : id) == 0;
  std::free(id);
  return done;
}

// The one card in the field, a DESFire, is connected.
inline void open_card() {
  nfc_init(&context);
  reader = context == nullptr ? nullptr : nfc_open(context, nullptr);
  step("the reader opens", reader != nullptr);
  tags = freefare_get_tags(reader);
  step("one card is there", tags != nullptr && tags[0] != nullptr && tags[1] == nullptr);
  card = tags[0];
  step("it is a DESFire", freefare_get_tag_type(card) == DESFIRE);
  step("connect", mifare_desfire_connect(card) == 0);
}

inline void close_card() {
  freefare_free_tags(tags);
  nfc_close(reader);
  nfc_exit(context);
}

}  // namespace rollcall::conformance
