// Keys on input pins, debounced: a level counts when it has held for `settle`.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

#include "hal/clock.hpp"
#include "hal/keys.hpp"
#include "hal/pin.hpp"

namespace rollcall::hal {

class KeyDebounce final : public Keys {
 public:
  static constexpr std::size_t max_keys = 8;
  static constexpr std::chrono::milliseconds settle{10};

  // `pins`, at most max_keys of them by key number, and `clock` outlive this. A pin is low while
  // its key is down.
  KeyDebounce(std::span<InputPin* const> pins, Clock& clock) : pins_(pins), clock_(clock) {}

  // Also looks at the pins: to be called when one may have changed, and at next_look().
  std::optional<KeyPress> poll() override;
  // When a changed level will have held for long enough; nothing while all are steady.
  std::optional<std::chrono::milliseconds> next_look() const;

 private:
  struct Key {
    bool down = true;  // what counts; as if down at start, so that only a later press is one
    std::optional<std::chrono::milliseconds> changed_at;  // the pin says otherwise since then
  };

  void look();

  std::span<InputPin* const> pins_;
  Clock& clock_;
  std::array<Key, max_keys> keys_{};
  std::array<KeyPress, max_keys> presses_{};  // the oldest first; when full, later ones are lost
  std::size_t count_ = 0;
};

}  // namespace rollcall::hal
