// By what a person at a screen is known: their own card or code, as it was recorded.
#pragma once

#include <string>

#include "daemon/events/event.hpp"

namespace rollcall::halfdays {

struct OwnTap {
  events::TapIdentity tap;  // its serial is the place
  std::string method;       // as events have it
  std::string assurance;
};

}  // namespace rollcall::halfdays
