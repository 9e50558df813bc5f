// The layouts of small panels.
#pragma once

#include <string>

#include "daemon/screens/screen.hpp"

namespace rollcall::screens {

// For panels that are small and drawable.
Screen draw_small_kept(protocol::ScreenSlot slot, Size size, const std::string& language);
// Throws std::logic_error for what asks something.
Screen draw_small_live(const Live& live, Size size);

}  // namespace rollcall::screens
