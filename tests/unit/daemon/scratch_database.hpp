// A migrated database in a folder of its own, gone with the test.
#pragma once

#include <filesystem>
#include <string>

#include <unistd.h>

#include "daemon/store/database.hpp"

namespace rollcall::testing {

class ScratchDatabase {
 public:
  ScratchDatabase() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "rollcall-test-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    store::Database database(path(), store::Database::Mode::read_write);
    store::migrate(database);
  }
  ~ScratchDatabase() { std::filesystem::remove_all(folder_); }
  ScratchDatabase(const ScratchDatabase&) = delete;
  ScratchDatabase& operator=(const ScratchDatabase&) = delete;

  std::string path() const { return (folder_ / "rollcall.db").string(); }
  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
};

}  // namespace rollcall::testing
