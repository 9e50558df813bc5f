// The kiosk page's files, compiled in.
#pragma once

#include <span>

#include "hal/host/web/assets.hpp"

namespace rollcall::stations {

// For web::add_assets, beside a page that brings what all pages share.
std::span<const web::Asset> page();

}  // namespace rollcall::stations
