#include "hal/chips/ssd0323.hpp"

#include <algorithm>
#include <array>

namespace rollcall::hal {
namespace {

constexpr std::uint8_t row_bytes = Ssd0323::width / 2;

// Commands (data sheet, chapter 9), with values that suit the 128x64 panel of the board.
constexpr std::uint8_t set_columns = 0x15;  // first, last
constexpr std::uint8_t set_rows = 0x75;     // first, last
constexpr std::uint8_t set_up[] = {
    0xae,        // display off
    0x81, 0x32,  // contrast
    0x85,        // half current range
    0xa0, 0x52,  // left pixel in the high nibble, rows from the top, common lines split
    0xa1, 0x00,  // first row shown
    0xa2, 0x00,  // vertical offset
    0xa4,        // pixels as in memory
    0xa8, 0x3f,  // 64 rows
    0xb1, 0x22,  // phase lengths
    0xb2, 0x46,  // row period
    0xb3, 0xf1,  // clock divider and oscillator
    0xbf, 0x0d,  // low voltage of the segments
    0xbe, 0x02,  // high voltage of the common lines
    0xbc, 0x10,  // precharge voltage
    0xb8, 0x01, 0x11, 0x22, 0x32, 0x43, 0x54, 0x65, 0x76,  // widths of the 16 levels
    0xad, 0x03,                                            // converter on
};
constexpr std::uint8_t display_on = 0xaf;
constexpr std::uint8_t display_off = 0xae;  // and asleep: the converter is off

}  // namespace

void Ssd0323::start() {
  complete_ = on_ = false;
  command(set_up);
}

void Ssd0323::frame_complete() {
  complete_ = true;
  switch_panel();
}

// Rows reach its memory while it sleeps.
void Ssd0323::sleep(bool on) {
  asleep_ = on;
  switch_panel();
}

void Ssd0323::switch_panel() {
  const bool wanted = complete_ && !asleep_;
  if (wanted == on_) return;
  command({wanted ? &display_on : &display_off, 1});
  on_ = wanted;
}

void Ssd0323::write_row(std::uint16_t y, std::span<const Pixel> pixels) {
  if (y >= height || pixels.empty()) return;
  pixels = pixels.first(std::min<std::size_t>(pixels.size(), width));
  std::array<std::uint8_t, row_bytes> row;
  const std::size_t columns = (pixels.size() + 1) / 2;
  // Most pairs are as the one before, and a level takes three multiplications.
  Pixel left = 0, right = 0;
  std::uint8_t both = 0;
  for (std::size_t i = 0; i < columns; ++i) {
    const Pixel next_left = pixels[2 * i];
    const Pixel next_right = 2 * i + 1 < pixels.size() ? pixels[2 * i + 1] : Pixel{0};
    if (next_left != left || next_right != right) {
      left = next_left;
      right = next_right;
      both = static_cast<std::uint8_t>(grey(left) << 4 | grey(right));
    }
    row[i] = both;
  }
  go_to(static_cast<std::uint8_t>(y), 0, static_cast<std::uint8_t>(columns - 1));
  send_data({row.data(), columns});
}

void Ssd0323::go_to(std::uint8_t y, std::uint8_t first, std::uint8_t last) {
  const std::uint8_t window[] = {set_columns, first, last, set_rows, y, y};
  command(window);
}

// Between two pieces of data the line stays at `command`: a bus whose chips share a select line may
// clock 0xFF in meanwhile, which is no command.
void Ssd0323::command(Bytes bytes) {
  data_.set(false);
  bus_.select(true);
  bus_.send(bytes);
  bus_.select(false);
}

void Ssd0323::send_data(Bytes bytes) {
  data_.set(true);
  bus_.select(true);
  bus_.send(bytes);
  bus_.select(false);
  data_.set(false);
}

}  // namespace rollcall::hal
