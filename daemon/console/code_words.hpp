// What a page that is printed with a code says. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "daemon/attendance/code.hpp"
#include "daemon/config/config.hpp"

namespace rollcall::console {

// In the person's language, if there are texts in it, then in those of the site: CodeWords of
// docs/api/console.yaml. `expires_ms`: Unix ms; nothing = until it is withdrawn.
nlohmann::ordered_json code_words(const config::Site& site, const std::string& language,
                                  attendance::CodeKind kind,
                                  std::optional<std::int64_t> expires_ms);

}  // namespace rollcall::console
