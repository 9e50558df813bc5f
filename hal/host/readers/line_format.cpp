#include "hal/host/readers/line_format.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace rollcall::readers {
namespace {

using Bytes = std::vector<std::uint8_t>;
using What = LineReading::What;

constexpr std::array<std::pair<std::string_view, LineFormat>, 6> formats{{
    {"uid_hex", LineFormat::uid_hex},
    {"uid_hex_reversed", LineFormat::uid_hex_reversed},
    {"uid_decimal", LineFormat::uid_decimal},
    {"uid_decimal_reversed", LineFormat::uid_decimal_reversed},
    {"em_decimal", LineFormat::em_decimal},
    {"code", LineFormat::code},
}};

constexpr std::size_t least_code = 6;
constexpr std::size_t most_code = 10;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

std::string_view trimmed(std::string_view line) {
  const auto first = line.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return line.substr(first, line.find_last_not_of(' ') - first + 1);
}

std::string size_clause(std::size_t size, std::string_view wanted) {
  return "it has " + std::to_string(size) + " characters in place of " + std::string(wanted);
}

std::expected<Bytes, std::string> from_hex(std::string_view line) {
  if (!std::ranges::all_of(line, is_hex))
    return std::unexpected("it has other characters than hex digits");
  if (line.size() != 8 && line.size() != 10 && line.size() != 14 && line.size() != 20)
    return std::unexpected(size_clause(line.size(), "8, 10, 14 or 20"));
  Bytes bytes(line.size() / 2);
  for (std::size_t i = 0; i < bytes.size(); ++i)
    std::from_chars(line.data() + 2 * i, line.data() + 2 * i + 2, bytes[i], 16);
  return bytes;
}

// `bytes`: of the number that so many digits stand for; 0 = they stand for none.
std::expected<Bytes, std::string> from_decimal(std::string_view line, std::size_t bytes,
                                               std::string_view wanted) {
  if (!std::ranges::all_of(line, is_digit))
    return std::unexpected("it has other characters than digits");
  if (bytes == 0) return std::unexpected(size_clause(line.size(), wanted));
  std::uint64_t number = 0;
  std::from_chars(line.data(), line.data() + line.size(), number);
  if (number >> (8 * bytes) != 0)
    return std::unexpected("it is above any number of " + std::to_string(bytes) + " bytes");
  Bytes out(bytes);
  for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(number >> (8 * (--bytes)));
  return out;
}

std::expected<Bytes, std::string> uid_from_decimal(std::string_view line) {
  const std::size_t bytes = line.size() == 10 ? 4 : line.size() == 17 ? 7 : 0;
  return from_decimal(line, bytes, "10 or 17");
}

std::expected<Bytes, std::string> em_from_decimal(std::string_view line) {
  const std::size_t size = line.size();
  const std::size_t bytes = size == 10 ? 4 : size == 12 || size == 13 ? 5 : 0;
  return from_decimal(line, bytes, "10, 12 or 13");
}

std::expected<Bytes, std::string> code_of(std::string_view line) {
  if (!std::ranges::all_of(line, is_digit))
    return std::unexpected("it has other characters than digits");
  if (line.size() < least_code || line.size() > most_code)
    return std::unexpected(size_clause(line.size(), "6 to 10"));
  return Bytes(line.begin(), line.end());
}

std::expected<Bytes, std::string> reversed(std::expected<Bytes, std::string> bytes) {
  if (bytes) std::ranges::reverse(*bytes);
  return bytes;
}

std::expected<Bytes, std::string> bytes_of(std::string_view line, LineFormat format) {
  switch (format) {
    case LineFormat::uid_hex:
      return from_hex(line);
    case LineFormat::uid_hex_reversed:
      return reversed(from_hex(line));
    case LineFormat::uid_decimal:
      return uid_from_decimal(line);
    case LineFormat::uid_decimal_reversed:
      return reversed(uid_from_decimal(line));
    case LineFormat::em_decimal:
      return em_from_decimal(line);
    case LineFormat::code:
      break;
  }
  return code_of(line);
}

// A single-size number of ISO/IEC 14443; those of 125 kHz cards are never random.
bool is_random(const Bytes& number, LineFormat format) {
  return format != LineFormat::em_decimal && number.size() == 4 && number[0] == 0x08;
}

}  // namespace

std::optional<LineFormat> line_format_from(std::string_view text) {
  for (const auto& [name, format] : formats)
    if (name == text) return format;
  return std::nullopt;
}

std::expected<LineReading, std::string> read_line(std::string_view line, LineFormat format) {
  if (line.size() > longest_line) return std::unexpected("it is too long");
  auto bytes = bytes_of(trimmed(line), format);
  if (!bytes) return std::unexpected(std::move(bytes.error()));
  What what = is_random(*bytes, format) ? What::random_card : What::card;
  if (format == LineFormat::code) what = What::code;
  return LineReading{what, std::move(*bytes)};
}

}  // namespace rollcall::readers
