// What a line means that a reader prints: the number of a card, or a code. Pure.
//
// Two families are on the market. 13.56 MHz readers print the chip number of ISO/IEC 14443, 4, 7 or
// 10 bytes, first byte first or last. 125 kHz readers print the 5 bytes of an EM4100 card: all of
// them in hex ("10H"), or the last 4 in decimal ("8H10D", as printed on the cards).
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rollcall::readers {

// Characters of a line; all formats stay far below.
inline constexpr std::size_t longest_line = 64;

enum class LineFormat : std::uint8_t {
  uid_hex,               // 8, 10, 14 or 20 hex digits
  uid_hex_reversed,      // the same, last byte first
  uid_decimal,           // 10 digits: a number of 4 bytes; 17: of 7
  uid_decimal_reversed,  // the same, last byte first
  em_decimal,            // 10 digits: the last 4 bytes of an EM4100 card; 12 or 13: all 5
  code,                  // 6 to 10 digits in place of a card
};
inline constexpr std::string_view line_formats =
    "uid_hex, uid_hex_reversed, uid_decimal, uid_decimal_reversed, em_decimal, code";
std::optional<LineFormat> line_format_from(std::string_view text);

struct LineReading {
  enum class What : std::uint8_t {
    card,
    random_card,  // its number is made anew each time (ISO/IEC 14443-3 6.5.4)
    code,
  };
  What what = What::card;
  // A chip number, as hal::Card has it; or the digits in ASCII.
  std::vector<std::uint8_t> bytes;

  bool operator==(const LineReading&) const = default;
};

// `line` without its end; spaces around it are no matter. Otherwise a clause that says what is
// wrong, and nothing of the line: it may be the number of a card.
std::expected<LineReading, std::string> read_line(std::string_view line, LineFormat format);

}  // namespace rollcall::readers
