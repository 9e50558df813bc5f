#include "protocol/cbor.hpp"

#include <gtest/gtest.h>

#include "tests/unit/protocol/cbor_examples.hpp"
#include "tests/unit/protocol/support.hpp"

namespace rollcall::protocol::testing {
namespace {

using nlohmann::json;

void write(cbor::Writer& out, const json& value) {
  if (value.is_boolean()) {
    out.boolean(value);
  } else if (value.is_number_unsigned()) {
    out.unsigned_int(value);
  } else if (value.is_number_integer()) {
    out.signed_int(value);
  } else if (value.is_string()) {
    out.text(as_bytes(value.get_ref<const std::string&>()));
  } else {
    out.array(value.size());
    for (const json& item : value) write(out, item);
  }
}

// Reads an item of the type that `like` has, and gives it as JSON.
json read(cbor::Reader& in, const json& like) {
  if (like.is_boolean()) return in.boolean().value();
  if (like.is_number_unsigned()) return in.unsigned_int().value();
  if (like.is_number_integer()) return in.signed_int().value();
  if (like.is_string()) {
    const Bytes text = in.text().value();
    return std::string(text.begin(), text.end());
  }
  json array = json::array();
  const auto items = in.array().value();
  for (std::uint64_t i = 0; i < items; ++i) array.push_back(read(in, like.at(i)));
  return array;
}

std::expected<void, CodecError> skip_all(Bytes input) {
  cbor::Reader in(input);
  auto done = in.skip();
  if (done && !in.at_end()) return std::unexpected(CodecError::trailing);
  return done;
}

TEST(Cbor, AppendixASupportedExamplesAreEncoded) {
  for (const Example& example : supported_examples) {
    Buffer buffer(100);
    cbor::Writer out(buffer);
    write(out, json::parse(example.value));
    ASSERT_TRUE(out.ok());
    EXPECT_EQ(hex(Bytes(buffer).first(out.size())), example.hex) << example.value;
  }
  for (const Example& example : byte_string_examples) {
    Buffer buffer(100);
    cbor::Writer out(buffer);
    out.bytes(unhex(example.value));
    EXPECT_EQ(hex(Bytes(buffer).first(out.size())), example.hex);
  }
}

TEST(Cbor, AppendixASupportedExamplesAreDecoded) {
  for (const Example& example : supported_examples) {
    const Buffer input = unhex(example.hex);
    cbor::Reader in(input);
    const json expected = json::parse(example.value);
    EXPECT_EQ(read(in, expected), expected) << example.hex;
    EXPECT_TRUE(in.at_end());
  }
  for (const Example& example : byte_string_examples) {
    const Buffer input = unhex(example.hex);
    cbor::Reader in(input);
    EXPECT_EQ(hex(in.bytes().value()), example.value);
  }
}

TEST(Cbor, AppendixADefiniteExamplesAreSkipped) {
  for (const auto& list :
       {std::span<const Example>(supported_examples), {byte_string_examples}, {skipped_examples}}) {
    for (const Example& example : list) {
      EXPECT_TRUE(skip_all(unhex(example.hex)).has_value()) << example.hex << ' ' << example.value;
    }
  }
}

TEST(Cbor, AppendixAPrefixesAreTruncated) {
  for (const auto& list :
       {std::span<const Example>(supported_examples), {byte_string_examples}, {skipped_examples}}) {
    for (const Example& example : list) {
      const Buffer whole = unhex(example.hex);
      for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_EQ(skip_all(Bytes(whole).first(size)).error(), CodecError::truncated) << example.hex;
      }
    }
  }
}

TEST(Cbor, AppendixAIndefiniteExamplesAreRefused) {
  for (const Example& example : indefinite_examples) {
    EXPECT_EQ(skip_all(unhex(example.hex)).error(), CodecError::not_minimal) << example.hex;
  }
}

TEST(Cbor, AppendixAUnsupportedExamplesAreNotMistakenForOtherTypes) {
  for (const Example& example : skipped_examples) {
    const Buffer input = unhex(example.hex);
    EXPECT_FALSE(cbor::Reader(input).unsigned_int().has_value()) << example.hex;
    EXPECT_FALSE(cbor::Reader(input).signed_int().has_value()) << example.hex;
    EXPECT_FALSE(cbor::Reader(input).boolean().has_value()) << example.hex;
    EXPECT_FALSE(cbor::Reader(input).bytes().has_value()) << example.hex;
    EXPECT_FALSE(cbor::Reader(input).text().has_value()) << example.hex;
    const bool is_array = input[0] >> 5 == static_cast<int>(cbor::Major::array);
    EXPECT_EQ(cbor::Reader(input).array().has_value(), is_array) << example.hex;
  }
}

TEST(Cbor, LongerThanShortestHeadsAreRefused) {
  for (const char* input : {"1817", "190017", "1900ff", "1a0000ffff", "1b00000000ffffffff", "3817",
                            "5800", "580141", "780161", "9800", "b800", "d817"}) {
    EXPECT_EQ(skip_all(unhex(input)).error(), CodecError::not_minimal) << input;
  }
}

TEST(Cbor, WhatIsNoItemIsRefused) {
  // Reserved values, a break alone, simple values below 32 in two bytes (RFC 8949 appendix F).
  for (const char* input : {"1c", "1d", "1e", "3c", "5d", "9e", "fc", "fd", "fe", "ff", "1f", "3f",
                            "df", "f800", "f814", "f818", "f81f", "81ff"}) {
    EXPECT_EQ(skip_all(unhex(input)).error(), CodecError::wrong_type) << input;
  }
}

TEST(Cbor, HugeLengthsAreTruncatedInput) {
  for (const char* input :
       {"5bffffffffffffffff", "7bffffffffffffffff", "9bffffffffffffffff", "bbffffffffffffffff",
        "bb8000000000000000", "5affffffff00", "9affffffff00"}) {
    EXPECT_EQ(skip_all(unhex(input)).error(), CodecError::truncated) << input;
  }
}

TEST(Cbor, SignedRangeEndsAtSixtyFourBits) {
  const auto read = [](const char* input) {
    const Buffer bytes = unhex(input);
    return cbor::Reader(bytes).signed_int();
  };
  EXPECT_EQ(read("1b7fffffffffffffff"), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(read("3b7fffffffffffffff"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(read("1b8000000000000000").error(), CodecError::out_of_range);
  EXPECT_EQ(read("3b8000000000000000").error(), CodecError::out_of_range);
}

TEST(Cbor, WriterStopsAtTheFirstItemThatDoesNotFit) {
  std::uint8_t buffer[3];
  cbor::Writer out(buffer);
  out.unsigned_int(1);
  out.unsigned_int(1000);
  EXPECT_FALSE(out.ok());
  out.unsigned_int(2);
  EXPECT_FALSE(out.ok());
  EXPECT_EQ(out.size(), 1u);
}

TEST(Cbor, SkipsWhatAnIndependentCodecWrites) {
  Random random;
  const auto item = [&random](auto& self, int depth) -> json {
    switch (random.below(depth > 0 ? 9 : 7)) {
      case 0:
        return random.number(64);
      case 1:
        return -1 - static_cast<std::int64_t>(random.number(63));
      case 2:
        return random.one_in(2);
      case 3:
        return nullptr;
      case 4:
        return static_cast<double>(random.bits()) / 3;
      case 5:
        return json::binary(random.bytes(random.below(300)));
      case 6:
        return std::string(random.below(70), 'x');
      case 7: {
        json array = json::array();
        for (std::size_t n = random.below(30); n > 0; --n) array.push_back(self(self, depth - 1));
        return array;
      }
      default: {
        json object = json::object();
        for (std::size_t n = random.below(30); n > 0; --n) {
          object[std::to_string(random.below(1000))] = self(self, depth - 1);
        }
        return object;
      }
    }
  };
  for (int i = 0; i < 300; ++i) {
    const auto input = json::to_cbor(item(item, 3));
    ASSERT_TRUE(skip_all(input).has_value()) << hex(input);
  }
}

TEST(Utf8, AcceptsEveryCodePointAndNothingElse) {
  const auto encode = [](std::uint32_t c) -> Buffer {
    const auto tail = [c](int shift) {
      return static_cast<std::uint8_t>(0x80 | (c >> shift & 0x3f));
    };
    if (c < 0x80) return {static_cast<std::uint8_t>(c)};
    if (c < 0x800) return {static_cast<std::uint8_t>(0xc0 | c >> 6), tail(0)};
    if (c < 0x10000) return {static_cast<std::uint8_t>(0xe0 | c >> 12), tail(6), tail(0)};
    return {static_cast<std::uint8_t>(0xf0 | c >> 18), tail(12), tail(6), tail(0)};
  };
  for (std::uint32_t c = 0; c < 0x120000; ++c) {
    const bool surrogate = c >= 0xd800 && c < 0xe000;
    ASSERT_EQ(cbor::is_utf8(encode(c)), !surrogate && c < 0x110000) << c;
  }
  for (const char* bad : {"80", "c0af", "c1bf", "e08080", "e09fbf", "f0808080", "f08fbfbf",
                          "f5808080", "c3", "e6b0", "f09085", "c328", "e62820", "ff"}) {
    EXPECT_FALSE(cbor::is_utf8(unhex(bad))) << bad;
  }
}

}  // namespace
}  // namespace rollcall::protocol::testing
