// Events of a log as receivers get them, and whether they satisfy the contract's schemas, as the
// case-system simulator checks it.
#pragma once

#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "daemon/events/event.hpp"
#include "daemon/store/database.hpp"
#include "tests/casesim/schemas.hpp"

namespace rollcall::testing {

inline ::testing::AssertionResult satisfies_contract(const nlohmann::json& event) {
  static const auto schemas = casesim::Schemas::load(SOURCE_FOLDER "/docs/api");
  if (!schemas) return ::testing::AssertionFailure() << schemas.error();
  if (const auto fault = schemas->fault("cloudevent.json", event))
    return ::testing::AssertionFailure() << *fault;
  if (const auto fault = casesim::event_fault(*schemas, event)) {
    return ::testing::AssertionFailure() << event["type"] << ": " << *fault;
  }
  return ::testing::AssertionSuccess();
}

// The newest of this type in the log of site-1; null when there is none.
inline nlohmann::json newest_event(const std::string& database, const std::string& type) {
  store::Database db(database, store::Database::Mode::query_only);
  auto row = db.prepare("SELECT position FROM log WHERE type = ? ORDER BY position DESC LIMIT 1");
  if (!row.bind(type).step()) return {};
  return nlohmann::json::parse(events::to_cloudevent(db, "site-1", row.integer(0), 1));
}

}  // namespace rollcall::testing
