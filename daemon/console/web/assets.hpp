// The console page's files, compiled in.
#pragma once

#include <span>

#include "hal/host/web/assets.hpp"

namespace rollcall::console {

// For web::add_assets. "/" is the page itself.
std::span<const web::Asset> page();

}  // namespace rollcall::console
