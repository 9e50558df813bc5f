// The Noise handshake against the vectors of another implementation.
#include "protocol/noise.hpp"

#include <gtest/gtest.h>

#include "tests/unit/protocol/support.hpp"

namespace rollcall::protocol::noise {
namespace {

using testing::as_bytes;
using testing::Buffer;
using testing::hex;
using testing::unhex;

crypto::Key key(std::string_view text) {
  crypto::Key out{};
  std::ranges::copy(unhex(text), out.begin());
  return out;
}

// Noise_NNpsk0_25519_ChaChaPoly_SHA256 of the cacophony test vectors, as published with
// mcginty/snow (tests/vectors/cacophony.txt).
const crypto::Key psk = key("54686973206973206d7920417573747269616e20706572737065637469766521");
const crypto::Key initiator =
    key("893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a");
const crypto::Key responder =
    key("bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b");
constexpr const char* prologue = "4a6f686e2047616c74";
constexpr const char* handshake_hash =
    "f4d03dc34495c95729ea6de9e1b59004b59733102488b3e24bc441e0be208eaf";
struct Message {
  const char* payload;
  const char* sealed;
};
constexpr Message messages[] = {
    {"4c756477696720766f6e204d69736573",
     "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c794479b962b8aff8485742ac32f905ba"
     "45369e2465fb59e138a93d67a0d1266b6a54"},
    {"4d757272617920526f746862617264",
     "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843d6062704d5a9c422a8e834423f8c"
     "1feada7e8d0d910a1a2cd030fb584221e3"},
    {"462e20412e20486179656b", "e632c3763d7669067383433197a3baddf146e9e70ad4b4e9e59e0f"},
    {"4361726c204d656e676572", "64c6bee32ea91c8474bb4c21d7a700109ad45af77b29764ba5eb1e"},
    {"4a65616e2d426170746973746520536179",
     "e2fa0bed0603b62d3ccac2ecabbf3fe33f3e86514909b323361626266cb2471cc8"},
    {"457567656e2042f6686d20766f6e2042617765726b",
     "0c01dc9cec1fe4ddd692e8dd32188aa351088dc91183639a53b57aa4692b5ebdef8b8ca111"},
};

struct Ends {
  // The prologue is what both parts give together, wherever it is cut.
  explicit Ends(std::size_t cut = 4)
      : first(begin(Bytes(unhex(prologue)).first(cut), Bytes(unhex(prologue)).subspan(cut)), psk),
        second(begin(unhex(prologue), {}), psk) {}

