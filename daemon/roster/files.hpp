// Our own CSV files (docs/roster.md) as records.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "daemon/roster/csv.hpp"
#include "daemon/roster/records.hpp"

namespace rollcall::roster {

struct File {
  std::string name;  // in messages, without its folder
  std::string text;
};

// One of each, or none.
struct Files {
  std::optional<File> people, cards, sessions, days, enrolments, guardians, merges;
};

// The keyed hash of a chip number, as 64 hex digits.
using CardHash = std::function<std::string(std::span<const std::uint8_t> chip)>;

// Whole: what the files do not name is gone. The error is one sentence for each file that cannot be
// used at all; nothing is to be done with the others then.
std::expected<Reading, std::vector<std::string>> read_files(const Files& files, std::string source,
                                                            const CardHash& hash);

}  // namespace rollcall::roster
