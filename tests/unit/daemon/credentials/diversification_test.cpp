#include "daemon/credentials/diversification.hpp"

#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/daemon/credentials/card_bench.hpp"

namespace rollcall::credentials {
namespace {

std::string cmac_of(const Secret& key, const std::string& message) {
  Block vector{};
  cmac(key, vector, hex(message));
  return text(vector);
}

// RFC 4493 section 4.
const std::string rfc_key = "2b7e151628aed2a6abf7158809cf4f3c";
const std::string rfc_message =
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710";

TEST(Cmac, SubkeysAreThoseOfRfc4493) {
  const Subkeys subkeys(secret(rfc_key));
  EXPECT_EQ(text(subkeys.whole.view()), "fb ee d6 18 35 71 33 66 7c 85 e0 8f 72 36 a8 de");
  EXPECT_EQ(text(subkeys.padded.view()), "f7 dd ac 30 6a e2 66 cc f9 0b c1 1e e4 6d 51 3b");
}

TEST(Cmac, ExamplesAreThoseOfRfc4493) {
  const Secret key = secret(rfc_key);
  EXPECT_EQ(cmac_of(key, ""), "bb 1d 69 29 e9 59 37 28 7f a3 7d 12 9b 75 67 46");
  EXPECT_EQ(cmac_of(key, rfc_message.substr(0, 2 * 16)),
            "07 0a 16 b4 6b 4d 41 44 f7 9b dd 9d d0 4a 28 7c");
  EXPECT_EQ(cmac_of(key, rfc_message.substr(0, 2 * 40)),
            "df a6 67 47 de 9a e6 30 30 ca 32 61 14 97 c8 27");
  EXPECT_EQ(cmac_of(key, rfc_message), "51 f0 be bf 7e 3b 9d 92 fc 49 74 17 79 36 3c fe");
}

// AN10922 section 2.2.1: chip number 04782E21801D80, application 3042F5, system "NXP Abu".
TEST(Diversification, ExampleIsThatOfAn10922) {
  EXPECT_EQ(text(diversified_key(site_master, hex("04782e21801d80 3042f5 4e585020416275")).view()),
            "a8 dd 63 a3 b8 9d 54 b3 7c a8 02 47 3f da 91 75");
}

TEST(Diversification, IsACmacOfTwoBlocksHoweverShortTheInput) {
  for (std::size_t size = 1; size <= max_diversification_input; ++size) {
    const std::vector<std::uint8_t> input(size, 0xa5);
    std::vector<std::uint8_t> message{0x01};
    message.insert(message.end(), input.begin(), input.end());
    Block vector{};
    cmac(site_master, vector, message);
    const bool as_cmac = text(diversified_key(site_master, input).view()) == text(vector);
    EXPECT_EQ(as_cmac, size >= block_size) << size;
  }
}

TEST(Diversification, TakesOneToThirtyOneBytes) {
  EXPECT_THROW(diversified_key(site_master, {}), std::length_error);
  EXPECT_THROW(diversified_key(site_master, std::vector<std::uint8_t>(32)), std::length_error);
}

TEST(Diversification, EveryPartOfTheInputMakesAnotherKey) {
  std::set<std::string> keys;
  const auto add = [&](const Secret& key) { keys.insert(text(key.view())); };
  add(card_key(site_master, hex(uid), default_application, KeyNumber::reading));
  add(card_key(site_master, hex(uid), default_application, KeyNumber::issuing));
  add(card_key(site_master, hex("04a1b2c3d4e5f7"), default_application, KeyNumber::reading));
  add(card_key(site_master, hex("01020304"), default_application, KeyNumber::reading));
  add(card_key(site_master, hex("04a1b2c3d4e5f6a7b8c9"), default_application, KeyNumber::reading));
  add(card_key(site_master, hex(uid), {0x02, 0x1c, 0xf5}, KeyNumber::reading));
  add(card_key(Secret(), hex(uid), default_application, KeyNumber::reading));
  EXPECT_EQ(keys.size(), 7U);
}

TEST(Diversification, TheInputOfACardKeyIsTheDocumentedOne) {
  EXPECT_EQ(card_key(site_master, hex(uid), default_application, KeyNumber::reading),
            diversified_key(site_master, hex("04a1b2c3d4e5f6 011cf5 726f6c6c63616c6c 01")));
}

}  // namespace
}  // namespace rollcall::credentials
