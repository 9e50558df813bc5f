// rollcall attendance, rollcall now: what staff record and correct, and who is here.
#pragma once

#include "provisioning/context.hpp"

namespace CLI {
class App;
}

namespace rollcall::provisioning {

// `choices`, `context` and `exit` outlive the app.
void add_attendance_commands(CLI::App& app, Choices& choices, const Context& context, Exit& exit);

}  // namespace rollcall::provisioning
