#include "hal/boards/vexpress_a15/board.hpp"

#include "hal/boards/vexpress_a15/crash_handler.hpp"
#include "hal/boards/vexpress_a15/interrupts.hpp"
#include "hal/boards/vexpress_a15/registers.hpp"

namespace rollcall::hal::vexpress {

Board board;

namespace {

// A 7" panel of 800x480 as they are sold by many: 1056 x 525 clocks a frame, 60 frames a second.
constexpr PanelTiming panel{panel_size, 20, 26, 210, 10, 13, 22};
constexpr std::uint32_t pixel_clock_hz = 1056 * 525 * 60;

// In memory that is not cached: the device writes it. start() of the driver sets it up.
[[gnu::section(".noinit.touch")]] volatile VirtioEventQueue touch_events;

// SYS_CFG (DUI 0447 4.5): functions of the motherboard's configuration controller.
enum class Setting : std::uint32_t { oscillator = 1, video_source = 7, video_mode = 11 };
constexpr std::uint32_t lcd_oscillator = 1;
constexpr std::uint32_t motherboard_video = 0;
constexpr std::uint32_t svga = 1;

// Waits until the controller has done it, on a real board some milliseconds; gives up after 100.
void configure(Setting setting, std::uint32_t device, std::uint32_t value) {
  constexpr std::uint32_t start_write = 1u << 31 | 1u << 30;
  reg(system_registers + 0xa8) = 0;  // SYS_CFGSTAT
  reg(system_registers + 0xa0) = value;
  reg(system_registers + 0xa4) = start_write | static_cast<std::uint32_t>(setting) << 20 | device;
  const std::uint64_t start = uptime_ms();
  while (reg(system_registers + 0xa8) == 0 && uptime_ms() - start < 100) {
  }
}

// SYS_LED (DUI 0447 4.3.3).
constexpr std::uintptr_t leds = system_registers + 0x08;
constexpr std::uint32_t colour_leds = 0x07;
constexpr std::uint32_t sound_led = 0x80;

void set_leds(std::uint32_t which, std::uint32_t lit) {
  reg(leds) = (reg(leds) & ~which) | lit;
}

void on_uart(void* port) {
  static_cast<Pl011*>(port)->on_interrupt();
}
void on_touch(void* device) {
  static_cast<VirtioInput*>(device)->on_interrupt();
}

}  // namespace

std::uint32_t FlashBank::read(std::uint32_t word) {
  return reg(flash_bank_1 + 4 * word);
}
void FlashBank::write(std::uint32_t word, std::uint32_t value) {
  reg(flash_bank_1 + 4 * word) = value;
}

void BoardReset::restart() {
  crash_memory.restarting();
  reset_board();
}

void LedLamp::show(Colour colour) {
  constexpr std::uint32_t led_of[] = {0, 1, 2, 4};  // by Colour
  set_leds(colour_leds, led_of[static_cast<std::size_t>(colour)]);
}

void LedSounder::sound(std::uint16_t hertz) {
  set_leds(sound_led, hertz == 0 ? 0 : sound_led);
}

Serial::Serial(unsigned which)
    : port(registers_at<Pl011Registers>(uart_0 + which * 0x10000), received, unsent),
      number(which) {}

void Serial::start(std::uint32_t baud) {
  port.start(uart_clock_hz, baud);
  handle_interrupt(interrupt::uart_0 + number, on_uart, &port);
}

Board::Board()
    : display(
          registers_at<Pl111Registers>(lcd),
          {reinterpret_cast<Pixel*>(video_ram), std::size_t{panel.size.width} * panel.size.height},
          panel) {}

void Board::start() {
  link.start(link_baud);
  reader.start(reader_baud);
  console.start(console_baud);
  set_leds(colour_leds | sound_led, 0);
  configure(Setting::oscillator, lcd_oscillator, pixel_clock_hz);
  configure(Setting::video_source, 0, motherboard_video);
  configure(Setting::video_mode, 0, svga);
  display.start(video_ram);
  find_touch();
}

void Board::find_touch() {
  for (unsigned place = 0; place < virtio_places && !touch; ++place) {
    touch.emplace(registers_at<VirtioInputRegisters>(virtio_0 + place * virtio_step), touch_events,
                  clock, panel.size);
    if (touch->start()) {
      handle_interrupt(interrupt::virtio_0 + place, on_touch, &*touch);
    } else {
      touch.reset();
    }
  }
}

}  // namespace rollcall::hal::vexpress
