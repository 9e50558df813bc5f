// What an answer of the case system means for a batch (docs/api/case-system.yaml). Pure.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace rollcall::delivery {

// The contract's closed list of reasons for a rejection.
inline constexpr std::array<std::string_view, 5> rejection_reasons = {
    "unknown-person", "unknown-session", "schema", "duplicate-person", "not-allowed"};

struct Rejection {
  std::string event_id;
  std::string reason;  // of the list above
  std::string detail;
};

struct Receipt {
  std::string id;
  std::size_t accepted = 0;
  std::vector<Rejection> rejected;
};
struct Split {};      // 413: too large
struct KeyReused {};  // 422: the key was used with other bytes
struct Fork {         // 409: another event is held at this place
  std::string epoch;
  std::int64_t sequence = 0;
  std::string event_id;
};
struct Gap {  // 409: events are missing before this batch
  std::string epoch;
  std::int64_t expected = 0;
};
struct TryAgain {  // 408, 429, 5xx, or an answer that makes no sense
  std::string why;
  bool bad_receipt = false;
  bool throttled = false;
  std::optional<std::chrono::milliseconds> retry_after;
};
struct Refused {  // any other answer: repeating cannot help
  std::string why;
};
using Answer = std::variant<Receipt, Split, KeyReused, Fork, Gap, TryAgain, Refused>;

struct RawAnswer {
  unsigned status = 0;
  std::string_view body;
  std::string_view retry_after;  // header, empty = none
};

// A receipt is believed only when its two lists are together exactly `event_ids`, each id once,
// with reasons of the closed list.
Answer understand(const RawAnswer& raw, const std::vector<std::string>& event_ids,
                  std::int64_t now_ms);

// For requests other than a batch: nothing when the status is 200.
std::optional<std::variant<TryAgain, Refused>> failure_of(const RawAnswer& raw,
                                                          std::int64_t now_ms);

}  // namespace rollcall::delivery
