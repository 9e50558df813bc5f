// rollcall roster: a new roster, what each source said, removals that wait.
#pragma once

#include "provisioning/context.hpp"

namespace CLI {
class App;
}

namespace rollcall::provisioning {

// `choices`, `context` and `exit` outlive the app.
void add_roster_commands(CLI::App& app, Choices& choices, const Context& context, Exit& exit);

}  // namespace rollcall::provisioning
