// How long to wait for an ACK: the estimator of Jacobson and Karels as in RFC 6298 section 2,
// within the link's own bounds.
#pragma once

#include <algorithm>
#include <chrono>

namespace rollcall::protocol {

class RoundTrip {
 public:
  using Millis = std::chrono::milliseconds;

  // `first`: before anything is measured. Afterwards within `lowest` and `highest`.
  RoundTrip(Millis first, Millis lowest, Millis highest)
      : lowest_(lowest), highest_(highest), timeout_(first) {}

  Millis timeout() const { return timeout_; }

  // A frame that was sent once was acknowledged after `took`. Frames that were repeated say
  // nothing: nobody knows which of them the ACK belongs to.
  void sample(Millis took) {
    if (!measured_) {
      measured_ = true;
      smoothed_x8_ = took * 8;
      variation_x4_ = took * 2;
    } else {
      const Millis error = took - smoothed_x8_ / 8;
      smoothed_x8_ += error;
      variation_x4_ += std::chrono::abs(error) - variation_x4_ / 4;
    }
    timeout_ = std::clamp(smoothed_x8_ / 8 + variation_x4_, lowest_, highest_);
  }
  // A frame is repeated.
  void back_off() { timeout_ = std::min(timeout_ * 2, highest_); }

 private:
  Millis lowest_;
  Millis highest_;
  Millis timeout_;
  Millis smoothed_x8_{0};
  Millis variation_x4_{0};
  bool measured_ = false;
};

}  // namespace rollcall::protocol
