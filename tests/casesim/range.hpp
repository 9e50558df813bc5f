// Where a batch stands against what is held of its epoch: pure rules of the contract.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rollcall::casesim {

struct Range {
  std::int64_t first = 0;
  std::int64_t last = 0;
};

enum class Standing { fits, gap, malformed };

struct RangeVerdict {
  Standing standing = Standing::fits;
  std::string detail;  // for malformed
};

// `held`: last covered sequence of the epoch, 0 = the epoch is unknown. `sequences`: those of the
// batch's events, in order. Above `held` each sequence of the range must be there exactly once; at
// or below any subset may.
RangeVerdict judge_range(std::int64_t held, Range range,
                         const std::vector<std::int64_t>& sequences);

}  // namespace rollcall::casesim
