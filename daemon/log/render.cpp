#include <charconv>
#include <string>

#include "daemon/log/log.hpp"

namespace rollcall::logging {
namespace {

// Cuts at a character boundary (RFC 3629: continuation bytes are 10xxxxxx).
std::string_view cut(std::string_view text, std::size_t longest) {
  if (text.size() <= longest) return text;
  std::size_t end = longest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

// Length of the well-formed UTF-8 character at `i` (RFC 3629 section 4), 0 when there is none.
std::size_t utf8_length(std::string_view text, std::size_t i) {
  const auto at = [&](std::size_t k) -> unsigned {
    return i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0u;
  };
  const auto tail = [&](std::size_t k) { return (at(k) & 0xC0u) == 0x80u; };
  const unsigned lead = at(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return tail(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const bool overlong = lead == 0xE0 && at(1) < 0xA0;
    const bool surrogate = lead == 0xED && at(1) >= 0xA0;
    return tail(1) && tail(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const bool overlong = lead == 0xF0 && at(1) < 0x90;
    const bool too_high = lead == 0xF4 && at(1) >= 0x90;
    return tail(1) && tail(2) && tail(3) && !overlong && !too_high ? 4 : 0;
  }
  return 0;
}

// As a JSON string has it (RFC 8259 section 7); the text format quotes the same way. Bytes that are
// no UTF-8 become U+FFFD.
void append_quoted(std::string& out, std::string_view text) {
  constexpr char digits[] = "0123456789abcdef";
  out += '"';
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
      ++i;
    } else if (c < 0x20 || c == 0x7f) {
      out += "\\u00";
      out += digits[c >> 4];
      out += digits[c & 15];
      ++i;
    } else if (const std::size_t length = utf8_length(text, i); length > 0) {
      out += text.substr(i, length);
      i += length;
    } else {
      out += "\xEF\xBF\xBD";
      ++i;
    }
  }
  out += '"';
}

bool bare(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    if (u <= 0x20 || u >= 0x7f || c == '"' || c == '=' || c == '\\') return false;
  }
  return true;
}

void append_number(std::string& out, auto number) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
  out.append(buffer, end);
}

void append_value(std::string& out, Format format, const Value& value) {
  struct Writer {
    std::string& out;
    Format format;
    void operator()(std::string_view text) const {
      text = cut(text, longest_value);
      if (format == Format::text && bare(text)) {
        out += text;
      } else {
        append_quoted(out, text);
      }
    }
    void operator()(bool flag) const { out += flag ? "true" : "false"; }
    void operator()(std::int64_t number) const { append_number(out, number); }
    void operator()(std::uint64_t number) const { append_number(out, number); }
    void operator()(double number) const {
      if (number == number && number - number == 0) {
        append_number(out, number);
      } else {
        append_quoted(out, number == number ? (number > 0 ? "inf" : "-inf")
                                            : "nan");  // JSON has none of these
      }
    }
  };
  std::visit(Writer{out, format}, value.held());
}

}  // namespace

std::string render(Format format, std::string_view message, Fields fields,
                   std::int64_t suppressed) {
  std::string out;
  const auto field = [&](std::string_view key, const Value& value) {
    if (format == Format::json) {
      out += ",\"";
      out += key;
      out += "\":";
    } else {
      out += ' ';
      out += key;
      out += '=';
    }
    append_value(out, format, value);
  };
  out += format == Format::json ? "\"message\":" : "msg=";
  append_quoted(out, cut(message, longest_value));
  for (const Field& f : fields) field(f.key.text(), f.value);
  if (suppressed > 0) field("suppressed", suppressed);
  return out;
}

}  // namespace rollcall::logging
