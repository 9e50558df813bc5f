#include "hal/host/system.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include <sys/random.h>

namespace rollcall::hal::host {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

SystemClock::SystemClock()
    : start_(std::chrono::steady_clock::now()), played_start_(std::chrono::system_clock::now()) {}

milliseconds SystemClock::counter() {
  const auto played = std::chrono::system_clock::now() - played_start_;
  return counter_ = std::max(counter_, duration_cast<milliseconds>(played));
}

milliseconds SystemClock::monotonic() {
  return duration_cast<milliseconds>(std::chrono::steady_clock::now() - start_);
}

std::optional<milliseconds> SystemClock::calendar() {
  return duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch());
}

void SystemEntropy::fill(MutableBytes out) {
  while (!out.empty()) {
    const ssize_t done = ::getrandom(out.data(), out.size(), 0);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) std::abort();
    out = out.subspan(static_cast<std::size_t>(done));
  }
}

}  // namespace rollcall::hal::host
