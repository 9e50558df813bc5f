#include "hal/chips/pl111.hpp"

#include <algorithm>
#include <atomic>

namespace rollcall::hal {
namespace {

// LCDTiming2 (3.3.3).
constexpr std::uint32_t no_clock_division = 1u << 26;
// LCDControl (3.3.7).
constexpr std::uint32_t enable = 1u << 0;
constexpr std::uint32_t pixels_565 = 6u << 1;
constexpr std::uint32_t thin_film = 1u << 5;
constexpr std::uint32_t red_in_high_bits = 1u << 8;  // BGR: else bits 4 to 0 are red
constexpr std::uint32_t power = 1u << 11;
constexpr std::uint32_t running = enable | pixels_565 | thin_film | red_in_high_bits;

}  // namespace

void Pl111::start(std::uint32_t frame_address) {
  const auto [width, height] = timing_.size;
  std::ranges::fill(frame_, Pixel{0});
  registers_.control = 0;
  registers_.interrupt_mask = 0;
  registers_.timing[0] = (width / 16u - 1) << 2 | (timing_.horizontal_sync - 1u) << 8 |
                         (timing_.horizontal_front_porch - 1u) << 16 |
                         (timing_.horizontal_back_porch - 1u) << 24;
  registers_.timing[1] = (height - 1u) | (timing_.vertical_sync - 1u) << 10 |
                         std::uint32_t{timing_.vertical_front_porch} << 16 |
                         std::uint32_t{timing_.vertical_back_porch} << 24;
  registers_.timing[2] = (width - 1u) << 16 | no_clock_division;
  registers_.timing[3] = 0;
  registers_.upper_base = frame_address;
  registers_.lower_base = 0;
  frame_complete();
  registers_.control = enable | pixels_565 | thin_film | red_in_high_bits;
  sleep(false);
}

// The panel's signals come before its supply, and go after it (3.3.7).
void Pl111::sleep(bool on) {
  registers_.control = running;
  registers_.control = on ? 0 : running | power;
}

void Pl111::write_row(std::uint16_t y, std::span<const Pixel> pixels) {
  if (y >= timing_.size.height) return;
  const std::size_t count = std::min<std::size_t>(pixels.size(), timing_.size.width);
  std::copy_n(pixels.begin(), count, frame_.begin() + std::ptrdiff_t{y} * timing_.size.width);
}

// The controller reads all the time: whatever still waits on its way to memory goes there.
void Pl111::frame_complete() {
  std::atomic_thread_fence(std::memory_order_seq_cst);
}

}  // namespace rollcall::hal
