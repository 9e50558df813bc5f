// Tables from CSV text (RFC 4180, UTF-8 with or without byte-order mark). Columns are found by
// name, in any order; columns that nobody asked for are ignored. Whatever a line holds, the lines
// after it are read.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/roster/records.hpp"

namespace rollcall::roster {

inline constexpr std::size_t longest_line = 64 * 1024;         // bytes of one record
inline constexpr std::size_t longest_file = 64 * 1024 * 1024;  // bytes
inline constexpr std::size_t most_rows = 200'000;              // of one file
inline constexpr std::size_t most_problems = 1000;             // reported of one file

struct Columns {
  std::vector<std::string> needed;    // a file without one of them cannot be read
  std::vector<std::string> optional;  // empty in every row of a file without them
};

struct CsvRow {
  unsigned line = 0;                // in the file, from 1: where the row begins
  std::vector<std::string> fields;  // needed, then optional, in the order asked for; trimmed
};

struct CsvTable {
  std::vector<CsvRow> rows;
  std::vector<Problem> problems;  // rows that were skipped, without kind
  bool cut = false;               // there is more than most_rows or most_problems
};

// `file` is the name in messages. The error is one sentence: nothing of the file can be used.
std::expected<CsvTable, std::string> parse_csv(std::string_view text, const std::string& file,
                                               const Columns& columns);

// The bytes of a file; the error is one sentence with the path.
std::expected<std::string, std::string> read_text(const std::string& path);

}  // namespace rollcall::roster
