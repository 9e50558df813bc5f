// Aligned columns for terminals.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rollcall::provisioning {

class Table {
 public:
  explicit Table(std::vector<std::string> head);
  void add(std::vector<std::string> row);  // as many cells as the head
  bool empty() const { return rows_.size() == 1; }
  // Each line starts with `indent`; no spaces at line ends.
  std::string text(std::string_view indent = "") const;

 private:
  std::vector<std::vector<std::string>> rows_;  // the head first
};

// Columns a UTF-8 text takes, one per character; control characters count as one.
std::size_t columns(std::string_view text);
// With control characters made visible, so that a text from elsewhere cannot steer the terminal.
std::string printable(std::string_view text);

}  // namespace rollcall::provisioning
