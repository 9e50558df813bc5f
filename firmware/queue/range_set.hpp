// A bounded set of numbers: all below a floor, and a few ranges above it. When the ranges run out
// the smallest is forgotten; for acknowledgements that costs a resend and loses nothing.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace rollcall::firmware::queue {

template <std::size_t Capacity>
class RangeSet {
 public:
  struct Range {
    std::uint64_t first = 0;
    std::uint64_t end = 0;  // one past the last

    friend bool operator==(const Range&, const Range&) = default;
  };

  std::uint64_t floor() const { return floor_; }
  std::span<const Range> ranges() const { return {ranges_, count_}; }

  bool contains(std::uint64_t n) const {
    if (n < floor_) return true;
    return std::any_of(ranges_, ranges_ + count_,
                       [n](const Range& r) { return n >= r.first && n < r.end; });
  }
  // The smallest number from `n` on that is not in the set.
  std::uint64_t next_missing(std::uint64_t n) const {
    n = std::max(n, floor_);
    for (const Range& r : ranges()) {
      if (n >= r.first && n < r.end) n = r.end;
    }
    return n;
  }
  // How many numbers below `limit` are not in the set.
  std::uint64_t missing_below(std::uint64_t limit) const {
    if (limit <= floor_) return 0;
    std::uint64_t missing = limit - floor_;
    for (const Range& r : ranges()) missing -= std::min(r.end, limit) - std::min(r.first, limit);
    return missing;
  }

  // Adds [first, end). True when the set changed.
  bool add(std::uint64_t first, std::uint64_t end) {
    first = std::max(first, floor_);
    if (first >= end) return false;
    Range merged{first, end};
    std::size_t kept = 0;
    for (std::size_t i = 0; i < count_; ++i) {
      const Range r = ranges_[i];
      if (r.first <= first && r.end >= end) return false;
      if (r.end < merged.first || r.first > merged.end) {
        ranges_[kept++] = r;
      } else {
        merged = {std::min(merged.first, r.first), std::max(merged.end, r.end)};
      }
    }
    count_ = kept;
    if (merged.first == floor_) {
      floor_ = merged.end;
    } else {
      insert(merged);
    }
    return true;
  }

 private:
  void insert(Range range) {
    if (count_ == Capacity) {
      const auto size = [](const Range& r) { return r.end - r.first; };
      Range* smallest =
          std::min_element(ranges_, ranges_ + count_,
                           [&](const Range& a, const Range& b) { return size(a) < size(b); });
      if (size(*smallest) >= size(range)) return;
      *smallest = range;
    } else {
      ranges_[count_++] = range;
    }
    std::sort(ranges_, ranges_ + count_,
              [](const Range& a, const Range& b) { return a.first < b.first; });
  }

  std::uint64_t floor_ = 0;
  std::size_t count_ = 0;
  Range ranges_[Capacity];
};

}  // namespace rollcall::firmware::queue
