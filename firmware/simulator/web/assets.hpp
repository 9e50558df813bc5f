// The simulated terminal's page, compiled in.
#pragma once

#include <span>

#include "hal/host/web/assets.hpp"

namespace rollcall::firmware {

// For web::add_assets. "/" is the page itself.
std::span<const web::Asset> simulator_page();

}  // namespace rollcall::firmware
