#include "daemon/attendance/code_guard.hpp"

namespace rollcall::attendance {

bool CodeGuard::closed(const std::string& terminal, Millis now) const {
  const auto found = terminals_.find(terminal);
  return found != terminals_.end() && now < found->second.closed_until;
}

bool CodeGuard::wrong(const std::string& terminal, Millis now) {
  Tries& here = terminals_[terminal];
  if (now - here.last > remembered) here.wrong = 0;
  here.last = now;
  if (++here.wrong < tries) return false;
  here.wrong = 0;
  here.closed_until = now + closed_for;
  return true;
}

}  // namespace rollcall::attendance
