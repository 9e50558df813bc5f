#include "protocol/sealed_reading.hpp"

#include <gtest/gtest.h>

#include "tests/unit/protocol/support.hpp"

namespace rollcall::protocol::testing {
namespace {

crypto::Key random_key(Random& random) {
  crypto::Key out{};
  for (auto& b : out) b = random.byte();
  return out;
}

struct Terminal {
  crypto::Key ephemeral_private;
  crypto::Key ephemeral_public;
  crypto::Key secret;

  Terminal(Random& random, const crypto::Key& site_public, const StorageEpoch& epoch,
           std::uint32_t unit)
      : ephemeral_private(random_key(random)),
        ephemeral_public(crypto::x25519_public(ephemeral_private).value()),
        secret(derive_unit_key(ephemeral_private, ephemeral_public, site_public, epoch, unit)
                   .value()) {}
};

QueuedTap queue(const Terminal& terminal, std::uint32_t unit, const Tap& tap) {
  QueuedTap out;
  out.epoch = tap.epoch;
  out.number = tap.number;
  out.boot = tap.boot;
  out.monotonic_ms = tap.monotonic_ms;
  out.wall_ms = tap.wall_ms;
  out.trust = tap.trust;
  out.unit = unit;
  out.unit_key = terminal.ephemeral_public;
  EXPECT_TRUE(seal_reading(terminal.secret, tap, out).has_value());
  return out;
}

struct SealedReading : ::testing::Test {
  Random random;
  crypto::Key site_private = random_key(random);
  crypto::Key site_public = crypto::x25519_public(site_private).value();
};

TEST_F(SealedReading, OpensToTheVeryTapAndItsDigest) {
  for (int i = 0; i < 20; ++i) {
    const auto tap = random_message<Tap>(random);
    const auto unit = static_cast<std::uint32_t>(random.number(32));
    const Terminal terminal(random, site_public, tap.epoch, unit);
    const QueuedTap queued = decode<QueuedTap>(encoded(queue(terminal, unit, tap))).value();
    const auto opened = open_reading(site_private, queued);
    ASSERT_TRUE(opened.has_value());
    EXPECT_EQ(hex(encoded(*opened)), hex(encoded(tap)));
    EXPECT_EQ(tap_digest(*opened), tap_digest(tap));
  }
}

TEST_F(SealedReading, HidesTheReading) {
  Tap tap;
  tap.reading.assign(as_bytes("ABCDEF123456"));
  const Terminal terminal(random, site_public, tap.epoch, 1);
  const Buffer wire = encoded(queue(terminal, 1, tap));
  EXPECT_EQ(hex(wire).find(hex(tap.reading.view())), std::string::npos);
}

TEST_F(SealedReading, AnyOtherFieldChangedIsNoticed) {
  const auto tap = random_message<Tap>(random);
  const Terminal terminal(random, site_public, tap.epoch, 9);
  const QueuedTap good = queue(terminal, 9, tap);
  for (const Field& field : QueuedTap::fields) {
    QueuedTap bad = good;
    // One bit of the value itself: a Bounded begins with its size.
    auto* at = reinterpret_cast<std::uint8_t*>(&bad) + field.offset +
               (field.kind == FieldKind::bytes ? 2 : 0);
    *at ^= 1;
    const auto opened = open_reading(site_private, bad);
    ASSERT_FALSE(opened.has_value()) << field.name;
    EXPECT_EQ(opened.error(), crypto::CryptoError::bad_tag) << field.name;
  }
  EXPECT_FALSE(open_reading(random_key(random), good).has_value());
}

TEST_F(SealedReading, TooShortIsRefused) {
  Tap tap;
  const Terminal terminal(random, site_public, tap.epoch, 1);
  QueuedTap queued = queue(terminal, 1, tap);
  for (std::uint16_t size = 0; size < queued.sealed.size; ++size) {
    QueuedTap shorter = queued;
    shorter.sealed.size = size;
    EXPECT_EQ(open_reading(site_private, shorter).error(), crypto::CryptoError::bad_tag);
  }
  // Nothing but a tag: rightly sealed, and no reading inside.
  const auto size = crypto::seal(terminal.secret, {}, Buffer(45), {}, queued.sealed.data);
  queued.sealed.size = static_cast<std::uint16_t>(*size);
  EXPECT_FALSE(open_reading(site_private, queued).has_value());
}

TEST_F(SealedReading, EachUnitEpochAndKeyHasItsOwnSecret) {
  const crypto::Key ephemeral = random_key(random);
  const crypto::Key ephemeral_public = crypto::x25519_public(ephemeral).value();
  StorageEpoch epoch{};
  const auto secret = derive_unit_key(ephemeral, ephemeral_public, site_public, epoch, 1).value();
  EXPECT_NE(secret, derive_unit_key(ephemeral, ephemeral_public, site_public, epoch, 2).value());
  epoch[15] = 1;
  EXPECT_NE(secret, derive_unit_key(ephemeral, ephemeral_public, site_public, epoch, 1).value());
}

TEST_F(SealedReading, WeakSiteKeyIsRefused) {
  EXPECT_EQ(derive_unit_key(site_private, site_public, crypto::Key{}, {}, 1).error(),
            crypto::CryptoError::weak_key);
}

// The format as written down in the header, computed step by step.
TEST_F(SealedReading, IsWhatTheFormatSays) {
  auto tap = random_message<Tap>(random);
  tap.kind = ReadingKind::uid;
  tap.reading.assign(unhex("04a1b2c3d4e5f6"));
  const Terminal terminal(random, site_public, tap.epoch, 0x01020304);
  const QueuedTap queued = queue(terminal, 0x01020304, tap);

  const auto append_be = [](Buffer& to, std::uint64_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; --i) to.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  };
  const auto label = as_bytes("rollcall queue v1");
  Buffer info(label.begin(), label.end());
  append_be(info, 0x01020304, 4);
  info.insert(info.end(), queued.unit_key.begin(), queued.unit_key.end());
  crypto::Key secret{};
  crypto::hkdf_sha256(tap.epoch, crypto::x25519(site_private, queued.unit_key).value(), info,
                      secret);

  Buffer aad(tap.epoch.begin(), tap.epoch.end());
  append_be(aad, tap.number, 8);
  append_be(aad, tap.boot, 4);
  append_be(aad, tap.monotonic_ms, 8);
  append_be(aad, static_cast<std::uint64_t>(tap.wall_ms), 8);
  aad.push_back(static_cast<std::uint8_t>(tap.trust));
  crypto::Nonce nonce{};
  Buffer number;
  append_be(number, tap.number, 8);
  std::ranges::copy(number, nonce.begin() + 4);
  Buffer plain(8);
  ASSERT_EQ(crypto::open(secret, nonce, aad, queued.sealed.view(), plain), 8u);
  EXPECT_EQ(hex(plain), "0104a1b2c3d4e5f6");
}

}  // namespace
}  // namespace rollcall::protocol::testing
