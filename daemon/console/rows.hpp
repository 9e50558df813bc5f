// What the queries share: one snapshot for an answer, and values of a row as the contract has them.
#pragma once

#include <cstdint>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "daemon/console/queries.hpp"
#include "daemon/store/database.hpp"

namespace rollcall::console {

// One snapshot for all questions of one answer.
class ReadTransaction {
 public:
  explicit ReadTransaction(store::Database& db);
  ~ReadTransaction();
  ReadTransaction(const ReadTransaction&) = delete;
  ReadTransaction& operator=(const ReadTransaction&) = delete;

 private:
  store::Database& db_;
};

Json text_or_null(const store::Statement& row, int column);
Json time_or_null(const store::Statement& row, int column);
// The name that staff may see: none of a protected person, none that is empty.
Json shown_name(const store::Statement& row, int name, int is_protected);
// "09:05"; of a class over midnight the time on the clock next day.
std::string clock_text(std::int64_t minutes);

}  // namespace rollcall::console
