#include "daemon/registry/key_seal.hpp"

#include <gtest/gtest.h>

#include "daemon/events/event.hpp"

namespace rollcall::registry {
namespace {

const crypto::Key site_key{1, 2, 3};
const crypto::Key link_key{7, 7, 7};

TEST(KeySeal, OpensWhatItSealed) {
  const KeySeal seal(site_key);
  EXPECT_EQ(KeySeal(site_key).open("TC-1", seal.seal("TC-1", link_key)), link_key);
}

TEST(KeySeal, NeverSealsTheSameBytesTwice) {
  const KeySeal seal(site_key);
  EXPECT_NE(seal.seal("TC-1", link_key), seal.seal("TC-1", link_key));
}

TEST(KeySeal, OpensForNoOtherTerminalAndNoOtherSite) {
  const KeySeal::Sealed sealed = KeySeal(site_key).seal("TC-1", link_key);
  EXPECT_EQ(KeySeal(site_key).open("TC-2", sealed), std::nullopt);
  EXPECT_EQ(KeySeal(crypto::Key{9}).open("TC-1", sealed), std::nullopt);
}

TEST(KeySeal, RefusesWhatWasChangedOrCut) {
  const KeySeal seal(site_key);
  const KeySeal::Sealed sealed = seal.seal("TC-1", link_key);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    KeySeal::Sealed changed = sealed;
    changed[i] ^= 1;
    EXPECT_EQ(seal.open("TC-1", changed), std::nullopt) << "byte " << i;
    EXPECT_EQ(seal.open("TC-1", Bytes{sealed}.first(i)), std::nullopt) << i << " bytes";
  }
}

// Computed with Python: hmac.new(bytes(range(32)), b"rollcall key id", "sha256").digest()[:16]
TEST(KeyId, IsTheFirstHalfOfTheHmac) {
  crypto::Key key{};
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(i);
  EXPECT_EQ(events::hex(key_id(key)), "ec4a6dc38818c70fcfb873b9c61f699b");
}

TEST(LinkKeys, AreRandom) {
  EXPECT_NE(random_key(), random_key());
}

}  // namespace
}  // namespace rollcall::registry
