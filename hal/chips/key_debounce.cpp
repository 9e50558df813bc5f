#include "hal/chips/key_debounce.hpp"

#include <algorithm>

namespace rollcall::hal {

std::optional<KeyPress> KeyDebounce::poll() {
  look();
  if (count_ == 0) return {};
  const KeyPress oldest = presses_[0];
  std::shift_left(presses_.begin(), presses_.begin() + static_cast<std::ptrdiff_t>(count_), 1);
  --count_;
  return oldest;
}

std::optional<std::chrono::milliseconds> KeyDebounce::next_look() const {
  std::optional<std::chrono::milliseconds> next;
  for (const Key& key : keys_) {
    if (key.changed_at && (!next || *key.changed_at + settle < *next)) {
      next = *key.changed_at + settle;
    }
  }
  return next;
}

void KeyDebounce::look() {
  const auto now = clock_.monotonic();
  for (std::size_t i = 0; i < pins_.size(); ++i) {
    Key& key = keys_[i];
    if (pins_[i]->high() != key.down) {  // a pin is low while its key is down: as before
      key.changed_at.reset();
    } else if (!key.changed_at) {
      key.changed_at = now;
    } else if (now - *key.changed_at >= settle) {
      key.down = !key.down;
      if (key.down && count_ < presses_.size()) {
        presses_[count_++] = {static_cast<std::uint8_t>(i), *key.changed_at};
      }
      key.changed_at.reset();
    }
  }
}

}  // namespace rollcall::hal
