// What a terminal takes of a screen, by the size of its panel alone: so the host knows it from
// `terminal_state` (docs/protocol.md, "Screens").
#pragma once

#include <cstddef>
#include <cstdint>

namespace rollcall::protocol {

// Below this width or height a panel is small: an OLED of a few lines beside a controller with a
// few kilobytes to spare.
inline constexpr std::uint16_t large_panel_width = 320;  // pixels
inline constexpr std::uint16_t large_panel_height = 240;

struct ScreenLimits {
  int window_bits;         // log2 of the largest window of the zlib stream
  std::size_t live_bytes;  // of a live screen, packed
};

constexpr bool small_panel(std::uint16_t width, std::uint16_t height) {
  return width < large_panel_width || height < large_panel_height;
}

constexpr ScreenLimits screen_limits(std::uint16_t width, std::uint16_t height) {
  return small_panel(width, height) ? ScreenLimits{9, 2048} : ScreenLimits{12, 96 * 1024};
}

}  // namespace rollcall::protocol
