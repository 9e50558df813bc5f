// SSD0323, controller of a 128x64 OLED panel with 16 levels of grey (Solomon Systech, SSD0323 data
// sheet, revision 2.5), on a serial bus with a line that tells data from commands.
#pragma once

#include "hal/display.hpp"
#include "hal/pin.hpp"
#include "hal/spi_device.hpp"

namespace rollcall::hal {

class Ssd0323 final : public Display {
 public:
  static constexpr std::uint16_t width = 128;
  static constexpr std::uint16_t height = 64;

  // Both outlive this. `data` is high for pixels and low for commands.
  Ssd0323(SpiDevice& bus, OutputPin& data) : bus_(bus), data_(data) {}

  // Sets the controller up. The panel stays dark until a first frame is complete: its memory holds
  // anything.
  void start();

  Size size() const override { return {width, height}; }
  void write_row(std::uint16_t y, std::span<const Pixel> pixels) override;
  void frame_complete() override;  // later rows show as they are written
  void sleep(bool on) override;

 private:
  void switch_panel();
  void command(Bytes bytes);
  void send_data(Bytes bytes);
  // What is sent next goes to columns `first` to `last` of row `y`, two pixels a column.
  void go_to(std::uint8_t y, std::uint8_t first, std::uint8_t last);

  SpiDevice& bus_;
  OutputPin& data_;
  bool complete_ = false;  // a frame was
  bool asleep_ = false;
  bool on_ = false;
};

// Level of grey, 0 to 15, that is as bright as the pixel (luma of ITU-R BT.601).
constexpr std::uint8_t grey(Pixel pixel) {
  const std::uint32_t red = pixel >> 11, green = pixel >> 5 & 0x3f, blue = pixel & 0x1f;
  // In 1/256 of a level, each colour from its own range: 31, 63 and 31 are full.
  const std::uint32_t luma =
      red * 299 * 256 / 31 + green * 587 * 256 / 63 + blue * 114 * 256 / 31;  // 0 to 256 000
  return static_cast<std::uint8_t>((luma * 15 + 128'000) / 256'000);
}
static_assert(grey(0x0000) == 0 && grey(0xffff) == 15);

}  // namespace rollcall::hal
