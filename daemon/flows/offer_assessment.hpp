// The flow of a short assessment: offer it, ask its questions, record what became of it.
#pragma once

#include <chrono>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "daemon/assessments/instrument.hpp"
#include "daemon/assessments/record.hpp"
#include "daemon/flows/kiosk.hpp"

namespace rollcall::flows {

// Generous, and what is asked is extended by one touch as often as wanted (WCAG 2.2, 2.2.1).
struct Pace {
  std::chrono::milliseconds settle{
      1500};  // the answer to the tap stays up; the next in line may tap
  std::chrono::milliseconds patience{60000};   // per screen, then "Do you need more time?"
  std::chrono::milliseconds more_time{30000};  // for that question
  std::chrono::milliseconds thanks{3000};
  std::chrono::milliseconds other_way{5000};  // to say so, from when the way to it is there
};

enum class Ending {
  not_offered,  // somebody else tapped first, or the offer could not be recorded
  declined,
  completed,
  abandoned,
  not_recorded,  // all was answered, but could not be committed: the person is asked to see the
                 // desk
};

// `language`: of the texts. Kiosk, record and instrument outlive the flow.
boost::asio::awaitable<Ending> offer_assessment(Kiosk& kiosk, assessments::Record& record,
                                                const assessments::Instrument& instrument,
                                                std::string language, Pace pace = {});

}  // namespace rollcall::flows
