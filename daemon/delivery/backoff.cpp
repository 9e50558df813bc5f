#include "daemon/delivery/backoff.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <string>

#include <time.h>

namespace rollcall::delivery {

using std::chrono::milliseconds;

milliseconds pause_before_retry(unsigned failures, milliseconds first, milliseconds most,
                                std::uint64_t random, std::optional<milliseconds> retry_after) {
  // 2^20 times the first pause is above every sensible limit, and cannot overflow.
  const milliseconds ceiling =
      std::min(most, milliseconds{first.count() << std::min(failures, 20u)});
  const auto choices = static_cast<std::uint64_t>(std::max<long long>(ceiling.count(), 0)) + 1;
  const milliseconds jittered{static_cast<long long>(random % choices)};
  return std::max(jittered, std::min(retry_after.value_or(milliseconds{0}), longest_pause));
}

std::optional<milliseconds> parse_retry_after(std::string_view text, std::int64_t now_ms) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error == std::errc::result_out_of_range) return longest_pause;
  if (error == std::errc() && end == text.data() + text.size()) {
    if (seconds < 0) return std::nullopt;
    const std::int64_t bounded =
        std::min(seconds, std::chrono::duration_cast<std::chrono::seconds>(longest_pause).count());
    return std::chrono::seconds{bounded};
  }
  std::tm when{};
  const std::string date(text);
  const char* rest = ::strptime(date.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &when);
  if (rest == nullptr || *rest != '\0') return std::nullopt;
  const std::int64_t until_ms = std::int64_t{::timegm(&when)} * 1000;
  return std::clamp(milliseconds{until_ms - now_ms}, milliseconds{0}, longest_pause);
}

}  // namespace rollcall::delivery
