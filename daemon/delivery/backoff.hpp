// How long to wait before the next attempt. Pure: time and randomness are passed in.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace rollcall::delivery {

// Nobody keeps a site silent for longer than this by one header.
inline constexpr std::chrono::milliseconds longest_pause = std::chrono::hours{24};

// Full jitter: a random wait in [0, min(most, first * 2^failures)], and never sooner than the other
// side asked for. `failures` counts from 0; `random` is uniform over its whole range.
std::chrono::milliseconds pause_before_retry(unsigned failures, std::chrono::milliseconds first,
                                             std::chrono::milliseconds most, std::uint64_t random,
                                             std::optional<std::chrono::milliseconds> retry_after);

// The value of a Retry-After header (RFC 9110 section 10.2.3): seconds or a date. Nothing when it
// is neither.
std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view text,
                                                           std::int64_t now_ms);

}  // namespace rollcall::delivery
