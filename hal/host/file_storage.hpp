// Storage in a file, durable by fdatasync.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>

#include "hal/storage.hpp"

namespace rollcall::hal::host {

// The file holds the complement of the storage's bytes, so that a hole in a sparse file reads as
// erased and erasing a unit gives its disk space back. The file is locked: one process at a time.
class FileStorage final : public Storage {
 public:
  // Creates the file when there is none. An error is a sentence that names the file: it cannot be
  // opened, has another size, or is in use by another process.
  static std::expected<std::unique_ptr<FileStorage>, std::string> open(const std::string& path,
                                                                       Geometry geometry);
  ~FileStorage();
  FileStorage(const FileStorage&) = delete;
  FileStorage& operator=(const FileStorage&) = delete;

  Geometry geometry() const override { return geometry_; }
  std::expected<void, StorageError> read(std::uint64_t offset, MutableBytes out) override;
  // Does not look whether the bytes are erased.
  std::expected<void, StorageError> program(std::uint64_t offset, Bytes data) override;
  std::expected<void, StorageError> erase(std::uint32_t unit) override;
  std::expected<void, StorageError> sync() override;

 private:
  FileStorage(int file, Geometry geometry) : file_(file), geometry_(geometry) {}
  std::uint64_t size() const { return std::uint64_t{geometry_.unit_bytes} * geometry_.units; }

  int file_;
  Geometry geometry_;
};

}  // namespace rollcall::hal::host
