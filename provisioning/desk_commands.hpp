// rollcall person, rollcall code: what the desk does for somebody without a card.
#pragma once

#include "provisioning/context.hpp"

namespace CLI {
class App;
}

namespace rollcall::provisioning {

// `choices`, `context` and `exit` outlive the app.
void add_desk_commands(CLI::App& app, Choices& choices, const Context& context, Exit& exit);

}  // namespace rollcall::provisioning
