// Clock and entropy of a Linux process.
#pragma once

#include "hal/clock.hpp"
#include "hal/entropy.hpp"

namespace rollcall::hal::host {

// Monotonic time counts from construction. The calendar clock is the system's own.
class SystemClock final : public Clock {
 public:
  SystemClock() : start_(std::chrono::steady_clock::now()) {}
  std::chrono::milliseconds monotonic() override;
  std::optional<std::chrono::milliseconds> calendar() override;

 private:
  std::chrono::steady_clock::time_point start_;
};

// getrandom(2). Ends the process when the kernel refuses, for then no key is safe.
class SystemEntropy final : public Entropy {
 public:
  void fill(MutableBytes out) override;
};

}  // namespace rollcall::hal::host
