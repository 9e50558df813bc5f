#include "daemon/recovery/high_water.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <unistd.h>

namespace rollcall::recovery {
namespace {

constexpr const char* first_line = "rollcall-highwater 1";
constexpr const char* no_event = "-";

class File {
 public:
  File(const std::string& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  bool write_all(std::string_view text) const {
    return fd_ >= 0 && ::write(fd_, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  }
  bool sync() const { return fd_ >= 0 && ::fsync(fd_) == 0; }

 private:
  int fd_;
};

}  // namespace

std::expected<void, std::string> HighWater::load() {
  marks_.clear();
  if (!std::filesystem::exists(path_)) return {};
  std::ifstream in(path_);
  std::string line;
  if (!std::getline(in, line) || line != first_line) {
    return std::unexpected(path_ + " is not a high-water file; it is left as it is and not used");
  }
  while (std::getline(in, line)) {
    std::istringstream words(line);
    Mark mark;
    std::string more;
    if (!(words >> mark.epoch >> mark.sequence >> mark.event_id) || (words >> more) ||
        mark.sequence < 0) {
      marks_.clear();
      return std::unexpected(path_ + " is damaged; it is left as it is and not used");
    }
    if (mark.event_id == no_event) mark.event_id.clear();
    marks_.push_back(std::move(mark));
  }
  return {};
}

std::expected<void, std::string> HighWater::raise(const Mark& mark) {
  std::erase_if(marks_, [&](const Mark& other) { return other.epoch == mark.epoch; });
  marks_.push_back(mark);
  if (marks_.size() > max_marks) marks_.erase(marks_.begin());
  return write();
}

std::expected<void, std::string> HighWater::write() const {
  std::string text = std::string(first_line) + "\n";
  for (const Mark& mark : marks_) {
    text += mark.epoch + ' ' + std::to_string(mark.sequence) + ' ' +
            (mark.event_id.empty() ? no_event : mark.event_id) + '\n';
  }
  const std::string fresh = path_ + ".new";
  const auto failed = [this] {
    return std::unexpected("cannot write " + path_ + ": " + std::strerror(errno));
  };
  {
    const File file(fresh, O_WRONLY | O_CREAT | O_TRUNC);
    if (!file.write_all(text) || !file.sync()) return failed();
  }
  if (::rename(fresh.c_str(), path_.c_str()) != 0) return failed();
  const auto folder = std::filesystem::path(path_).parent_path();
  const File directory(folder.empty() ? "." : folder.string(), O_RDONLY | O_DIRECTORY);
  if (!directory.sync()) return failed();
  return {};
}

std::optional<Mark> HighWater::newest() const {
  if (marks_.empty()) return std::nullopt;
  return marks_.back();
}

}  // namespace rollcall::recovery
