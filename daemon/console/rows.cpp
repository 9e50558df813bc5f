#include "daemon/console/rows.hpp"

#include <cstdio>

#include <nlohmann/json.hpp>

#include "daemon/events/event.hpp"
#include "daemon/log/log.hpp"

namespace rollcall::console {

ReadTransaction::ReadTransaction(store::Database& db) : db_(db) {
  db_.exec("BEGIN");
}

ReadTransaction::~ReadTransaction() {
  try {
    db_.exec("ROLLBACK");                     // nothing was written
  } catch (const store::StoreError& error) {  // the query itself has failed and told
    logging::debug("a read could not be ended", {{"why", error.what()}});
  }
}

Json text_or_null(const store::Statement& row, int column) {
  return row.is_null(column) ? Json() : Json(row.text(column));
}

Json time_or_null(const store::Statement& row, int column) {
  return row.is_null(column) ? Json() : Json(events::rfc3339(row.integer(column)));
}

Json shown_name(const store::Statement& row, int name, int is_protected) {
  if (row.is_null(name) || row.integer(is_protected) != 0 || row.text_view(name).empty()) return {};
  return row.text(name);
}

std::string clock_text(std::int64_t minutes) {
  const std::int64_t minute = minutes % 1440;
  char text[16];
  std::snprintf(text, sizeof text, "%02d:%02d", static_cast<int>(minute / 60),
                static_cast<int>(minute % 60));
  return text;
}

}  // namespace rollcall::console
