// From the events of an input device, as evdev has them (linux/input-event-codes.h), to presses: a
// finger that comes down is one, however it then moves, bounces or stays.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "hal/display.hpp"
#include "hal/touch.hpp"

namespace rollcall::hal {

struct InputEvent {
  std::uint16_t type = 0;
  std::uint16_t code = 0;
  std::uint32_t value = 0;
};

// What the device reports on one axis, both included.
struct AxisRange {
  std::uint32_t low = 0;
  std::uint32_t high = 0x7fff;
};

class TouchDecoder {
 public:
  // A finger that comes down again sooner has only bounced.
  static constexpr std::chrono::milliseconds bounce{30};

  TouchDecoder(Size display, AxisRange x, AxisRange y) : display_(display), x_(x), y_(y) {}

  // A press, in pixels of the display, when `event` ends a report (SYN_REPORT) that has one. `now`,
  // of the clock device, becomes its time.
  std::optional<TouchPoint> take(const InputEvent& event, std::chrono::milliseconds now);

 private:
  Size display_;
  AxisRange x_;
  AxisRange y_;
  TouchPoint at_;
  bool touching_ = false;  // as the events say
  bool down_ = false;      // as of the last report
  std::optional<std::chrono::milliseconds> lifted_at_;
};

}  // namespace rollcall::hal
