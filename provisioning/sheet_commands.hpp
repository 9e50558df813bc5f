// `rollcall sheets`: half-days are looked at, confirmed, signed with a witness, withdrawn, closed
// and checked.
#pragma once

#include "provisioning/context.hpp"

namespace CLI {
class App;
}

namespace rollcall::provisioning {

void add_sheet_commands(CLI::App& app, Choices& choices, const Context& context, Exit& exit);

}  // namespace rollcall::provisioning
