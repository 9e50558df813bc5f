// A DESFire card worked by libfreefare, which is not ours, at whatever reader libnfc is told to
// use: formatted, given an application with AES keys, a key changed, files written and read. Prints
// each step; exit status 1 at the first that goes otherwise than it should.
#include "tests/conformance/nfc/freefare_card.hpp"

namespace {

using namespace rollcall::conformance;

constexpr std::uint32_t application = 0xf51c01;
constexpr std::uint8_t all_allowed = 0x0f;
constexpr std::uint8_t badge_file = 1, maced_file = 2, plain_file = 3;
constexpr KeyBytes badge_key{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
constexpr KeyBytes wrong_key{9};

// libfreefare puts MACs behind what it reads: the buffer is larger than the file.
std::string read(std::uint8_t file, std::size_t size) {
  std::array<char, 512> data{};
  const ssize_t count = mifare_desfire_read_data(card, file, 0, size, data.data());
  return count < 0 ? "nothing" : std::string(data.data(), static_cast<std::size_t>(count));
}

bool writes(std::uint8_t file, const std::string& data) {
  return mifare_desfire_write_data(card, file, 0, data.size(), data.data()) ==
         static_cast<ssize_t>(data.size());
}

void personalise() {
  step("a wrong master key is refused", !authenticates(0, wrong_key));
  step("and the card says so", mifare_desfire_last_picc_error(card) == AUTHENTICATION_ERROR);
  step("the master key", authenticates(0, factory));
  step("format", mifare_desfire_format_picc(card) == 0);
  const MifareDESFireAID id = mifare_desfire_aid_new(application);
  step("an application with two AES keys",
       mifare_desfire_create_application_aes(card, id, all_allowed, 2) == 0);
  MifareDESFireAID* ids = nullptr;
  std::size_t count = 0;
  step("the list of applications", mifare_desfire_get_application_ids(card, &ids, &count) == 0);
  step("is that one", count == 1 && mifare_desfire_aid_get_aid(ids[0]) == application);
  mifare_desfire_free_application_ids(ids);
  std::free(id);

  step("select it", selects(application));
  step("its key 0", authenticates(0, factory));
  const std::uint16_t read_by_1_else_0 = 0x1000;
  step("an enciphered file", mifare_desfire_create_std_data_file(card, badge_file, MDCM_ENCIPHERED,
                                                                 read_by_1_else_0, 128) == 0);
  step("a file with MACs", mifare_desfire_create_std_data_file(card, maced_file, MDCM_MACED,
                                                               read_by_1_else_0, 100) == 0);
  step("a plain file",
       mifare_desfire_create_std_data_file(card, plain_file, MDCM_PLAIN, 0xe000, 16) == 0);
  step("change key 1", mifare_desfire_change_key(card, 1, Key(badge_key, 7), Key(factory)) == 0);
  std::uint8_t version = 0;
  step("its version", mifare_desfire_get_key_version(card, 1, &version) == 0 && version == 7);
}

void use(const std::string& badge, const std::string& maced) {
  step("key 0 writes the enciphered file, in several frames", writes(badge_file, badge));
  step("and the one with MACs", writes(maced_file, maced));
  step("and the plain one", writes(plain_file, "plain and simple"));

  step("the old key 1 is refused", !authenticates(1, factory));
  step("a wrong key 1 is refused", !authenticates(1, wrong_key));
  step("the new key 1", authenticates(1, badge_key));
  step("reads what was enciphered", read(badge_file, badge.size()) == badge);
  step("and what has MACs", read(maced_file, maced.size()) == maced);
  step("and what is plain", read(plain_file, 16) == "plain and simple");
  step("key 1 must not write", !writes(badge_file, "forged"));

  step("select again", selects(application));
  step("nobody reads without a key", read(badge_file, badge.size()) == "nothing");
  step("but what is free for all",
       selects(application) && read(plain_file, 16) == "plain and simple");
}

void change_own_key() {
  step("key 0 again", selects(application) && authenticates(0, factory));
  step("changes itself", mifare_desfire_change_key(card, 0, Key(badge_key), nullptr) == 0);
  step("is no longer what it was", !authenticates(0, factory));
  step("is what it became", authenticates(0, badge_key));
  char* uid = nullptr;
  step("the number, enciphered", mifare_desfire_get_card_uid(card, &uid) == 0);
  char* seen = freefare_get_tag_uid(card);
  step("is that of the anticollision", std::string(uid) == seen);
  std::free(uid);
  std::free(seen);
  std::uint8_t settings = 0, keys = 0;
  step("settings of keys", mifare_desfire_change_key_settings(card, 0x0b) == 0);
  step("stay", mifare_desfire_get_key_settings(card, &settings, &keys) == 0 && settings == 0x0b &&
                   keys == 2);
}

}  // namespace

int main() {
  open_card();
  const std::string badge =
      "BADGE-0001 and as many words as it takes to need more than one frame and more than one "
      "block";
  const std::string maced(77, 'm');
  personalise();
  use(badge, maced);
  change_own_key();

  step("disconnect", mifare_desfire_disconnect(card) == 0);
  step("connect again", mifare_desfire_connect(card) == 0);
  step("the file is still there", selects(application) && authenticates(1, badge_key) &&
                                      read(badge_file, badge.size()) == badge);
  close_card();
  return EXIT_SUCCESS;
}
