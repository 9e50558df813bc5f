// Time since start, and a battery-backed calendar clock where the board has one.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace rollcall::hal {

class Clock {
 public:
  // Since this start of the firmware; never goes back.
  virtual std::chrono::milliseconds monotonic() = 0;
  // What wall time is carried on by between two statements of the host. It never goes back, and is
  // monotonic() everywhere but in a simulator whose hours are played in seconds.
  virtual std::chrono::milliseconds counter() { return monotonic(); }
  // Unix time of the calendar clock; nothing when the board has none. It says nothing about how far
  // that clock may be believed: trust comes from the host's statement.
  virtual std::optional<std::chrono::milliseconds> calendar() = 0;

 protected:
  ~Clock() = default;
};

}  // namespace rollcall::hal
