// Time inside the link: milliseconds in 32 bits that wrap after 49 days and are compared by
// distance. Half as many instructions on a board as with 64 bits, and a link asks for the time a
// lot.
#pragma once

#include <cstdint>

#include "protocol/link_timing.hpp"

namespace rollcall::protocol {

using Ticks = std::uint32_t;

constexpr Ticks ticks(Millis time) {
  return static_cast<Ticks>(time.count());
}

// Of two times less than 24 days apart.
constexpr std::int32_t distance(Ticks from, Ticks to) {
  return static_cast<std::int32_t>(to - from);
}
constexpr bool reached(Ticks now, Ticks at) {
  return distance(at, now) >= 0;
}

inline constexpr std::int32_t no_deadline = INT32_MAX;  // as a distance

}  // namespace rollcall::protocol
