#include "firmware/console/commands.hpp"

namespace rollcall::firmware::console {
namespace {

// Takes the first word off `rest`; empty at its end.
std::string_view take_word(std::string_view& rest) {
  while (rest.starts_with(' ')) rest.remove_prefix(1);
  const std::string_view word = rest.substr(0, rest.find(' '));
  rest.remove_prefix(word.size());
  return word;
}

// Whether `line` begins with the words of `name`; takes them off then.
bool take_name(std::string_view& line, std::string_view name) {
  std::string_view rest = line;
  for (std::string_view words = name; !words.empty();) {
    if (take_word(rest) != take_word(words)) return false;
  }
  line = rest;
  return true;
}

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::expected<Order, Error> parse(std::string_view line) {
  for (const CommandText& text : command_texts) {
    std::string_view rest = line;
    if (!take_name(rest, text.name)) continue;
    const std::string_view argument = take_word(rest);
    const bool more = !take_word(rest).empty();
    if (more || argument.empty() != text.argument.empty()) return std::unexpected(Error::argument);
    return Order{text.command, argument};
  }
  return std::unexpected(Error::unknown);
}

bool parse_key(std::string_view hex, std::array<std::uint8_t, 32>& out) {
  if (hex.size() != 2 * out.size()) return false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = digit_of(hex[2 * i]);
    const int low = digit_of(hex[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    out[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return true;
}

}  // namespace rollcall::firmware::console
