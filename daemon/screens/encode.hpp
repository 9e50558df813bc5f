// From drawn pixels to what a terminal takes: 16 colours, 4 bits per pixel, one zlib stream
// (docs/protocol.md, "Screens").
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "daemon/screens/screen.hpp"

namespace rollcall::screens {

inline constexpr std::size_t palette_size = 16;

using Palette = std::array<std::uint16_t, palette_size>;  // RGB565

struct Indexed {
  Palette palette{};
  std::vector<std::uint8_t> pixels;  // one index per byte, row by row
};

// `pixels`: 0x00RRGGBB, row by row. Large areas keep their exact colour (in RGB565); the shades
// between them share the rest of the palette.
Indexed quantise(std::span<const std::uint32_t> pixels);

// To the nearest of 16 greys; index n is n / 15 of white.
Indexed to_greys(std::span<const std::uint32_t> pixels);

// 16 palette entries, high byte first; then rows of ceil(width / 2) bytes, the left pixel in the
// high half. All of it as one zlib stream,
// whose window is the one that terminals with a panel of this size have.
std::vector<std::uint8_t> compress(const Indexed& image, Size size);

}  // namespace rollcall::screens
