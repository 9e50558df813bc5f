#include "tests/casesim/range.hpp"

#include <algorithm>

namespace rollcall::casesim {
namespace {

RangeVerdict malformed(std::string detail) {
  return {Standing::malformed, std::move(detail)};
}

}  // namespace

RangeVerdict judge_range(std::int64_t held, Range range,
                         const std::vector<std::int64_t>& sequences) {
  if (range.first < 1 || range.last < range.first)
    return malformed("range.last is below range.first");
  std::int64_t previous = range.first - 1;
  std::int64_t fresh = 0;
  for (const std::int64_t sequence : sequences) {
    if (sequence <= previous || sequence > range.last) {
      return malformed("sequence " + std::to_string(sequence) +
                       " is out of order or out of the range");
    }
    if (sequence > held) ++fresh;
    previous = sequence;
  }
  if (range.first > held + 1) return {Standing::gap, ""};
  const std::int64_t expected = std::max<std::int64_t>(0, range.last - held);
  if (fresh != expected) {
    return malformed("above sequence " + std::to_string(held) + " the range covers " +
                     std::to_string(expected) + " events and the batch carries " +
                     std::to_string(fresh));
  }
  return {};
}

}  // namespace rollcall::casesim
