#include "daemon/data_folder.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace rollcall {

std::expected<DataFolder, std::string> DataFolder::open(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return std::unexpected("cannot make the data folder " + path + ": " + error.message());
  // Also one that somebody made before: what is in it is nobody else's.
  std::filesystem::permissions(path, std::filesystem::perms::owner_all, error);
  if (error) return std::unexpected("cannot make " + path + " private: " + error.message());

  const std::string file = path + "/lock";
  const int lock = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return std::unexpected("cannot open " + file + ": " + std::strerror(errno));
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    ::close(lock);
    return std::unexpected("another rollcalld uses " + path +
                           "; stop it first, or give this one a data_dir of its own");
  }
  return DataFolder(path, lock);
}

DataFolder::~DataFolder() {
  if (lock_ >= 0) ::close(lock_);
}

DataFolder::DataFolder(DataFolder&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

}  // namespace rollcall
