// Puts terminals into the registry's table as an enrolment would have left them, without a key.
#pragma once

#include <string>

#include "daemon/store/database.hpp"

namespace rollcall::testing {

inline void register_terminal(store::Database& db, const std::string& serial,
                              const std::string& room, const std::string& mode = "training") {
  db.prepare(
        "INSERT INTO registry (serial, state, room, mode, enrolled_ms, enrolled_by)"
        " VALUES (?, 'active', ?, ?, 1, 'unix:0')")
      .bind(serial, room, mode)
      .run();
}

}  // namespace rollcall::testing
