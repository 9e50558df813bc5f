#include "hal/host/readers/line_format.hpp"

#include <cstdlib>
#include <random>

#include <gtest/gtest.h>

namespace rollcall::readers {
namespace {

using What = LineReading::What;
using Format = LineFormat;

std::vector<std::uint8_t> ascii(std::string_view text) {
  return {text.begin(), text.end()};
}

struct Good {
  const char* line;
  Format format;
  LineReading reading;
};

// The EM4100 card 01026F6C3A is the example of a maker of readers, in hex and both decimals.
const Good good[] = {
    {"04C0FFEE000001", Format::uid_hex, {What::card, {0x04, 0xC0, 0xFF, 0xEE, 0, 0, 1}}},
    {"04c0ffee000001", Format::uid_hex, {What::card, {0x04, 0xC0, 0xFF, 0xEE, 0, 0, 1}}},
    {"010000EEFFC004", Format::uid_hex_reversed, {What::card, {0x04, 0xC0, 0xFF, 0xEE, 0, 0, 1}}},
    {"  DEADBEEF ", Format::uid_hex, {What::card, {0xDE, 0xAD, 0xBE, 0xEF}}},
    {"01026F6C3A", Format::uid_hex, {What::card, {0x01, 0x02, 0x6F, 0x6C, 0x3A}}},
    {"00112233445566778899",
     Format::uid_hex,
     {What::card, {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99}}},
    {"08112233", Format::uid_hex, {What::random_card, {0x08, 0x11, 0x22, 0x33}}},
    {"33221108", Format::uid_hex_reversed, {What::random_card, {0x08, 0x11, 0x22, 0x33}}},
    {"3735928559", Format::uid_decimal, {What::card, {0xDE, 0xAD, 0xBE, 0xEF}}},
    {"4022250974", Format::uid_decimal_reversed, {What::card, {0xDE, 0xAD, 0xBE, 0xEF}}},
    {"0000000001", Format::uid_decimal, {What::card, {0, 0, 0, 1}}},
    {"4294967295", Format::uid_decimal, {What::card, {0xFF, 0xFF, 0xFF, 0xFF}}},
    {"01339153855302657",
     Format::uid_decimal,
     {What::card, {0x04, 0xC1, 0xF4, 0x0D, 0xD8, 0x4C, 0x01}}},
    {"0135340595", Format::uid_decimal, {What::random_card, {0x08, 0x11, 0x22, 0x33}}},
    {"0040856634", Format::em_decimal, {What::card, {0x02, 0x6F, 0x6C, 0x3A}}},
    {"004335823930", Format::em_decimal, {What::card, {0x01, 0x02, 0x6F, 0x6C, 0x3A}}},
    {"0004335823930", Format::em_decimal, {What::card, {0x01, 0x02, 0x6F, 0x6C, 0x3A}}},
    {"0135340595", Format::em_decimal, {What::card, {0x08, 0x11, 0x22, 0x33}}},
    {"12345678", Format::code, {What::code, ascii("12345678")}},
    {"00000000", Format::code, {What::code, ascii("00000000")}},
};

TEST(LineFormats, WhatReadersPrintIsRead) {
  for (const Good& one : good) {
    const auto reading = read_line(one.line, one.format);
    ASSERT_TRUE(reading) << one.line << ": " << reading.error();
    EXPECT_EQ(*reading, one.reading) << one.line;
  }
}

struct Bad {
  const char* line;
  Format format;
  const char* why;
};

const Bad bad[] = {
    {"", Format::uid_hex, "it has 0 characters in place of 8, 10, 14 or 20"},
    {"   ", Format::code, "it has 0 characters in place of 6 to 10"},
    {"04C0FFEE00000", Format::uid_hex, "it has 13 characters in place of 8, 10, 14 or 20"},
    {"04C0FFEE0000GG", Format::uid_hex, "it has other characters than hex digits"},
    {"0x04C0FFEE", Format::uid_hex, "it has other characters than hex digits"},
    {"4294967296", Format::uid_decimal, "it is above any number of 4 bytes"},
    {"99999999999999999", Format::uid_decimal, "it is above any number of 7 bytes"},
    {"40856634", Format::uid_decimal, "it has 8 characters in place of 10 or 17"},
    {"0004335823930", Format::uid_decimal, "it has 13 characters in place of 10 or 17"},
    {"111,27706", Format::em_decimal, "it has other characters than digits"},
    {"9999999999999", Format::em_decimal, "it is above any number of 5 bytes"},
    {"-123456789", Format::uid_decimal, "it has other characters than digits"},
    {"12345", Format::code, "it has 5 characters in place of 6 to 10"},
    {"12345678901", Format::code, "it has 11 characters in place of 6 to 10"},
    {"1234 5678", Format::code, "it has other characters than digits"},
    {"https://example.org/12345678", Format::code, "it has other characters than digits"},
    {"\xEF\xBC\x91\xEF\xBC\x92", Format::code, "it has other characters than digits"},
};

TEST(LineFormats, WhatIsNoneOfTheFormatIsRefusedWithoutRepeatingIt) {
  for (const Bad& one : bad) {
    const auto reading = read_line(one.line, one.format);
    ASSERT_FALSE(reading) << one.line;
    EXPECT_EQ(reading.error(), one.why) << one.line;
  }
  EXPECT_EQ(read_line(std::string(longest_line + 1, '1'), Format::code).error(), "it is too long");
  EXPECT_FALSE(read_line(std::string_view("1234\0\0", 6), Format::code));
}

TEST(LineFormats, EachHasTheNameThatTheConfigurationKnows) {
  std::string names;
  for (const Format format : {Format::uid_hex, Format::uid_hex_reversed, Format::uid_decimal,
                              Format::uid_decimal_reversed, Format::em_decimal, Format::code}) {
    std::string_view rest = line_formats;
    for (auto i = static_cast<unsigned>(format); i > 0; --i)
      rest = rest.substr(rest.find(", ") + 2);
    EXPECT_EQ(line_format_from(rest.substr(0, rest.find(", "))), format);
  }
  EXPECT_FALSE(line_format_from(""));
  EXPECT_FALSE(line_format_from("hex"));
}

class AnyLine : public testing::Test {
 protected:
  AnyLine() {
    const char* given = std::getenv("ROLLCALL_SEED");
    seed_ = given != nullptr ? static_cast<unsigned>(std::stoul(given)) : std::random_device{}();
    random_.seed(seed_);
  }
  std::string line() {
    static constexpr std::string_view likely = "0123456789abcdefABCDEF";
    std::string text(random_() % 80, '0');
    const bool wild = random_() % 4 == 0;
    for (char& c : text)
      c = wild && random_() % 8 == 0 ? static_cast<char>(random_())
                                     : likely[random_() % (random_() % 2 == 0 ? 10 : 22)];
    return text;
  }

