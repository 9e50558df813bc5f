// `rollcall terminal ...`: the site's terminals.
#pragma once

#include "provisioning/context.hpp"

namespace CLI {
class App;
}

namespace rollcall::provisioning {

// Adds the command and those below it; `exit` is set by the one that ran. All outlive the parsing.
void add_terminal_commands(CLI::App& app, Choices& choices, const Context& context, Exit& exit);

}  // namespace rollcall::provisioning
