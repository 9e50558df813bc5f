// A pixel display, written row by row so that no frame buffer is needed above the driver.
#pragma once

#include <cstdint>
#include <span>

namespace rollcall::hal {

using Pixel = std::uint16_t;  // RGB 5:6:5, red in the high bits

struct Size {
  std::uint16_t width = 0;
  std::uint16_t height = 0;

  friend bool operator==(const Size&, const Size&) = default;
};

class Display {
 public:
  virtual Size size() const = 0;
  // Copies `pixels` to row `y` from the left edge; what lies outside the display is ignored.
  virtual void write_row(std::uint16_t y, std::span<const Pixel> pixels) = 0;
  // All rows of a frame were written: it may be shown.
  virtual void frame_complete() = 0;
  // Dark, with as little power as it can; rows may be written all the while. Awake it shows them
  // again. A display that cannot sleep stays as it is.
  virtual void sleep(bool /*on*/) {}

 protected:
  ~Display() = default;
};

}  // namespace rollcall::hal
