#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace rollcall::metrics {

// One metric. The position in its list is the value of its enum (metrics.hpp).
struct Declaration {
  std::string_view name;
  std::string_view help;
  std::string_view label = {};                // "" = none
  std::vector<std::string_view> values = {};  // of the label; "other" is added
};

std::span<const Declaration> counters();
std::span<const Declaration> gauges();
std::span<const Declaration> histograms();

// Upper bounds of every histogram's buckets, seconds.
std::span<const double> buckets();

}  // namespace rollcall::metrics
