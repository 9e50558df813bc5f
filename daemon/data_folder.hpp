// The folder that holds a site's database, keys and control socket, held by one daemon at a time.
#pragma once

#include <expected>
#include <string>

namespace rollcall {

class DataFolder {
 public:
  // Makes the folder (mode 0700) and locks it until destruction. The error is a sentence.
  static std::expected<DataFolder, std::string> open(const std::string& path);

  ~DataFolder();
  DataFolder(DataFolder&& other) noexcept;
  DataFolder& operator=(DataFolder&&) = delete;

  std::string database() const { return path_ + "/rollcall.db"; }

 private:
  DataFolder(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}

  std::string path_;
  int lock_;  // file descriptor; -1 after a move
};

}  // namespace rollcall
