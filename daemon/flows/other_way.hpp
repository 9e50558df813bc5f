// The flow after an answer that came to a movement: the answer stays with its time, and one touch
// or key says that it was the other way.
#pragma once

#include <chrono>

#include <boost/asio/awaitable.hpp>

#include "daemon/attendance/turn_round.hpp"
#include "daemon/flows/kiosk.hpp"

namespace rollcall::flows {

enum class OtherWay {
  stands,        // as it was answered
  turned,        // and the place has answered anew
  not_recorded,  // it was said, and could not be kept: the person is asked to see the desk
  interrupted,   // the place is somebody else's, or gone
};

// `time`: how long the person may say so. Kiosk and turn outlive the flow.
boost::asio::awaitable<OtherWay> offer_other_way(Kiosk& kiosk, attendance::Turn& turn,
                                                 screens::Moved moved,
                                                 std::chrono::milliseconds time);

// What follows when it was said on another screen.
boost::asio::awaitable<OtherWay> go_other_way(Kiosk& kiosk, attendance::Turn& turn, bool arrived);

}  // namespace rollcall::flows
