// Tables from CSV files (RFC 4180, UTF-8 with or without byte-order mark). Columns are found by
// name, in any order; columns that nobody asked for are ignored.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace rollcall::roster {

struct CsvRow {
  unsigned line = 0;                // in the file, from 1
  std::vector<std::string> fields;  // in the order of the columns asked for
};

struct CsvTable {
  std::vector<CsvRow> rows;
  std::vector<std::string> problems;  // "FILE:LINE: ...", one per row that was skipped
};

// `columns`: 2 to 16 names, all of which the file must have. The error is one sentence: the file
// cannot be read or lacks a column.
std::expected<CsvTable, std::string> read_csv(const std::string& path,
                                              const std::vector<std::string>& columns);

}  // namespace rollcall::roster
