// Published vectors, and random input against OpenSSL as an independent implementation.
#include "protocol/crypto/crypto.hpp"

#include <memory>

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "tests/unit/protocol/support.hpp"

namespace rollcall::crypto {
namespace {

using protocol::testing::as_bytes;
using protocol::testing::Buffer;
using protocol::testing::hex;
using protocol::testing::Random;
using protocol::testing::unhex;

Key key(std::string_view text) {
  const Buffer bytes = unhex(text);
  Key out{};
  EXPECT_EQ(bytes.size(), out.size());
  std::ranges::copy(bytes, out.begin());
  return out;
}

Key random_key(Random& random) {
  Key out{};
  for (auto& b : out) b = random.byte();
  return out;
}

TEST(Sha256, MatchesTheStandardsExamples) {
  // FIPS 180-2 appendix B.
  EXPECT_EQ(hex(sha256(as_bytes("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(sha256(as_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(HmacSha256, MatchesRfc4231) {
  struct Case {
    Buffer key;
    Buffer data;
    const char* mac;
  };
  const auto text = [](std::string_view t) { return Buffer(t.begin(), t.end()); };
  Buffer counting(25);
  for (std::size_t i = 0; i < counting.size(); ++i) counting[i] = static_cast<std::uint8_t>(i + 1);
  const Case cases[] = {
      {Buffer(20, 0x0b), text("Hi There"),
       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {text("Jefe"), text("what do ya want for nothing?"),
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {Buffer(20, 0xaa), Buffer(50, 0xdd),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {counting, Buffer(50, 0xcd),
       "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
      {Buffer(20, 0x0c), text("Test With Truncation"), "a3b6167473100ee06e0c796c2955552b"},
      {Buffer(131, 0xaa), text("Test Using Larger Than Block-Size Key - Hash Key First"),
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
      {Buffer(131, 0xaa),
       text("This is a test using a larger than block-size key and a larger than block-size data. "
            "The key needs to "
            "be hashed before being used by the HMAC algorithm."),
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(hex(hmac_sha256(c.key, c.data)).substr(0, std::string_view(c.mac).size()), c.mac);
  }
}

TEST(HkdfSha256, MatchesRfc5869) {
  const auto run = [](std::uint8_t from, std::uint8_t to) {
    Buffer out;
    for (int i = from; i <= to; ++i) out.push_back(static_cast<std::uint8_t>(i));
    return out;
  };
  Buffer out(42);
  hkdf_sha256(run(0x00, 0x0c), Buffer(22, 0x0b), run(0xf0, 0xf9), out);
  EXPECT_EQ(hex(out),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  hkdf_sha256({}, Buffer(22, 0x0b), {}, out);
  EXPECT_EQ(hex(out),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
  out.resize(82);
  hkdf_sha256(run(0x60, 0xaf), run(0x00, 0x4f), run(0xb0, 0xff), out);
  EXPECT_EQ(hex(out),
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41"
            "c65e590e09"
            "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
}

TEST(X25519, MatchesRfc7748Section52) {
  EXPECT_EQ(hex(x25519(key("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"),
                       key("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c"))
                    .value()),
            "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");
  EXPECT_EQ(hex(x25519(key("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d"),
                       key("e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493"))
                    .value()),
            "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957");

  Key k = {9};
  Key u = k;
  const auto step = [&] {
    const Key next = x25519(k, u).value();
    u = k;
    k = next;
  };
  step();
  EXPECT_EQ(hex(k), "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079");
  for (int i = 1; i < 1000; ++i) step();
  EXPECT_EQ(hex(k), "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
}

TEST(X25519, MatchesRfc7748Section61) {
  const Key alice = key("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
  const Key bob = key("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
  const Key alice_public = x25519_public(alice).value();
  const Key bob_public = x25519_public(bob).value();
  EXPECT_EQ(hex(alice_public), "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
  EXPECT_EQ(hex(bob_public), "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
  const char* shared = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";
  EXPECT_EQ(hex(x25519(alice, bob_public).value()), shared);
  EXPECT_EQ(hex(x25519(bob, alice_public).value()), shared);
}

TEST(X25519, RefusesPointsOfSmallOrder) {
  // All u of order 1, 2, 4 and 8 on the curve and its twist, below 2^255 (RFC 7748 section 6.1 asks
  // for the check).
  for (const char* u : {
           "0000000000000000000000000000000000000000000000000000000000000000",
           "0100000000000000000000000000000000000000000000000000000000000000",
           "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
           "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
           "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
           "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
           "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
       }) {
    const auto shared =
        x25519(key("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"), key(u));
    ASSERT_FALSE(shared.has_value()) << u;
    EXPECT_EQ(shared.error(), CryptoError::weak_key) << u;
  }
}

Buffer openssl_x25519(const Key& own, const Key& peer) {
  const auto free_key = [](EVP_PKEY* k) { EVP_PKEY_free(k); };
  const auto free_context = [](EVP_PKEY_CTX* c) { EVP_PKEY_CTX_free(c); };
  std::unique_ptr<EVP_PKEY, decltype(free_key)> a(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, own.data(), own.size()), free_key);
  std::unique_ptr<EVP_PKEY, decltype(free_key)> b(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, peer.data(), peer.size()), free_key);
  std::unique_ptr<EVP_PKEY_CTX, decltype(free_context)> context(EVP_PKEY_CTX_new(a.get(), nullptr),
                                                                free_context);
  Buffer out(32);
  std::size_t size = out.size();
  EXPECT_EQ(EVP_PKEY_derive_init(context.get()), 1);
  EXPECT_EQ(EVP_PKEY_derive_set_peer(context.get(), b.get()), 1);
  EXPECT_EQ(EVP_PKEY_derive(context.get(), out.data(), &size), 1);
  return out;
}

TEST(X25519, AgreesWithOpenSslOnRandomKeys) {
  Random random;
  for (int i = 0; i < (protocol::testing::long_run() ? 2000 : 50); ++i) {
    const Key own = random_key(random);
    Key peer = random_key(random);  // half of all strings are on the twist; the high bit is ignored
    if (random.one_in(5)) {         // u above the prime, and not one of small order
      std::fill(peer.begin() + 1, peer.end(), std::uint8_t{0xff});
      peer[0] |= 0xf0;
    }
    ASSERT_EQ(hex(x25519(own, peer).value()), hex(openssl_x25519(own, peer)));
  }
}

TEST(ChaCha20Poly1305, MatchesRfc8439Section282) {
  const Key k = key("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
  const Nonce nonce = {0x07, 0, 0, 0, 0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47};
  const Buffer aad = unhex("50515253c0c1c2c3c4c5c6c7");
  const Bytes plain = as_bytes(
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
      "sunscreen would be "
      "it.");
  const char* expected =
      "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92"
      "728b1a71de0a9e06"
      "0b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def0"
      "8e4b7a9de576d265"
      "86cec64b61161ae10b594f09e26a7e902ecbd0600691";
  Buffer sealed(plain.size() + tag_size);
  EXPECT_EQ(seal(k, nonce, aad, plain, sealed), sealed.size());
  EXPECT_EQ(hex(sealed), expected);
  Buffer opened(plain.size());
  EXPECT_EQ(open(k, nonce, aad, sealed, opened), plain.size());
  EXPECT_EQ(hex(opened), hex(plain));
}

TEST(ChaCha20Poly1305, AgreesWithOpenSslOnRandomInput) {
  Random random;
  for (int i = 0; i < 500; ++i) {
    const Key k = random_key(random);
    Nonce nonce{};
    for (auto& b : nonce) b = random.byte();
    const Buffer aad = random.bytes(random.below(70));
    const Buffer plain = random.bytes(random.below(300));
    Buffer sealed(plain.size() + tag_size);
    ASSERT_EQ(seal(k, nonce, aad, plain, sealed), sealed.size());

    Buffer theirs(sealed.size());
    EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
    int size = 0;
    EVP_EncryptInit_ex(context, EVP_chacha20_poly1305(), nullptr, k.data(), nonce.data());
    if (!aad.empty())
      EVP_EncryptUpdate(context, nullptr, &size, aad.data(), static_cast<int>(aad.size()));
    if (!plain.empty())
      EVP_EncryptUpdate(context, theirs.data(), &size, plain.data(),
                        static_cast<int>(plain.size()));
    EVP_EncryptFinal_ex(context, theirs.data() + plain.size(), &size);
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, tag_size, theirs.data() + plain.size());
    EVP_CIPHER_CTX_free(context);
    ASSERT_EQ(hex(sealed), hex(theirs));
  }
}

TEST(ChaCha20Poly1305, OpensInPlace) {
  const Key k = {1};
  const Nonce nonce = {2};
  Buffer buffer(5 + tag_size);
  ASSERT_TRUE(seal(k, nonce, {}, as_bytes("hello"), buffer).has_value());
  EXPECT_EQ(open(k, nonce, {}, buffer, buffer), 5u);
  EXPECT_EQ(hex(Bytes(buffer).first(5)), hex(as_bytes("hello")));
}

TEST(ChaCha20Poly1305, AnyChangedBitIsNoticed) {
  const Key k = {1};
  const Nonce nonce = {2};
  const Buffer aad = unhex("a1a2");
  Buffer sealed(5 + tag_size);
  ASSERT_TRUE(seal(k, nonce, aad, as_bytes("hello"), sealed).has_value());
  Buffer out(5);
  for (std::size_t bit = 0; bit < 8 * sealed.size(); ++bit) {
    Buffer bad = sealed;
    bad[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    ASSERT_EQ(open(k, nonce, aad, bad, out).error(), CryptoError::bad_tag) << bit;
  }
  EXPECT_EQ(open(k, nonce, unhex("a1a3"), sealed, out).error(), CryptoError::bad_tag);
  EXPECT_EQ(open(k, Nonce{3}, aad, sealed, out).error(), CryptoError::bad_tag);
  EXPECT_EQ(open(Key{2}, nonce, aad, sealed, out).error(), CryptoError::bad_tag);
  EXPECT_EQ(open(k, nonce, aad, Bytes(sealed).first(tag_size - 1), out).error(),
            CryptoError::bad_tag);
}

TEST(ChaCha20Poly1305, SmallBuffersAreReported) {
  Buffer out(4 + tag_size);
  EXPECT_EQ(seal({}, {}, {}, as_bytes("hello"), out).error(), CryptoError::no_space);
  Buffer sealed(5 + tag_size);
  ASSERT_TRUE(seal({}, {}, {}, as_bytes("hello"), sealed).has_value());
  EXPECT_EQ(open({}, {}, {}, sealed, MutableBytes(out).first(4)).error(), CryptoError::no_space);
}

TEST(Wipe, LeavesZeros) {
  Buffer secret(40, 0xaa);
  wipe(secret);
  EXPECT_EQ(secret, Buffer(40));
}

}  // namespace
}  // namespace rollcall::crypto
