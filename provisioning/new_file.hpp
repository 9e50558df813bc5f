// A new file that only its owner may read, held open until something is in it: what cannot be
// written is known before the daemon is asked.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace rollcall::provisioning {

class NewFile {
 public:
  // A clause that says why not, also when there is a file of that name.
  static std::expected<NewFile, std::string> make(const std::string& path);
  NewFile(NewFile&& other) noexcept;
  NewFile& operator=(NewFile&&) = delete;
  // Takes away what nothing was written to.
  ~NewFile();

  // A clause that says why not; then the file is gone.
  std::expected<void, std::string> write(std::string_view bytes);
  const std::string& path() const { return path_; }

 private:
  NewFile(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}

  std::string path_;
  int descriptor_ = -1;
  bool written_ = false;
};

}  // namespace rollcall::provisioning
