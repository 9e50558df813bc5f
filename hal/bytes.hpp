// Byte views of the hardware interfaces. Views never own what they show.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace rollcall::hal {

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

}  // namespace rollcall::hal
