// What happens at a terminal, told to whoever reports it: simulator and tests. Boards have none.
#pragma once

#include <chrono>

#include "firmware/terminal/enrolment.hpp"
#include "firmware/terminal/feedback.hpp"
#include "hal/card_reader.hpp"
#include "protocol/link.hpp"
#include "protocol/messages.hpp"

namespace rollcall::firmware {

class Observer {
 public:
  // The tap is in the queue and not answered yet.
  virtual void on_taken(const hal::Card& card, const protocol::Tap& tap) = 0;
  // Light and tone are on. `tap` is null when nothing was recorded; so is `card` empty when
  // there were several.
  virtual void on_shown(const hal::Card& card, const protocol::Tap* tap, Shown shown,
                        std::chrono::milliseconds after_tap) = 0;
  // An answer to a tap that no longer waits for one.
  virtual void on_late_answer(const protocol::Answer& answer) = 0;
  virtual void on_link(bool welcomed, protocol::CloseReason reason) = 0;
  // A provisioning window is over.
  virtual void on_enrolment(EnrolResult result) = 0;

 protected:
  ~Observer() = default;
};

}  // namespace rollcall::firmware
