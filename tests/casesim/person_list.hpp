// The people this case system does not know: a text file, one pseudonym a line, '#' starts a
// comment. It is read again when it changes, so that a test can add people while the simulator
// runs.
#pragma once

#include <expected>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>

namespace rollcall::casesim {

class PersonList {
 public:
  PersonList() = default;  // nobody is on it
  static std::expected<PersonList, std::string> open(const std::string& path);

  // Reads the file again when its time or size differ. A file that is away for a moment (being
  // replaced) leaves the list as it is.
  void refresh();
  bool contains(std::string_view person) const { return people_.contains(person); }
  std::size_t size() const { return people_.size(); }

 private:
  std::string path_;
  std::filesystem::file_time_type changed_{};
  std::uintmax_t bytes_ = 0;
  std::set<std::string, std::less<>> people_;
};

}  // namespace rollcall::casesim
