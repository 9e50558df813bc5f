// The flow in which a person signs what they have not signed yet: each half-day is stated by itself
// and signed by itself.
#pragma once

#include <chrono>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "daemon/attendance/turn_round.hpp"
#include "daemon/flows/kiosk.hpp"
#include "daemon/halfdays/signing.hpp"

namespace rollcall::flows {

// As generous as for an assessment (Pace), but for the answer to the tap: who signs stands in a
// line of many who do.
struct SigningPace {
  std::chrono::milliseconds settle{1000};  // the answer to the tap stays up
  std::chrono::milliseconds read{700};  // a card that comes sooner cannot have seen what it signs
  std::chrono::milliseconds other_way{5000};   // to say that the tap was the other way
  std::chrono::milliseconds patience{60000};   // per screen, then "Do you need more time?"
  std::chrono::milliseconds more_time{30000};  // for that question
  std::chrono::milliseconds goodbye{2500};     // "Signed", and what ends it otherwise
};

enum class SigningEnd {
  nothing_to_sign,
  all_signed,
  later,        // the person left the rest for another time
  other_way,    // the person says that the tap was; nothing was signed yet
  ended,        // somebody else's turn, nobody there, or the place is gone
  not_recorded  // could not be signed any more, or not committed: the person is asked to see the
                // desk
};

struct SigningWords {
  std::string language;   // of the texts
  std::string time_zone;  // of the site, IANA
  std::string other_way;  // "I am leaving": the answer can be turned round; "" = it cannot
};

// Kiosk and signing outlive the flow.
boost::asio::awaitable<SigningEnd> sign_half_days(Kiosk& kiosk, halfdays::Signing& signing,
                                                  SigningWords texts, SigningPace pace = {});

// What follows when the person says that their tap was the other way.
struct Turning {
  attendance::Turn& turn;
  bool arrived;                // what they were answered first
  halfdays::Signing& signing;  // of who went the other way: as somebody who stays, what is over
  std::chrono::milliseconds answer;  // the new answer stays up
};

// As above, after a tap. Who says that it was the other way is answered anew, and signs then. What
// `turning` names outlives the flow, too.
boost::asio::awaitable<SigningEnd> sign_after_tap(Kiosk& kiosk, halfdays::Signing& signing,
                                                  SigningWords texts, SigningPace pace,
                                                  Turning turning);

}  // namespace rollcall::flows
