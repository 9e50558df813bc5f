#include "protocol/round_trip.hpp"

#include <algorithm>

namespace rollcall::protocol {
namespace {

constexpr Ticks lowest = ticks(link_timing::retransmit_min);
constexpr Ticks highest = ticks(link_timing::retransmit_max);
constexpr Ticks longest_sample = ticks(link_timing::silence_limit);  // then the link is closed

}  // namespace

void RoundTrip::sample(Ticks took) {
  const auto value = static_cast<std::int32_t>(std::min(took, longest_sample));
  if (smoothed_x8_ < 0) {
    smoothed_x8_ = value * 8;
    variation_x4_ = value * 2;
  } else {
    const std::int32_t error = value - smoothed_x8_ / 8;
    smoothed_x8_ += error;
    variation_x4_ += (error < 0 ? -error : error) - variation_x4_ / 4;
  }
  timeout_ = std::clamp(static_cast<Ticks>(smoothed_x8_ / 8 + variation_x4_), lowest, highest);
}

void RoundTrip::back_off() {
  timeout_ = std::min(timeout_ * 2, highest);
}

}  // namespace rollcall::protocol
