// Times and bounds of the link, of both ends.
#pragma once

#include <chrono>

namespace rollcall::protocol {

using Millis = std::chrono::milliseconds;  // time since any fixed point, monotonic

namespace link_timing {
inline constexpr Millis hello_interval{500};  // HELLO and HANDSHAKE are repeated
inline constexpr Millis retransmit_min{100};
inline constexpr Millis retransmit_max{2000};
inline constexpr Millis ping_interval{5000};    // after this long without a frame from the peer
inline constexpr Millis silence_limit{15000};   // without a frame from the peer: closed
inline constexpr Millis retransmit_first{500};  // before the first round trip is measured
inline constexpr Millis unknown_interval{
    1000};                                   // UNKNOWN SESSION: said and heard at most this often
inline constexpr int max_transmissions = 8;  // of one data frame: then closed
}  // namespace link_timing

}  // namespace rollcall::protocol
