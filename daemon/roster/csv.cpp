#include "daemon/roster/csv.hpp"

#include <algorithm>
#include <fstream>
#include <optional>
#include <utility>

namespace rollcall::roster {
namespace {

constexpr std::size_t most_columns = 256;
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

// One record of the text: its fields, or why it is none.
struct Line {
  unsigned line = 0;
  std::vector<std::string> fields;
  std::string fault;
  bool blank = false;
};

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {
    if (text_.starts_with(byte_order_mark)) text_.remove_prefix(byte_order_mark.size());
  }

  bool at_end() const { return at_ >= text_.size(); }
  Line next();

 private:
  bool line_ends() const { return text_[at_] == '\n' || text_[at_] == '\r'; }
  void end_line();
  void skip_line();
  std::string plain_field();
  std::string quoted_field(Line& record);
  void skip_blanks() {
    while (!at_end() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }
  void take_fields(Line& record);

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t begin_ = 0;  // of the record under way
  unsigned line_ = 1;
};

void Scanner::end_line() {
  if (at_end()) return;
  if (text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n') ++at_;
  ++at_;
  ++line_;
}

void Scanner::skip_line() {
  while (!at_end() && !line_ends()) ++at_;
  end_line();
}

std::string Scanner::plain_field() {
  const std::size_t begin = at_;
  while (!at_end() && text_[at_] != ',' && !line_ends()) ++at_;
  std::string_view field = text_.substr(begin, at_ - begin);
  while (!field.empty() && (field.back() == ' ' || field.back() == '\t')) field.remove_suffix(1);
  return std::string(field);
}

std::string Scanner::quoted_field(Line& record) {
  std::string field;
  ++at_;
  for (;;) {
    if (at_end() || at_ - begin_ > longest_line) {
      record.fault =
          at_end() ? "a quotation mark is never closed" : "the row is longer than 64 KiB";
      return field;
    }
    const char c = text_[at_++];
    if (c == '\n') ++line_;
    if (c != '"') {
      field += c;
    } else if (!at_end() && text_[at_] == '"') {
      field += text_[at_++];
    } else {
      break;
    }
  }
  skip_blanks();
  if (!at_end() && text_[at_] != ',' && !line_ends())
    record.fault = "text follows a closing quotation mark";
  return field;
}

void Scanner::take_fields(Line& record) {
  for (;;) {
    skip_blanks();
    const bool quoted = !at_end() && text_[at_] == '"';
    std::string field = quoted ? quoted_field(record) : plain_field();
    if (!record.fault.empty()) return;
    record.fields.push_back(std::move(field));
    if (record.fields.size() > most_columns) record.fault = "the row has too many columns";
    if (at_ - begin_ > longest_line) record.fault = "the row is longer than 64 KiB";
    if (!record.fault.empty() || at_end() || text_[at_] != ',') return;
    ++at_;
  }
}

Line Scanner::next() {
  Line record;
  record.line = line_;
  begin_ = at_;
  const std::size_t rest = std::min(text_.find_first_of("\r\n", at_), text_.size()) - at_;
  if (rest > longest_line) {
    record.fault = "the row is longer than 64 KiB";
    skip_line();
    return record;
  }
  record.blank = text_.substr(at_, rest).find_first_not_of(" \t") == std::string_view::npos;
  if (record.blank) {
    skip_line();
    return record;
  }
  take_fields(record);
  if (record.fault.empty()) {
    if (!is_utf8(text_.substr(begin_, at_ - begin_))) record.fault = "the row is no UTF-8";
    end_line();
    return record;
  }
  // Whatever was opened on this line: the next line is a row of its own again.
  at_ = begin_;
  line_ = record.line;
  skip_line();
  return record;
}

// Where each wanted column stands; nothing where an optional one is missing.
std::expected<std::vector<std::optional<std::size_t>>, std::string> places_of(
    const std::vector<std::string>& header, const std::string& file, const Columns& columns) {
  std::vector<std::optional<std::size_t>> places;
  const auto place = [&](const std::string& name) {
    const auto found = std::ranges::find(header, name);
    places.push_back(found == header.end()
                         ? std::nullopt
                         : std::optional(static_cast<std::size_t>(found - header.begin())));
    return places.back().has_value();
  };
  for (const std::string& name : columns.needed) {
    if (!place(name)) return std::unexpected(file + ": the column \"" + name + "\" is missing");
  }
  for (const std::string& name : columns.optional) place(name);
  return places;
}

}  // namespace

std::expected<CsvTable, std::string> parse_csv(std::string_view text, const std::string& file,
                                               const Columns& columns) {
  if (text.size() > longest_file) return std::unexpected(file + ": is larger than 64 MiB");
  Scanner scanner(text);
  Line header;
  header.blank = true;
  while (header.blank && !scanner.at_end()) header = scanner.next();
  if (!header.fault.empty())
    return std::unexpected(file + ": the line with the columns' names: " + header.fault);
  const auto places = places_of(header.fields, file, columns);
  if (!places) return std::unexpected(places.error());

  CsvTable table;
  while (!scanner.at_end() && !table.cut) {
    Line record = scanner.next();
    if (record.blank) continue;
    if (record.fault.empty() && record.fields.size() != header.fields.size()) {
      record.fault = "the row has " + std::to_string(record.fields.size()) + " columns, not " +
                     std::to_string(header.fields.size());
    }
    if (!record.fault.empty()) {
      table.problems.push_back({{file, record.line}, std::move(record.fault)});
    } else {
      CsvRow row{record.line, {}};
      for (const auto& place : *places)
        row.fields.push_back(place ? std::move(record.fields[*place]) : std::string());
      table.rows.push_back(std::move(row));
    }
    table.cut = table.rows.size() >= most_rows || table.problems.size() >= most_problems;
  }
  table.cut = table.cut && !scanner.at_end();
  if (table.cut) {
    table.problems.push_back(
        {{file, 0},
         "more than 200 000 rows, or 1000 that cannot be read: the rest is not looked at"});
  }
  return table;
}

std::expected<std::string, std::string> read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in) return std::unexpected(path + ": cannot be read");
  const auto size = static_cast<std::size_t>(in.tellg());
  if (size > longest_file) return std::unexpected(path + ": is larger than 64 MiB");
  std::string text(size, '\0');
  in.seekg(0);
  in.read(text.data(), static_cast<std::streamsize>(size));
  if (!in) return std::unexpected(path + ": cannot be read");
  return text;
}

}  // namespace rollcall::roster
