// An instrument: the questions of a short assessment, as a JSON file that is checked when it is
// read and never edited afterwards. docs/instruments.md describes the file.
#pragma once

#include <cstddef>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/crypto/crypto.hpp"

namespace rollcall::assessments {

// Limits of the file, the same as in docs/api/instrument.schema.json. The text limits are what fits
// a seven-inch panel at a legible size.
namespace limit {
inline constexpr std::size_t file_bytes = 256 * 1024;
inline constexpr std::size_t depth = 8;  // of nested JSON
inline constexpr std::size_t questions = 40;
inline constexpr std::size_t options_min = 2;
inline constexpr std::size_t options_max = 5;
inline constexpr std::size_t title_characters = 48;
inline constexpr std::size_t question_characters = 90;
inline constexpr std::size_t option_characters = 32;
inline constexpr std::size_t id_characters = 40;
inline constexpr int score = 1000;  // largest, and with a minus sign smallest
}  // namespace limit

// The option by which somebody declines to answer one question; choosing it is a recorded answer.
inline constexpr std::string_view prefer_not = "prefer-not";
// Choice ids of the terminal's own buttons; no option may have one of these.
inline constexpr std::string_view reserved_ids[] = {"later", "yes"};

class Text {
 public:
  Text() = default;
  explicit Text(std::map<std::string, std::string, std::less<>> by_language)
      : by_language_(std::move(by_language)) {}
  // The text in `language`, else in English, which every text has.
  const std::string& in(std::string_view language) const;
  const std::map<std::string, std::string, std::less<>>& all() const { return by_language_; }

 private:
  std::map<std::string, std::string, std::less<>> by_language_;
};

struct Option {
  std::string id;
  Text text;
  std::optional<int> score;
};

struct Question {
  std::string id;
  Text text;
  std::vector<Option> options;
};

struct Instrument {
  std::string id;
  std::string version;
  Text title;
  std::vector<Question> questions;
  crypto::Digest digest{};  // SHA-256 of the file, byte for byte
  std::string body;         // the file
};

// All problems at once, one sentence each: "FILE: /questions/0/options/1/text: what is wrong; what
// would be right". `file` is for the sentences only.
std::expected<Instrument, std::vector<std::string>> parse_instrument(std::string_view file,
                                                                     std::string_view bytes);

}  // namespace rollcall::assessments
