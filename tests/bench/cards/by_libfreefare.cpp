// libfreefare calls libnfc by name, and finds these first.
#include <algorithm>
#include <cstring>

#include <freefare.h>
#include <nfc/nfc.h>

#include "tests/bench/cards/others.hpp"

namespace {

rollcall::bench::CardOnTheTable* table = nullptr;
char nobody;  // what libnfc has of a device is of no interest here

}  // namespace

int nfc_initiator_init(nfc_device*) {
  return 0;
}
int nfc_device_set_property_bool(nfc_device*, nfc_property, bool) {
  return 0;
}
int nfc_device_get_last_error(const nfc_device*) {
  return 0;
}
int nfc_initiator_deselect_target(nfc_device*) {
  return 0;
}
int nfc_initiator_select_passive_target(nfc_device*, nfc_modulation, const std::uint8_t*,
                                        std::size_t, nfc_target*) {
  return 1;
}
int nfc_initiator_transceive_bytes(nfc_device*, const std::uint8_t* command, std::size_t size,
                                   std::uint8_t* answer, std::size_t room, int) {
  const auto said = table->exchange({command, size});
  if (said.size() > room) return NFC_EOVFLOW;
  std::ranges::copy(said, answer);
  return static_cast<int>(said.size());
}

namespace rollcall::bench {
namespace {

constexpr std::uint32_t application = 0xf51c01;
constexpr std::uint8_t reading = 1, token_file = 1, token_size = 16;

MifareTag tag_of(void* kept) {
  return static_cast<MifareTag>(kept);
}

}  // namespace

ByLibfreefare::ByLibfreefare(CardOnTheTable& card) {
  table = &card;
  nfc_iso14443a_info found{};
  found.abtAtqa[0] = 0x03;
  found.abtAtqa[1] = 0x44;
  found.btSak = 0x20;
  found.szUidLen = number.size();
  std::ranges::copy(number, found.abtUid);
  const std::array<std::uint8_t, 5> ats{0x75, 0x77, 0x81, 0x02, 0x80};
  found.szAtsLen = ats.size();
  std::ranges::copy(ats, found.abtAts);
  tag_ = freefare_tag_new(reinterpret_cast<nfc_device*>(&nobody), found);
  if (tag_ == nullptr || mifare_desfire_connect(tag_of(tag_)) != 0) std::abort();
}

ByLibfreefare::~ByLibfreefare() {
  freefare_free_tag(tag_of(tag_));
}

bool ByLibfreefare::reads(KeyBytes reading_key) {
  const MifareDESFireAID id = mifare_desfire_aid_new(application);
  const MifareDESFireKey key = mifare_desfire_aes_key_new_with_version(reading_key.data(), 1);
  std::array<std::uint8_t, 64> token{};  // it puts more behind it than there is in the file
  const bool read = mifare_desfire_select_application(tag_of(tag_), id) == 0 &&
                    mifare_desfire_authenticate_aes(tag_of(tag_), reading, key) == 0 &&
                    mifare_desfire_read_data_ex(tag_of(tag_), token_file, 0, token_size,
                                                token.data(), MDCM_ENCIPHERED) == token_size;
  mifare_desfire_key_free(key);
  std::free(id);
  return read;
}

}  // namespace rollcall::bench
