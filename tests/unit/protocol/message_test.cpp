// The codec of messages against nlohmann::json's CBOR, and the rules of append-only growth.
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "protocol/crypto/crypto.hpp"
#include "protocol/frame.hpp"
#include "tests/unit/protocol/support.hpp"

namespace rollcall::protocol::testing {
namespace {

using nlohmann::json;

const std::size_t rounds = long_run() ? 100'000 : 2'000;

TEST(Message, EncodesLikeAnIndependentCodec) {
  Random random;
  for_each_message([&]<class Message>() {
    for (std::size_t i = 0; i < rounds; ++i) {
      const auto message = random_message<Message>(random);
      ASSERT_EQ(hex(encoded(message)), hex(json::to_cbor(to_json(message))));
    }
  });
}

TEST(Message, DecodesWhatAnIndependentCodecEncodes) {
  Random random;
  for_each_message([&]<class Message>() {
    for (std::size_t i = 0; i < rounds; ++i) {
      const json sent = to_json(random_message<Message>(random));
      const auto received = decode<Message>(json::to_cbor(sent));
      ASSERT_TRUE(received.has_value()) << sent;
      ASSERT_EQ(to_json(*received), sent);
    }
  });
}

TEST(Message, IndependentCodecDecodesOurs) {
  Random random;
  for_each_message([&]<class Message>() {
    const auto message = random_message<Message>(random);
    EXPECT_EQ(json::from_cbor(encoded(message)), to_json(message));
  });
}

TEST(Message, NeverExceedsItsDeclaredSize) {
  Random random;
  for_each_message([&]<class Message>() {
    Message message;
    for (const Field& field : Message::fields) {
      auto* at = reinterpret_cast<std::uint8_t*>(&message) + field.offset;
      switch (field.kind) {
        case FieldKind::u8:
          *at = 0xff;
          break;
        case FieldKind::u16:
          std::memset(at, 0xff, 2);
          break;
        case FieldKind::u32:
          std::memset(at, 0xff, 4);
          break;
        case FieldKind::u64:
          std::memset(at, 0xff, 8);
          break;
        case FieldKind::i64: {
          const auto lowest = std::numeric_limits<std::int64_t>::min();
          std::memcpy(at, &lowest, 8);
          break;
        }
        case FieldKind::boolean:
          *at = 1;
          break;
        case FieldKind::fixed:
          break;
        case FieldKind::bytes:
        case FieldKind::text:
          std::memcpy(at, &field.capacity, 2);
          std::memset(at + 2, 'x', field.capacity);
          break;
      }
    }
    const Buffer full = encoded(message);
    EXPECT_LE(full.size(), max_encoded_size(Message::fields));
    for (std::size_t size = 0; size < full.size(); ++size) {
      Buffer small(size);
      EXPECT_EQ(encode(message, small).error(), CodecError::no_space);
    }
  });
}

TEST(Message, EveryPrefixIsRefusedAsTruncated) {
  Random random;
  for_each_message([&]<class Message>() {
    const Buffer whole = encoded(random_message<Message>(random));
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const auto result = decode<Message>(Bytes(whole).first(size));
      ASSERT_FALSE(result.has_value());
      EXPECT_EQ(result.error(), CodecError::truncated);
    }
  });
}

TEST(Message, BytesBehindTheArrayAreRefused) {
  Buffer whole = encoded(GaveUp{});
  whole.push_back(0x00);
  EXPECT_EQ(decode<GaveUp>(whole).error(), CodecError::trailing);
}

TEST(Message, UnknownTrailingItemsAreSkipped) {
  Random random;
  const json extras[] = {7,
                         -7,
                         "later",
                         json::binary({1, 2, 3}),
                         true,
                         nullptr,
                         1.5,
                         json::array({1, json::array({2, json::array({3})})}),
                         json::object({{"a", json::array({1, 2})}})};
  for_each_message([&]<class Message>() {
    const auto message = random_message<Message>(random);
    json longer = to_json(message);
    for (const json& extra : extras) longer.push_back(extra);
    const auto received = decode<Message>(json::to_cbor(longer));
    ASSERT_TRUE(received.has_value()) << longer;
    EXPECT_EQ(to_json(*received), to_json(message));
  });
}

TEST(Message, TrailingItemsNestOnlySoDeep) {
  const auto nested = [](int depth) {
    json item = 1;
    for (int i = 0; i < depth; ++i) item = json::array({item});
    json message = to_json(ScreenShow{});
    message.push_back(item);
    return decode<ScreenShow>(json::to_cbor(message));
  };
  EXPECT_TRUE(nested(max_skip_depth).has_value());
  EXPECT_EQ(nested(max_skip_depth + 1).error(), CodecError::too_deep);
}

TEST(Message, MissingRequiredFieldIsRefused) {
  Random random;
  for_each_message([&]<class Message>() {
    json shorter = to_json(random_message<Message>(random));
    while (shorter.size() > 1) {
      shorter.erase(shorter.size() - 1);
      EXPECT_EQ(decode<Message>(json::to_cbor(shorter)).error(), CodecError::missing_field);
    }
  });
}

// What a message of today looks like after a later version has appended to it.
struct Grown {
  std::uint32_t old_field = 0;
  std::uint16_t new_number = 77;
  Bounded<8> new_text;

