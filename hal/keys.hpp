// Keys beside the display, numbered by position from the left, from 0.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace rollcall::hal {

struct KeyPress {
  std::uint8_t key = 0;
  std::chrono::milliseconds at{0};  // of the clock device, when it went down
};

class Keys {
 public:
  // The oldest press not yet taken, debounced; each press is given once. A key that is down since
  // start counts only after it was let go.
  virtual std::optional<KeyPress> poll() = 0;

 protected:
  ~Keys() = default;
};

}  // namespace rollcall::hal
