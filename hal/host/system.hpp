// Clock and entropy of a Linux process.
#pragma once

#include "hal/clock.hpp"
#include "hal/entropy.hpp"

namespace rollcall::hal::host {

// Monotonic time counts from construction. The calendar clock is the system's own, and so is the
// counter, so that a simulated terminal lives through the hours that a played day leaves out
// (docs/decisions/0002-time-of-the-example-day.md).
class SystemClock final : public Clock {
 public:
  SystemClock();
  std::chrono::milliseconds monotonic() override;
  std::chrono::milliseconds counter() override;
  std::optional<std::chrono::milliseconds> calendar() override;

 private:
  std::chrono::steady_clock::time_point start_;
  std::chrono::system_clock::time_point played_start_;
  std::chrono::milliseconds counter_{0};
};

// getrandom(2). Ends the process when the kernel refuses, for then no key is safe.
class SystemEntropy final : public Entropy {
 public:
  void fill(MutableBytes out) override;
  bool seeded() override { return true; }  // getrandom waits for the kernel's pool
};

}  // namespace rollcall::hal::host
