// Whether an event satisfies the contract's schemas, as the case-system simulator checks it.
#pragma once

#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

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

}  // namespace rollcall::testing
