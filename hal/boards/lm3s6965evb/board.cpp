#include "hal/boards/lm3s6965evb/board.hpp"

#include <algorithm>
#include <utility>

#include "hal/boards/lm3s6965evb/interrupts.hpp"

namespace rollcall::hal::lm3s {
namespace {

// Of the UARTs. What comes from the host while the loop is in a long step has room: two frames and
// what acknowledges them. A reader answers one command at a time, the console is read by a person.
std::uint8_t link_in[512], link_out[256];
std::uint8_t reader_in[512], reader_out[512];
std::uint8_t console_in[128], console_out[256];

constexpr std::array key_pins = {Pin(Port::e, 2), Pin(Port::e, 0), Pin(Port::f, 1), Pin(Port::e, 1),
                                 Pin(Port::e, 3)};
std::array keys = {Input(key_pins[0]), Input(key_pins[1]), Input(key_pins[2]), Input(key_pins[3]),
                   Input(key_pins[4])};

constexpr Pin display_data_pin{Port::c, 7};
constexpr Pin display_power{Port::c, 6};
constexpr Pin red{Port::b, 4}, green{Port::b, 5}, blue{Port::b, 6}, own_light{Port::f, 0};
constexpr Pin buzzer_pin{Port::b, 0};

constexpr std::uint32_t slow_card_hz = 400'000;
constexpr std::uint32_t fast_card_hz = 12'500'000;  // of 25 that cards take: wires at a header
constexpr std::uint32_t display_hz = 4'000'000;     // SSD0323, chapter 12: 250 ns a cycle

Pl011Registers& uart(std::uint32_t address) {
  return *reinterpret_cast<Pl011Registers*>(address);
}

void enable(unsigned number) {
  word(core::interrupt_enable + number / 32 * 4) = 1u << number % 32;
}

}  // namespace

Board board;

Board::Board()
    : link(uart(uart0), link_in, link_out),
      reader(uart(uart1), reader_in, reader_out),
      console(uart(uart2), console_in, console_out),
      slow_card(card_select, slow_card_hz),
      fast_card(card_select, fast_card_hz),
      display(display_select, display_hz),
      display_data(display_data_pin),
      keys{&lm3s::keys[0], &lm3s::keys[1], &lm3s::keys[2], &lm3s::keys[3], &lm3s::keys[4]} {}

void Board::start() {
  start_clocks();
  start_ssi();
  display_data_pin.make_output();
  display_power.make_output();
  display_power.set(true);

  for (const auto& [port, bit] :
       {std::pair(Port::a, 0u), std::pair(Port::a, 1u), std::pair(Port::d, 2u),
        std::pair(Port::d, 3u), std::pair(Port::g, 0u), std::pair(Port::g, 1u)}) {
    Pin(port, bit).make_peripheral();
  }
  link.start(clock_hz, link_baud);
  reader.start(clock_hz, reader_baud);
  console.start(clock_hz, console_baud);

  for (const Pin& pin : key_pins) {
    pin.make_input();
    pin.watch();
  }
  lamp.start();
  buzzer.start();

  for (const unsigned number : {interrupt::uart0, interrupt::uart1, interrupt::uart2,
                                interrupt::port_e, interrupt::port_f}) {
    enable(number);
  }
}

void ColourLamp::start() {
  for (const Pin& pin : {red, green, blue, own_light}) {
    pin.make_output();
    pin.set(false);
  }
}

void ColourLamp::show(Colour colour) {
  red.set(colour == Colour::amber);
  green.set(colour == Colour::green || colour == Colour::amber);
  blue.set(colour == Colour::blue);
  own_light.set(colour != Colour::off);
}

// Generator 1 counts down from its load: high from there, low from half of it on [16.4].
void Buzzer::start() {
  constexpr std::uint32_t high_at_load_low_at_compare = 0x8c;
  buzzer_pin.make_peripheral();
  word(pwm::control_1) = 0;
  word(pwm::generator_a_1) = high_at_load_low_at_compare;
}

void Buzzer::sound(std::uint16_t hertz) {
  constexpr std::uint32_t output_2 = 1u << 2;
  // The counter has 16 bits and runs at a 64th of the clock: 12 Hz and more.
  constexpr std::uint32_t counter_hz = clock_hz / 64;
  if (hertz == 0) {
    word(pwm::enable) = 0;
    word(pwm::control_1) = 0;
    return;
  }
  const std::uint32_t period = std::min<std::uint32_t>(counter_hz / hertz, 0x10000);
  word(pwm::load_1) = period - 1;
  word(pwm::compare_a_1) = period / 2;
  word(pwm::control_1) = 1;
  word(pwm::enable) = output_2;
}

}  // namespace rollcall::hal::lm3s

using rollcall::hal::lm3s::board;

extern "C" {

void board_uart0() {
  if (board.link.on_interrupt()) rollcall::hal::lm3s::wake();
}
void board_uart1() {
  if (board.reader.on_interrupt()) rollcall::hal::lm3s::wake();
}
void board_uart2() {
  if (board.console.on_interrupt()) rollcall::hal::lm3s::wake();
}
void board_ports() {
  using namespace rollcall::hal::lm3s;
  for (const Port port : {Port::e, Port::f}) {
    word(static_cast<std::uint32_t>(port) + port::interrupt_clear) = 0xff;
  }
  wake();
}

}  // extern "C"
