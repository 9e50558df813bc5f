#include "hal/host/file_storage.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <linux/falloc.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace rollcall::hal::host {
namespace {

constexpr std::size_t chunk_bytes = 4096;

std::unexpected<std::string> failed(const std::string& what, const std::string& path) {
  return std::unexpected(what + " " + path + ": " + std::strerror(errno));
}

// A new file's name is durable only when its folder is.
void sync_folder_of(const std::string& path) {
  auto folder = std::filesystem::path(path).parent_path();
  if (folder.empty()) folder = ".";
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return;
  ::fsync(file);
  ::close(file);
}

bool write_all(int file, std::uint64_t offset, Bytes data) {
  while (!data.empty()) {
    const ssize_t done = ::pwrite(file, data.data(), data.size(), static_cast<off_t>(offset));
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return false;
    data = data.subspan(static_cast<std::size_t>(done));
    offset += static_cast<std::uint64_t>(done);
  }
  return true;
}

}  // namespace

std::expected<std::unique_ptr<FileStorage>, std::string> FileStorage::open(const std::string& path,
                                                                           Geometry geometry) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return failed("cannot open", path);
  std::unique_ptr<FileStorage> storage(new FileStorage(file, geometry));
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return std::unexpected(path + " is in use by another process");
    return failed("cannot lock", path);
  }
  struct stat info{};
  if (::fstat(file, &info) != 0) return failed("cannot read the size of", path);
  const auto found = static_cast<std::uint64_t>(info.st_size);
  if (found == 0) {
    if (::ftruncate(file, static_cast<off_t>(storage->size())) != 0 || ::fsync(file) != 0) {
      return failed("cannot make", path);
    }
    sync_folder_of(path);
  } else if (found != storage->size()) {
    return std::unexpected(path + " has " + std::to_string(found) + " bytes instead of " +
                           std::to_string(storage->size()) +
                           "; it is not a storage of this terminal");
  }
  return storage;
}

FileStorage::~FileStorage() {
  ::close(file_);
}

std::expected<void, StorageError> FileStorage::read(std::uint64_t offset, MutableBytes out) {
  if (offset + out.size() > size()) return std::unexpected(StorageError::out_of_range);
  while (!out.empty()) {
    const ssize_t done = ::pread(file_, out.data(), out.size(), static_cast<off_t>(offset));
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return std::unexpected(StorageError::io);
    const auto count = static_cast<std::size_t>(done);
    for (std::uint8_t& b : out.first(count)) b = static_cast<std::uint8_t>(~b);
    out = out.subspan(count);
    offset += count;
  }
  return {};
}

std::expected<void, StorageError> FileStorage::program(std::uint64_t offset, Bytes data) {
  if (offset + data.size() > size()) return std::unexpected(StorageError::out_of_range);
  if (offset % geometry_.program_bytes != 0 || data.size() % geometry_.program_bytes != 0) {
    return std::unexpected(StorageError::misaligned);
  }
  std::array<std::uint8_t, chunk_bytes> chunk;
  while (!data.empty()) {
    const std::size_t count = std::min(data.size(), chunk.size());
    std::transform(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(count), chunk.begin(),
                   [](std::uint8_t b) { return static_cast<std::uint8_t>(~b); });
    if (!write_all(file_, offset, Bytes(chunk).first(count)))
      return std::unexpected(StorageError::io);
    data = data.subspan(count);
    offset += count;
  }
  return {};
}

std::expected<void, StorageError> FileStorage::erase(std::uint32_t unit) {
  if (unit >= geometry_.units) return std::unexpected(StorageError::out_of_range);
  const std::uint64_t offset = std::uint64_t{unit} * geometry_.unit_bytes;
  if (::fallocate(file_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset),
                  static_cast<off_t>(geometry_.unit_bytes)) == 0) {
    return {};
  }
  if (errno != EOPNOTSUPP) return std::unexpected(StorageError::io);
  const std::array<std::uint8_t, chunk_bytes> zeros{};
  for (std::uint32_t at = 0; at < geometry_.unit_bytes; at += chunk_bytes) {
    const std::size_t count = std::min<std::size_t>(chunk_bytes, geometry_.unit_bytes - at);
    if (!write_all(file_, offset + at, Bytes(zeros).first(count)))
      return std::unexpected(StorageError::io);
  }
  return {};
}

std::expected<void, StorageError> FileStorage::sync() {
  if (::fdatasync(file_) != 0) return std::unexpected(StorageError::io);
  return {};
}

}  // namespace rollcall::hal::host