  unsigned seed_ = 0;
  std::mt19937 random_;
};

TEST_F(AnyLine, IsReadingOfABoundedSizeOrAClause) {
  SCOPED_TRACE("ROLLCALL_SEED=" + std::to_string(seed_));
  for (int i = 0; i < 200'000; ++i) {
    const std::string text = line();
    const auto format = static_cast<Format>(random_() % 6);
    const auto reading = read_line(text, format);
    if (!reading) {
      ASSERT_TRUE(reading.error().starts_with("it ")) << text;
      continue;
    }
    ASSERT_GE(reading->bytes.size(), 4u) << text;
    ASSERT_LE(reading->bytes.size(), 10u) << text;
    ASSERT_EQ(reading->what == What::code, format == Format::code) << text;
  }
}

// The number of a card, printed in each way, is read as the same number.
TEST_F(AnyLine, PrintedInAnyFormatIsTheSameCard) {
  SCOPED_TRACE("ROLLCALL_SEED=" + std::to_string(seed_));
  for (int i = 0; i < 50'000; ++i) {
    const std::size_t size = random_() % 2 == 0 ? 4 : 7;
    std::vector<std::uint8_t> number(size);
    std::uint64_t value = 0, backwards = 0;
    char digits[3];
    std::string hex, hex_backwards;
    for (std::size_t at = 0; at < size; ++at) {
      number[at] = static_cast<std::uint8_t>(random_());
      value = value << 8 | number[at];
      backwards |= std::uint64_t{number[at]} << (8 * at);
      std::snprintf(digits, sizeof digits, "%02X", number[at]);
      hex += digits;
      hex_backwards = digits + hex_backwards;
    }
    const auto decimal = [&](std::uint64_t of) {
      std::string text = std::to_string(of);
      return text.insert(0, (size == 4 ? 10 : 17) - text.size(), '0');
    };
    const auto read = [](const std::string& line, Format format) {
      return read_line(line, format).value().bytes;
    };
    ASSERT_EQ(read(hex, Format::uid_hex), number);
    ASSERT_EQ(read(hex_backwards, Format::uid_hex_reversed), number);
    ASSERT_EQ(read(decimal(value), Format::uid_decimal), number);
    ASSERT_EQ(read(decimal(backwards), Format::uid_decimal_reversed), number);
  }
}

}  // namespace
}  // namespace rollcall::readers
