#include "tests/casesim/problem.hpp"

#include <nlohmann/json.hpp>

namespace rollcall::casesim {

std::string to_json(const Problem& problem) {
  nlohmann::ordered_json body = {{"type", "urn:rollcall:problem:" + problem.name},
                                 {"title", problem.title},
                                 {"status", problem.status}};
  if (!problem.detail.empty()) body["detail"] = problem.detail;
  if (problem.epoch) body["epoch"] = *problem.epoch;
  if (problem.expected) body["expected"] = *problem.expected;
  if (problem.sequence) body["sequence"] = *problem.sequence;
  if (problem.event) body["event"] = *problem.event;
  if (problem.limit) body["limit"] = *problem.limit;
  return body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

Problem malformed(std::string detail) {
  constexpr std::size_t longest_detail = 1000;
  if (detail.size() > longest_detail) detail.resize(longest_detail);
  Problem problem;
  problem.name = "malformed";
  problem.title = "The request breaks the contract";
  problem.detail = std::move(detail);
  return problem;
}

}  // namespace rollcall::casesim
