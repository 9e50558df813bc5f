#include "provisioning/new_file.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace rollcall::provisioning {
namespace {

std::string in_words(int code) {
  return std::generic_category().message(code);
}

}  // namespace

std::expected<NewFile, std::string> NewFile::make(const std::string& path) {
  constexpr mode_t owner_only = 0600;
  const int opened = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, owner_only);
  if (opened < 0) return std::unexpected(path + " cannot be made: " + in_words(errno));
  return NewFile(path, opened);
}

NewFile::NewFile(NewFile&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      written_(other.written_) {}

NewFile::~NewFile() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  if (!written_) ::unlink(path_.c_str());
}

std::expected<void, std::string> NewFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t size = ::write(descriptor_, bytes.data(), bytes.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return std::unexpected(path_ + " cannot be written: " + in_words(errno));
    bytes.remove_prefix(static_cast<std::size_t>(size));
  }
  if (::fsync(descriptor_) != 0)
    return std::unexpected(path_ + " cannot be written: " + in_words(errno));
  written_ = true;
  return {};
}

}  // namespace rollcall::provisioning
