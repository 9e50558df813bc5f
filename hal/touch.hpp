// A touch panel that reports where a finger came down.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace rollcall::hal {

struct TouchPoint {
  std::uint16_t x = 0;              // pixels of the display, from the left
  std::uint16_t y = 0;              // from the top
  std::chrono::milliseconds at{0};  // of the clock device, when it came down
};

class TouchPanel {
 public:
  // The oldest press not yet taken; each press is given once.
  virtual std::optional<TouchPoint> poll() = 0;

 protected:
  ~TouchPanel() = default;
};

}  // namespace rollcall::hal
