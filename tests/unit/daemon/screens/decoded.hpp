// Takes a screen apart as a terminal does, and writes it as PNG for people to look at.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "daemon/screens/screen.hpp"

namespace rollcall::screens::test {

struct Decoded {
  bool whole = false;  // the stream ended where it should, and gave exactly the pixels of the size
  std::array<std::uint16_t, 16> palette{};
  std::vector<std::uint32_t> pixels;  // 0x00RRGGBB
  std::uint32_t at(int x, int y, int width) const {
    return pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                  static_cast<std::size_t>(x)];
  }
};

// With an inflate window of 4 KiB.
Decoded decode(const Screen& screen);

void write_png(const Screen& screen, const std::string& path);
// Several screens side by side, half size: to see a whole family at once.
void write_sheet(const std::vector<const Screen*>& screens, const std::string& path);

}  // namespace rollcall::screens::test
