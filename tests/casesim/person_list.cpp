#include "tests/casesim/person_list.hpp"

#include <fstream>

namespace rollcall::casesim {
namespace {

std::string trimmed(std::string line) {
  if (const auto comment = line.find('#'); comment != std::string::npos) line.resize(comment);
  const auto first = line.find_first_not_of(" \t\r");
  if (first == std::string::npos) return "";
  return line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
}

}  // namespace

std::expected<PersonList, std::string> PersonList::open(const std::string& path) {
  PersonList list;
  list.path_ = path;
  if (!std::ifstream(path)) return std::unexpected(path + ": cannot be read");
  list.refresh();
  return list;
}

void PersonList::refresh() {
  if (path_.empty()) return;
  std::error_code gone;
  const auto changed = std::filesystem::last_write_time(path_, gone);
  if (gone) return;
  const auto bytes = std::filesystem::file_size(path_, gone);
  if (gone || (changed == changed_ && bytes == bytes_)) return;
  std::ifstream in(path_);
  if (!in) return;
  std::set<std::string, std::less<>> people;
  for (std::string line; std::getline(in, line);) {
    if (std::string person = trimmed(std::move(line)); !person.empty())
      people.insert(std::move(person));
  }
  people_ = std::move(people);
  changed_ = changed;
  bytes_ = bytes;
}

}  // namespace rollcall::casesim
