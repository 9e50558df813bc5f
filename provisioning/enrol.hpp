// `rollcall terminal enrol`: a conversation with the person who stands at the terminal.
#pragma once

#include <string>
#include <vector>

#include "provisioning/context.hpp"

namespace rollcall::provisioning {

struct EnrolWish {
  std::string serial;
  std::string room;
  std::string mode;
  std::vector<std::string> languages;
};

// Opens the daemon's window, waits for the terminal, asks for the six digits that it shows, and
// waits for its own confirmation. The number is always typed: there is no other way through. Ctrl-C
// and the end of the input close the window.
Exit enrol(const Context& context, const EnrolWish& wish);

}  // namespace rollcall::provisioning
