// One tap per touch of a card to the reader, however long it stays and however shaky the hand is.
#pragma once

#include <chrono>
#include <optional>

#include "hal/card_reader.hpp"

namespace rollcall::firmware {

using Millis = std::chrono::milliseconds;

// The same card counts again after it was away this long (EN 301 549 5.9 double-strike filter).
inline constexpr Millis card_away{500};

class Debounce {
 public:
  // `seen`: what is in the field now. Returns a card that has just come.
  std::optional<hal::Card> update(const std::optional<hal::Card>& seen, Millis now) {
    if (!seen) {
      if (present_) left_at_ = now;
      present_ = false;
      return std::nullopt;
    }
    const bool same = last_ && *last_ == *seen;
    const bool still_here = same && (present_ || now - left_at_ < card_away);
    if (same && !present_ && still_here) ++swallowed_;
    present_ = true;
    last_ = seen;
    if (still_here) return std::nullopt;
    return seen;
  }
  unsigned swallowed() const { return swallowed_; }  // returns of a card within card_away

 private:
  std::optional<hal::Card> last_;
  bool present_ = false;
  Millis left_at_{0};
  unsigned swallowed_ = 0;
};

}  // namespace rollcall::firmware
