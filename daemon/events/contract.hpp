// What texts may look like in an event, as docs/api/events/common.json has it. Whoever lets another
// one in makes an event that the case system rejects.
#pragma once

#include <string_view>

namespace rollcall::events {

bool is_pseudonym(std::string_view text);  // 1 to 64 letters, digits, _ . : -
bool is_code(std::string_view text);       // of a session or course: also / and +
bool is_actor(std::string_view text);      // who did something: also @
bool is_label(std::string_view text);      // programme, grant, contract: 1 to 100 bytes
bool is_sentence(std::string_view text);   // a reason as staff state it: 1 to 300 bytes

}  // namespace rollcall::events