  HandshakeState first;
  HandshakeState second;
};

TEST(Noise, HandshakeMatchesTheVector) {
  Ends ends;
  Buffer wire(100);
  Buffer plain(100);
  const Buffer hello = unhex(messages[0].payload);
  auto size = ends.first.write_first(initiator, hello, wire);
  ASSERT_TRUE(size.has_value());
  EXPECT_EQ(hex(Bytes(wire).first(*size)), messages[0].sealed);
  size = ends.second.read_first(Bytes(wire).first(*size), plain);
  ASSERT_TRUE(size.has_value());
  EXPECT_EQ(hex(Bytes(plain).first(*size)), messages[0].payload);

  size = ends.second.write_second(responder, unhex(messages[1].payload), wire);
  ASSERT_TRUE(size.has_value());
  EXPECT_EQ(hex(Bytes(wire).first(*size)), messages[1].sealed);
  size = ends.first.read_second(Bytes(wire).first(*size), plain);
  ASSERT_TRUE(size.has_value());
  EXPECT_EQ(hex(Bytes(plain).first(*size)), messages[1].payload);

  EXPECT_EQ(hex(ends.first.hash()), handshake_hash);
  EXPECT_EQ(hex(ends.second.hash()), handshake_hash);
  EXPECT_EQ(ends.first.keys().initiator, ends.second.keys().initiator);
  EXPECT_EQ(ends.first.keys().responder, ends.second.keys().responder);
}

TEST(Noise, TransportMessagesMatchTheVector) {
  Ends ends;
  Buffer wire(100);
  Buffer plain(100);
  auto size = ends.first.write_first(initiator, unhex(messages[0].payload), wire);
  ASSERT_TRUE(ends.second.read_first(Bytes(wire).first(*size), plain).has_value());
  size = ends.second.write_second(responder, unhex(messages[1].payload), wire);
  ASSERT_TRUE(ends.first.read_second(Bytes(wire).first(*size), plain).has_value());
  const TransportKeys keys = ends.first.keys();
  for (std::size_t i = 2; i < std::size(messages); ++i) {
    const crypto::Key& sending = i % 2 == 0 ? keys.initiator : keys.responder;
    const auto sealed =
        crypto::seal(sending, nonce_of((i - 2) / 2), {}, unhex(messages[i].payload), wire);
    ASSERT_TRUE(sealed.has_value());
    EXPECT_EQ(hex(Bytes(wire).first(*sealed)), messages[i].sealed) << i;
  }
}

TEST(Noise, ProloguePartsAreJoined) {
  for (std::size_t cut = 0; cut <= 9; ++cut) {
    Ends ends(cut);
    Buffer wire(100);
    const auto size = ends.first.write_first(initiator, unhex(messages[0].payload), wire);
    EXPECT_EQ(hex(Bytes(wire).first(*size)), messages[0].sealed);
  }
}

TEST(Noise, NonceIsTheCounterBehindFourZeros) {
  EXPECT_EQ(hex(nonce_of(0)), "000000000000000000000000");
  EXPECT_EQ(hex(nonce_of(0x0123456789abcdef)), "00000000efcdab8967452301");
}

// The Noise Protocol Framework, section 4.2: ENCRYPT(k, 2^64-1, "", zeros), its first 32 bytes. Of
// a ChaCha20-Poly1305 over zeros these are the key stream of block 1.
TEST(Noise, RekeyIsTheKeyStreamUnderTheLastNonce) {
  const crypto::Key old = key("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
  Buffer sealed(48);
  const crypto::Nonce last = {0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  ASSERT_TRUE(crypto::seal(old, last, {}, Buffer(32), sealed).has_value());
  EXPECT_EQ(hex(rekey(old)), hex(Bytes(sealed).first(32)));
  EXPECT_NE(rekey(rekey(old)), rekey(old));
}

TEST(Noise, AnyChangedBitOfEitherMessageIsNoticed) {
  Ends ends;
  Buffer first(48);
  ASSERT_EQ(ends.first.write_first(initiator, {}, first), 48u);
  for (std::size_t bit = 0; bit < 8 * first.size(); ++bit) {
    Buffer changed = first;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    HandshakeState reader(begin(unhex(prologue), {}), psk);
    ASSERT_EQ(reader.read_first(changed, {}).error(), crypto::CryptoError::bad_tag) << bit;
  }
  ASSERT_TRUE(ends.second.read_first(first, {}).has_value());
  Buffer second(48);
  ASSERT_EQ(ends.second.write_second(responder, {}, second), 48u);
  for (std::size_t bit = 0; bit < 8 * second.size(); ++bit) {
    Buffer changed = second;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    HandshakeState reader = ends.first;
    ASSERT_FALSE(reader.read_second(changed, {}).has_value()) << bit;
  }
  EXPECT_TRUE(ends.first.read_second(second, {}).has_value());
}

TEST(Noise, OtherKeyOrPrologueIsNoticedAtTheFirstMessage) {
  Ends ends;
  Buffer first(48);
  ASSERT_TRUE(ends.first.write_first(initiator, {}, first).has_value());
  crypto::Key other = psk;
  other[31] ^= 1;
  HandshakeState wrong_key(begin(unhex(prologue), {}), other);
  EXPECT_EQ(wrong_key.read_first(first, {}).error(), crypto::CryptoError::bad_tag);
  HandshakeState wrong_prologue(begin(as_bytes("John Galu"), {}), psk);
  EXPECT_EQ(wrong_prologue.read_first(first, {}).error(), crypto::CryptoError::bad_tag);
}

TEST(Noise, ShortMessagesAndSmallBuffersAreReported) {
  Ends ends;
  Buffer small(47);
  EXPECT_EQ(ends.first.write_first(initiator, {}, small).error(), crypto::CryptoError::no_space);
  EXPECT_EQ(ends.second.read_first(small, {}).error(), crypto::CryptoError::bad_tag);
  EXPECT_EQ(ends.second.write_second(responder, {}, small).error(), crypto::CryptoError::no_space);
  EXPECT_EQ(ends.first.read_second(small, {}).error(), crypto::CryptoError::bad_tag);
}

// RFC 7748 section 6.1: an all-zero shared secret comes from a point of small order.
TEST(Noise, PointOfSmallOrderInTheSecondMessageIsRefused) {
  Ends ends;
  Buffer first(48);
  ASSERT_TRUE(ends.first.write_first(initiator, {}, first).has_value());
  EXPECT_EQ(ends.first.read_second(Buffer(48), {}).error(), crypto::CryptoError::weak_key);
}

TEST(Noise, WipeLeavesNothing) {
  Ends ends;
  Buffer first(48);
  ASSERT_TRUE(ends.first.write_first(initiator, {}, first).has_value());
  ends.first.wipe();
  EXPECT_EQ(ends.first.hash(), crypto::Digest{});
  EXPECT_EQ(ends.first.keys().initiator, HandshakeState().keys().initiator);
}

}  // namespace
}  // namespace rollcall::protocol::noise
