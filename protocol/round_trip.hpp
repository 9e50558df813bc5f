// How long to wait for an ACK: the estimator of Jacobson and Karels as in RFC 6298 section 2,
// within the link's own bounds.
#pragma once

#include "protocol/ticks.hpp"

namespace rollcall::protocol {

class RoundTrip {
 public:
  // `first`: before anything is measured. Afterwards within retransmit_min and retransmit_max.
  explicit constexpr RoundTrip(Millis first) : timeout_(ticks(first)) {}

  Ticks timeout() const { return timeout_; }

  // A frame that was sent once was acknowledged after `took`. Frames that were repeated say
  // nothing: nobody knows which of them the ACK belongs to.
  void sample(Ticks took);
  // A frame is repeated.
  void back_off();

 private:
  Ticks timeout_;
  std::int32_t smoothed_x8_ = -1;  // ms times 8; negative: nothing is measured
  std::int32_t variation_x4_ = 0;
};

}  // namespace rollcall::protocol