  static constexpr std::uint16_t op = 63;
  static const std::array<Field, 3> fields;
};
constexpr std::array<Field, 3> Grown::fields = {ROLLCALL_FIELD(Grown, old_field, u32, 0),
                                                ROLLCALL_FIELD(Grown, new_number, u16, 0, false),
                                                ROLLCALL_FIELD(Grown, new_text, text, 8, false)};

TEST(Message, MissingOptionalFieldKeepsItsDefault) {
  const auto from_old_peer = decode<Grown>(json::to_cbor(json::array({63, 5})));
  ASSERT_TRUE(from_old_peer.has_value());
  EXPECT_EQ(from_old_peer->old_field, 5u);
  EXPECT_EQ(from_old_peer->new_number, 77u);
  EXPECT_EQ(from_old_peer->new_text.size, 0u);

  const auto from_new_peer = decode<Grown>(json::to_cbor(json::array({63, 5, 6, "né"})));
  ASSERT_TRUE(from_new_peer.has_value());
  EXPECT_EQ(from_new_peer->new_number, 6u);
  EXPECT_EQ(from_new_peer->new_text.size, 3u);
}

TEST(Message, ValuesOutsideTheirKindAreRefused) {
  const auto result = [](const json& array) { return decode<Grown>(json::to_cbor(array)).error(); };
  EXPECT_EQ(result({62, 5}), CodecError::wrong_op);
  EXPECT_EQ(result({70'000, 5}), CodecError::out_of_range);
  EXPECT_EQ(result(json::array()), CodecError::missing_field);
  EXPECT_EQ(result({63, 0x1'0000'0000}), CodecError::out_of_range);
  EXPECT_EQ(result({63, -1}), CodecError::wrong_type);
  EXPECT_EQ(result({63, "5"}), CodecError::wrong_type);
  EXPECT_EQ(result({63, 5, 65'536}), CodecError::out_of_range);
  EXPECT_EQ(result({63, 5, 6, "nine byte"}), CodecError::out_of_range);
  EXPECT_EQ(result({63, 5, 6, json::binary({1})}), CodecError::wrong_type);
  EXPECT_EQ(result({{"a", 1}}), CodecError::wrong_type);
  EXPECT_EQ(decode<Grown>(unhex("83183f0519ff")).error(), CodecError::truncated);
  EXPECT_EQ(decode<Grown>(unhex("84183f050662ff61")).error(), CodecError::invalid_utf8);
  EXPECT_EQ(decode<Grown>(unhex("82183f1805")).error(), CodecError::not_minimal);
  EXPECT_EQ(decode<Grown>(unhex("9f183f05ff")).error(), CodecError::not_minimal);
}

TEST(Message, FixedFieldMustHaveExactlyItsSize) {
  json short_epoch = to_json(OpenEpoch{});
  short_epoch[1] = json::binary(Buffer(15));
  EXPECT_EQ(decode<OpenEpoch>(json::to_cbor(short_epoch)).error(), CodecError::out_of_range);
  short_epoch[1] = json::binary(Buffer(17));
  EXPECT_EQ(decode<OpenEpoch>(json::to_cbor(short_epoch)).error(), CodecError::out_of_range);
}

TEST(Message, BrokenStructIsNotEncoded) {
  Buffer out(200);
  Tap tap;
  tap.reading.size = max_reading + 1;
  EXPECT_EQ(encode(tap, out).error(), CodecError::out_of_range);
  Hello hello;
  hello.firmware.assign(unhex("c3"));
  EXPECT_EQ(encode(hello, out).error(), CodecError::invalid_utf8);
}

TEST(Message, DamagedInputIsRefusedOrStable) {
  Random random;
  for_each_message([&]<class Message>() {
    for (std::size_t i = 0; i < rounds; ++i) {
      Buffer input = encoded(random_message<Message>(random));
      for (std::size_t n = 1 + random.below(3); n > 0; --n)
        input[random.below(input.size())] = random.byte();
      const auto first = decode<Message>(input);
      if (!first) continue;
      const Buffer again = encoded(*first);
      const auto second = decode<Message>(again);
      ASSERT_TRUE(second.has_value()) << hex(input);
      ASSERT_EQ(encoded(*second), again) << hex(input);
    }
  });
}

TEST(Message, OpIsReadWithoutTheRest) {
  for_each_message([]<class Message>() {
    EXPECT_EQ(peek_op(encoded(Message{})), static_cast<std::uint16_t>(Message::op));
  });
  EXPECT_EQ(peek_op(unhex("82")).error(), CodecError::truncated);
  EXPECT_EQ(peek_op(unhex("80")).error(), CodecError::missing_field);
  EXPECT_EQ(peek_op(unhex("01")).error(), CodecError::wrong_type);
}

TEST(Message, OpsAreUniqueAndOnTheSideThatSendsThem) {
  std::set<std::uint16_t> ops;
  for_each_message([&]<class Message>() {
    const auto op = static_cast<std::uint16_t>(Message::op);
    EXPECT_TRUE(ops.insert(op).second) << op;
    EXPECT_LT(op, 96);  // to 31 from the terminal, to 63 from the host, above from either
  });
  EXPECT_EQ(ops.size(), 43u);
}

constexpr std::size_t serial_room =
    max_body_serial - frame_header_size - frame_crc_size - crypto::tag_size;

TEST(Message, EveryOneFitsASerialFrameWithItsTag) {
  for_each_message([]<class Message>() {
    EXPECT_LE(max_encoded_size(Message::fields), serial_room) << static_cast<int>(Message::op);
  });
}

// Bytes that terminals in the field have sent and will send for ever.
TEST(Message, GoldenBytesStayAsTheyAre) {
  Hello hello;
  hello.capabilities = capability::indicator | capability::queue;
  hello.max_frame = 192;
  hello.serial.assign(as_bytes("B-0001"));
  hello.firmware.assign(as_bytes("0.1.0"));
  hello.boot = 7;
  hello.reset = ResetReason::watchdog;
  EXPECT_EQ(hex(encoded(hello)), "8b0001010c18c066422d3030303165302e312e3007020000");

  Tap tap;
  tap.epoch.fill(0xee);
  tap.number = 300;
  tap.boot = 7;
  tap.monotonic_ms = 90'000;
  tap.wall_ms = 1'762'416'000'000;
  tap.trust = ClockTrust::synced;
  tap.reading.assign(unhex("04a1b2c3d4e5f6"));
  EXPECT_EQ(hex(encoded(tap)),
            "890250eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee19012c071a00015f901b0000019a582dfc0002014704a1b2"
            "c3d4e5f6");
}

}  // namespace
}  // namespace rollcall::protocol::testing
