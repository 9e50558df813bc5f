#include "daemon/roster/csv.hpp"

#include <array>
#include <stdexcept>
#include <utility>

#define CSV_IO_NO_THREAD
#include <libfccp/csv.h>

namespace rollcall::roster {
namespace {

// The library fixes the number of columns at compile time.
template <std::size_t N>
CsvTable read_columns(const std::string& path, const std::vector<std::string>& columns) {
  io::CSVReader<N, io::trim_chars<' ', '\t', '\r'>, io::double_quote_escape<',', '"'>> reader(path);
  std::array<std::string, N> cells;
  CsvTable table;
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    reader.read_header(io::ignore_extra_column, columns[I]...);
    for (;;) {
      try {
        if (!reader.read_row(cells[I]...)) return;
        table.rows.push_back({reader.get_file_line(), {cells[I]...}});
      } catch (const io::error::base& error) {
        table.problems.push_back(path + ":" + std::to_string(reader.get_file_line()) +
                                 ": the row was skipped: " + error.what());
      }
    }
  }(std::make_index_sequence<N>{});
  return table;
}

template <std::size_t... N>
CsvTable dispatch(const std::string& path, const std::vector<std::string>& columns,
                  std::index_sequence<N...>) {
  CsvTable table;
  const bool known =
      ((columns.size() == N + 2 ? (table = read_columns<N + 2>(path, columns), true) : false) ||
       ...);
  if (!known) throw std::logic_error("read_csv takes 2 to 16 columns");
  return table;
}

}  // namespace

std::expected<CsvTable, std::string> read_csv(const std::string& path,
                                              const std::vector<std::string>& columns) {
  try {
    return dispatch(path, columns, std::make_index_sequence<15>{});
  } catch (const io::error::base& error) {
    return std::unexpected(path + ": " + error.what());
  }
}

}  // namespace rollcall::roster
