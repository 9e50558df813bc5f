#include "daemon/attendance/bracket.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include "protocol/time_sync.hpp"

namespace rollcall::attendance {

using events::largest_number;
using events::latest_wall_ms;

namespace {

constexpr std::uint64_t ms_per_ms_of_drift =
    1'000'000'000 / static_cast<std::uint64_t>(protocol::time_sync::unmeasured_drift);

// What a terminal's clock may be wrong by over this time; also for what was cut off to whole ms.
constexpr std::int64_t drift(std::uint64_t elapsed_ms) {
  return static_cast<std::int64_t>(elapsed_ms / ms_per_ms_of_drift) + 1;
}

// How long it took at least, by a clock that may run fast.
constexpr std::int64_t at_least(std::uint64_t elapsed_ms) {
  return std::max<std::int64_t>(static_cast<std::int64_t>(elapsed_ms) - drift(elapsed_ms), 0);
}

Bracket said_by(const ProvenPoint& point, const ClockPlace& tap) {
  if (point.boot < tap.boot) return {point.earliest_ms + at_least(tap.monotonic_ms), std::nullopt};
  if (point.boot > tap.boot) {
    return {std::nullopt, point.latest_ms - at_least(point.monotonic_ms.value_or(0))};
  }
  if (!point.monotonic_ms) return {};
  const std::uint64_t from = *point.monotonic_ms, to = tap.monotonic_ms;
  const auto distance = static_cast<std::int64_t>(to) - static_cast<std::int64_t>(from);
  const std::int64_t doubt = drift(from < to ? to - from : from - to);
  return {point.earliest_ms + distance - doubt, point.latest_ms + distance + doubt};
}

Bracket both(const Bracket& a, const Bracket& b) {
  Bracket result = a;
  if (b.not_before_ms) {
    result.not_before_ms =
        a.not_before_ms ? std::max(*a.not_before_ms, *b.not_before_ms) : *b.not_before_ms;
  }
  if (b.not_after_ms) {
    result.not_after_ms =
        a.not_after_ms ? std::min(*a.not_after_ms, *b.not_after_ms) : *b.not_after_ms;
  }
  return result;
}

bool possible(const Bracket& bracket) {
  const auto is_time = [](const std::optional<std::int64_t>& ms) {
    return !ms || (*ms > 0 && *ms <= latest_wall_ms);
  };
  return is_time(bracket.not_before_ms) && is_time(bracket.not_after_ms) &&
         (!bracket.not_before_ms || !bracket.not_after_ms ||
          *bracket.not_before_ms <= *bracket.not_after_ms);
}

// Of two points the one whose place on the terminal's clock is later.
bool newer(const ProvenPoint& a, const ProvenPoint& b) {
  if (a.boot != b.boot) return a.boot > b.boot;
  constexpr std::uint64_t end = std::numeric_limits<std::uint64_t>::max();
  return a.monotonic_ms.value_or(end) > b.monotonic_ms.value_or(end);
}

}  // namespace

std::optional<ProvenPoint> proven_point(std::uint32_t boot,
                                        std::optional<std::uint64_t> monotonic_ms,
                                        std::int64_t wall_ms, protocol::ClockTrust trust) {
  const auto error = error_of(trust);
  if (!error || wall_ms <= 0 || wall_ms > latest_wall_ms) return std::nullopt;
  if (monotonic_ms && *monotonic_ms > largest_number) return std::nullopt;
  return ProvenPoint{boot, monotonic_ms, wall_ms - error->count(), wall_ms + error->count()};
}

Bracket bracket(const ClockPlace& tap, std::span<const ProvenPoint> points,
                std::optional<std::int64_t> received_by_ms) {
  Bracket result{std::nullopt, received_by_ms};
  if (tap.monotonic_ms > largest_number) return result;
  std::vector<ProvenPoint> ordered(points.begin(), points.end());
  std::ranges::stable_sort(ordered, newer);
  for (const ProvenPoint& point : ordered) {
    const Bracket narrower = both(result, said_by(point, tap));
    if (!possible(narrower)) break;
    result = narrower;
  }
  return result;
}

std::optional<Instants> judged_at(const events::TimeBlock& time) {
  const std::optional<std::int64_t>& from = time.not_before_ms;
  const std::optional<std::int64_t>& to = time.not_after_ms;
  if (time.wall_ms) {
    const std::int64_t wall = *time.wall_ms;
    const bool contradicted = (from && wall < *from) || (to && wall > *to);
    if (time.trust != protocol::ClockTrust::unproven || !contradicted) return Instants{wall, wall};
  }
  if (!from || !to || std::chrono::milliseconds(*to - *from) > narrow) return std::nullopt;
  return Instants{*from, *to};
}

}  // namespace rollcall::attendance
