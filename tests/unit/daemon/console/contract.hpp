// docs/api/console.yaml, for comparing what the daemon really says with it.
#pragma once

#include <set>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace rollcall::console {

struct Contract {
  // "GET /api/v1/overview viewer": with its x-role.
  static std::set<std::string> routes();
  // Empty when `value` is as components.schemas.<name> has it; otherwise what differs.
  static std::string problems(const std::string& name, const nlohmann::json& value);
};

}  // namespace rollcall::console
