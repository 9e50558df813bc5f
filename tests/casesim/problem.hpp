// A refusal as RFC 9457 has it, with the members that docs/api/events/problem.json names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace rollcall::casesim {

struct Problem {
  unsigned status = 400;
  std::string name = {};  // urn:rollcall:problem:NAME
  std::string title = {};
  std::string detail = {};
  std::optional<std::string> epoch = {};
  std::optional<std::int64_t> expected = {};
  std::optional<std::int64_t> sequence = {};
  std::optional<std::string> event = {};
  std::optional<std::int64_t> limit = {};
};

std::string to_json(const Problem& problem);

// The request is at fault and sending it again cannot help.
Problem malformed(std::string detail);

}  // namespace rollcall::casesim
