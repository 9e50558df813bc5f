// `rollcall card issue` and `card replace`: a conversation with the person at the desk.
#pragma once

#include <string>

#include "provisioning/context.hpp"

namespace rollcall::provisioning {

struct IssueOrder {
  std::string person;
  std::string serial;  // of the terminal
  std::string reason;
  bool replaces = false;
};

// Has the daemon wait for the next card at the terminal and says what became of it. Ctrl-C ends the
// wait.
Exit issue(const Context& context, const IssueOrder& order);

}  // namespace rollcall::provisioning
