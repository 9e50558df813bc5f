// The files under tests/golden, as text: how they are written once and read for ever.
#pragma once

#include <fstream>
#include <string>
#include <vector>

#include "tests/unit/protocol/support.hpp"

namespace rollcall::protocol::testing {

// "queued_tap" for QueuedTap: the name of a message in the documentation and of its file.
template <class Message>
std::string name_of() {
  const std::string_view all =
      __PRETTY_FUNCTION__;  // ... Message = rollcall::protocol::QueuedTap...
  const std::size_t from = all.find("Message = ") + 10;
  std::string_view type = all.substr(from, all.find_first_of(";],", from) - from);
  type = type.substr(type.rfind(':') + 1);
  std::string name;
  for (const char c : type) {
    if (c >= 'A' && c <= 'Z') {
      if (!name.empty()) name += '_';
      name += static_cast<char>(c - 'A' + 'a');
    } else {
      name += c;
    }
  }
  return name;
}

inline const char* kind_name(FieldKind kind) {
  static constexpr const char* names[] = {"u8",      "u16",   "u32",   "u64", "i64",
                                          "boolean", "fixed", "bytes", "text"};
  return names[static_cast<std::size_t>(kind)];
}

// The value of a field: numbers in decimal, bytes in hexadecimal, text in quotes.
inline std::string text_of(const Field& field, const void* message) {
  const nlohmann::json value = to_json(0, {&field, 1}, message).at(1);
  if (value.is_binary()) {
    return value.get_binary().empty() ? "empty" : hex(value.get_binary());
  }
  if (value.is_string()) return '"' + value.get<std::string>() + '"';
  return value.dump();
}

// A message file: the op, the fields of version 1, and examples with the value of each field and
// the encoding.
struct GoldenExample {
  std::string name;
  std::vector<std::string> values;  // one a field
  Buffer cbor;
};
struct GoldenMessage {
  std::uint16_t op = 0;
  std::vector<std::string> fields;  // "name kind"
  std::vector<GoldenExample> examples;
};

// A file of lines "key: value"; comments and empty lines are skipped.
inline std::vector<std::pair<std::string, std::string>> golden_lines(const std::string& path) {
  std::vector<std::pair<std::string, std::string>> out;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::size_t colon = line.find(": ");
    if (colon == std::string::npos) throw std::runtime_error(path + ": " + line);
    const std::size_t start = line.find_first_not_of(' ');
    out.emplace_back(line.substr(start, colon - start), line.substr(colon + 2));
  }
  return out;
}

inline GoldenMessage golden_message(const std::string& path) {
  GoldenMessage out;
  for (const auto& [key, value] : golden_lines(path)) {
    if (key == "op") {
      out.op = static_cast<std::uint16_t>(std::stoul(value));
    } else if (key == "field") {
      out.fields.push_back(value);
    } else if (key == "example") {
      out.examples.push_back({value, {}, {}});
    } else if (key == "cbor") {
      out.examples.back().cbor = unhex(value);
    } else {
      out.examples.back().values.push_back(value);
    }
  }
  return out;
}

}  // namespace rollcall::protocol::testing
