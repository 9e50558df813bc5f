// One tap per touch of a card to the reader, however long it stays and however shaky the hand is;
// and one word about several cards, of which none is a tap until they are gone.
#pragma once

#include <chrono>
#include <optional>
#include <utility>

#include "hal/recognition.hpp"

namespace rollcall::hal {

// The same card counts again after it was away this long (EN 301 549 5.9 double-strike filter). So
// long must the reader be empty after several cards: a wallet on its way out shows them one by one.
inline constexpr std::chrono::milliseconds card_away{500};

class Debounce {
 public:
  using Millis = std::chrono::milliseconds;

  // `seen`: what is in the field now. Returns it when it has just come: a card, or several.
  std::optional<Sight> update(const Sight& seen, Millis now) {
    const bool was_present = std::exchange(present_, seen.what != Sight::What::nothing);
    if (!present_) {
      if (was_present) left_at_ = now;
      return std::nullopt;
    }
    const bool just_left = was_present || now - left_at_ < card_away;
    if (seen.what == Sight::What::several) {
      const bool told = several_ && just_left;
      several_ = true;
      last_ = {};
      return told ? std::nullopt : std::optional(seen);
    }
    if (several_ && just_left) return std::nullopt;
    several_ = false;
    const bool still_here = seen.same_card(last_) && just_left;
    if (still_here && !was_present) ++swallowed_;
    last_ = seen;
    return still_here ? std::nullopt : std::optional(seen);
  }
  unsigned swallowed() const { return swallowed_; }  // returns of a card within card_away

 private:
  Sight last_;
  bool present_ = false;
  bool several_ = false;
  Millis left_at_{0};
  unsigned swallowed_ = 0;
};

}  // namespace rollcall::hal
