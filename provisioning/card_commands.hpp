// `rollcall card ...` for cards that prove a key: issue, replace, lost, revoke, list.
#pragma once

#include "provisioning/context.hpp"

namespace CLI {
class App;
}

namespace rollcall::provisioning {

// Adds the commands below `card`; `exit` is set by the one that ran. All outlive the parsing.
void add_card_commands(CLI::App& card, Choices& choices, const Context& context, Exit& exit);

}  // namespace rollcall::provisioning
