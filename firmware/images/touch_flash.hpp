// What lies where in the flash bank of the touch terminal, in its erase units of 256 KiB.
#pragma once

#include <cstdint>

#include "firmware/images/image.hpp"

namespace rollcall::firmware::touch_flash {

inline constexpr Part serial{0, 2};
inline constexpr Part settings{2, 3};
inline constexpr Part seed{5, 2};       // of the next start
inline constexpr Part spare{7, 1};      // for the factory's test of the storage
inline constexpr Part screens{8, 40};   // kept ones
inline constexpr Part staging{48, 16};  // a firmware image on its way: 4 MiB
inline constexpr Part queue{64, 64};    // 16 MiB

}  // namespace rollcall::firmware::touch_flash
