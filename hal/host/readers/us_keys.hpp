// The characters that keys stand for on a keyboard of the United States, which a scanner or card
// reader that types imitates. Whatever layout is set on this machine is no matter: keys are known
// by their codes. Pure.
#pragma once

#include <optional>

namespace rollcall::readers {

// Of the press of a key, by its code in <linux/input-event-codes.h>. '\n' of Enter and Tab, which
// end a line; nothing of keys that only change others; '?' of those that no number or code needs,
// so that what they are part of is not taken for one.
std::optional<char> us_character(unsigned key, bool shift);

}  // namespace rollcall::readers
