// rollcall account, rollcall audit: who may sign in at the console, and what they did.
#pragma once

#include "provisioning/context.hpp"

namespace CLI {
class App;
}

namespace rollcall::provisioning {

// `choices`, `context` and `exit` outlive the app.
void add_account_commands(CLI::App& app, Choices& choices, const Context& context, Exit& exit);

}  // namespace rollcall::provisioning
