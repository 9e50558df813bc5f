// Our conversations with cards against libfreefare, which is not ours, at whatever reader libnfc is
// told to use. libfreefare makes a card as docs/credentials.md says, and we read it; then we issue
// the card, and libfreefare reads it. APDUs of ours go through libnfc. Prints each step; exit
// status 1 at the first that goes otherwise than it should.
#include <algorithm>
#include <vector>

#include "daemon/credentials/card_issue.hpp"
#include "daemon/credentials/card_reading.hpp"
#include "daemon/credentials/diversification.hpp"
#include "hal/card_reader.hpp"
#include "hal/host/system.hpp"
#include "tests/conformance/nfc/issued_card.hpp"

namespace {

using namespace rollcall;
using namespace rollcall::conformance;
using namespace rollcall::credentials;

constexpr KeyBytes token_of_ours{'t', 'o', 'k', 'e', 'n', 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 255};
const Secret master(KeyBytes{0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb,
                             0xcc, 0xdd, 0xee, 0xff});
const Secret other_master(KeyBytes{1});

hal::host::SystemEntropy entropy;

std::vector<std::uint8_t> uid() {
  char* digits = freefare_get_tag_uid(card);
  std::vector<std::uint8_t> bytes;
  for (const char* at = digits; at[0] != '\0' && at[1] != '\0'; at += 2)
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(std::string(at, 2), nullptr, 16)));
  std::free(digits);
  return bytes;
}

Secret key_from(const Secret& from, KeyNumber number) {
  return card_key(from, uid(), default_application, number);
}

KeyBytes bytes_of(const Secret& secret) {
  KeyBytes bytes{};
  std::ranges::copy(secret.view(), bytes.begin());
  return bytes;
}

// The card is libfreefare's between connect and disconnect; in here it is ours.
TokenOrError hold(Conversation& conversation) {
  step("disconnect", mifare_desfire_disconnect(card) == 0);
  const nfc_modulation type_a{.nmt = NMT_ISO14443A, .nbr = NBR_106};
  const std::vector<std::uint8_t> number = uid();  // wakes a card that was put to sleep
  nfc_target target{};
  step("the card is selected", nfc_initiator_select_passive_target(reader, type_a, number.data(),
                                                                   number.size(), &target) > 0);
  while (!conversation.result()) {
    std::array<std::uint8_t, hal::max_apdu> response{};
    const Bytes command = conversation.command();
    const int size = nfc_initiator_transceive_bytes(reader, command.data(), command.size(),
                                                    response.data(), response.size(), -1);
    if (size < 0) {
      conversation.on_card_gone();
    } else {
      conversation.on_response(Bytes(response).first(static_cast<std::size_t>(size)));
    }
  }
  nfc_initiator_deselect_target(reader);
  step("connect again", mifare_desfire_connect(card) == 0);
  return *conversation.result();
}

TokenOrError read(const Secret& from) {
  CardReading conversation(default_application, key_from(from, KeyNumber::reading), entropy);
  return hold(conversation);
}

TokenOrError issue() {
  CardIssue conversation(default_application,
                         {.issuing = key_from(master, KeyNumber::issuing),
                          .reading = key_from(master, KeyNumber::reading)},
                         entropy);
  return hold(conversation);
}

bool ends_with(const TokenOrError& result, CardError error) {
  return !result && result.error() == error;
}

void format() {
  step("the card's master key", selects(0) && authenticates(0, factory));
  step("format", mifare_desfire_format_picc(card) == 0);
}

void libfreefare_personalises() {
  personalise(bytes_of(key_from(master, KeyNumber::issuing)),
              bytes_of(key_from(master, KeyNumber::reading)), token_of_ours);
}

void we_read() {
  const TokenOrError token = read(master);
  step("we read the token that libfreefare wrote", token && bytes_of(*token) == token_of_ours);
  step("another site's master key does not",
       ends_with(read(other_master), CardError::not_authentic));
  step("and once more we do", read(master).has_value());
  step("a card that is issued is not issued again", ends_with(issue(), CardError::taken));
}

void we_issue() {
  format();
  step("a blank card has no application", ends_with(read(master), CardError::no_application));
  const TokenOrError token = issue();
  step("we issue the card", token.has_value());
  const KeyBytes own_reading = bytes_of(key_from(master, KeyNumber::reading));
  const KeyBytes own_issuing = bytes_of(key_from(master, KeyNumber::issuing));
  step("libfreefare selects the application", selects(issued_application));
  step("the factory's reading key is gone", !authenticates(reading_key, factory));
  step("the factory's issuing key is gone", !authenticates(issuing_key, factory));
  step("the card's own reading key holds", authenticates(reading_key, own_reading));
  step("libfreefare reads the token that we wrote", token_on_card() == bytes_of(*token));
  step("the card's own issuing key holds", authenticates(issuing_key, own_issuing));
  for (const std::uint8_t key : {issuing_key, reading_key}) {
    std::uint8_t version = 0;
    step("a key's version",
         mifare_desfire_get_key_version(card, key, &version) == 0 && version == key_version);
  }
  mifare_desfire_file_settings settings{};
  step("the file's settings", mifare_desfire_get_file_settings(card, token_file, &settings) == 0);
  step("are enciphered, read by key 1, written by key 0",
       settings.communication_settings == MDCM_ENCIPHERED &&
           settings.access_rights == MDAR(MDAR_KEY1, MDAR_KEY0, MDAR_DENY, MDAR_KEY0) &&
           settings.settings.standard_file.file_size == token_size);
  const TokenOrError again = read(master);
  step("and we read it as well", again && *again == *token);
}

// An application whose keys are still the factory's: the card was taken away while it was issued.
void we_begin_anew() {
  format();
  const MifareDESFireAID id = mifare_desfire_aid_new(issued_application);
  step("libfreefare leaves an application half made",
       mifare_desfire_create_application_aes(card, id, 0x01, key_count) == 0);
  std::free(id);
  const TokenOrError token = issue();
  step("we begin anew", token.has_value());
  const TokenOrError again = read(master);
  step("and read the token", again && *again == *token);
}

}  // namespace

int main() {
  open_card();
  format();
  libfreefare_personalises();
  we_read();
  we_issue();
  we_begin_anew();
  close_card();
  return EXIT_SUCCESS;
}
