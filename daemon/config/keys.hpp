// Every key of the configuration, declared once. Parsing, validation, suggestions and the reference
// in docs/configuration.md all derive from this table.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "daemon/config/config.hpp"

namespace rollcall::config {

enum class Kind {
  text,
  texts,     // a list of texts
  integer,   // within [min, max]
  duration,  // a text with a unit, such as "60s"; within [min, max] milliseconds
  choice,    // one of the words in `allowed`
  choices,   // a list of them
  file,      // a file that must exist
  folder,    // a folder that must exist
  path,      // a file or folder that the daemon makes itself
};

using Value =
    std::variant<std::string, std::vector<std::string>, std::int64_t, std::chrono::milliseconds>;

struct Key {
  std::string_view section;  // "" = before the first section; some repeat
  std::string_view name;
  Kind kind;
  bool required;
  std::string_view fallback;  // as it would be written, without quotes; "" = none
  std::string_view allowed;   // in words for the reference; for choices the words themselves
  std::string_view doc;       // one sentence
  void (*set)(Config&, const Value&);
  std::int64_t min = 0;
  std::int64_t max = 0;
  // For one text, or each text of a list: "" or "what is wrong; what would be right".
  std::string (*check)(const std::string&) = nullptr;
};

std::span<const Key> keys();
std::vector<std::string_view> sections();  // in the table's order, "" first

// A section that may stand there any number of times, written [[name]].
struct RepeatedSection {
  std::string_view name;
  std::string_view one_is;             // "terminal"
  std::string_view identity;           // its key whose value may stand in one section only
  std::string_view title;              // what the reference says beside the name
  const std::string& (*add)(Config&);  // one more; its identity
};
const RepeatedSection* repeated(std::string_view section);  // null when it does not repeat

// "site.id", or the bare name above the first section.
std::string full_name(const Key& key);
std::vector<std::string_view> words(std::string_view allowed);  // of a choice

}  // namespace rollcall::config
