// A migrated database in a folder of its own, gone with the test.
#pragma once

#include <string>

#include "daemon/store/database.hpp"
#include "tests/unit/daemon/scratch_folder.hpp"

namespace rollcall::testing {

class ScratchDatabase : public ScratchFolder {
 public:
  ScratchDatabase() {
    store::Database database(path(), store::Database::Mode::read_write);
    store::migrate(database);
  }
  std::string path() const { return (folder() / "rollcall.db").string(); }
};

}  // namespace rollcall::testing
