// A terminal on a bench: simulated devices, a clock that is moved by hand, and a host in memory
// that does what a test tells it to.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "firmware/terminal/terminal.hpp"
#include "hal/sim/devices.hpp"
#include "hal/sim/fake_flash.hpp"
#include "hal/sim/framebuffer.hpp"
#include "tests/unit/firmware/fake_host.hpp"
#include "tests/unit/firmware/queue_model.hpp"

namespace rollcall::firmware {

class Bench final : private Observer {
 public:
  explicit Bench(hal::Geometry geometry = {16384, 6, 16}, bool panel = false)
      : flash(geometry), screen_flash({4096, 160, 64}), entropy_(4711) {
    if (panel) display.emplace(hal::Size{64, 48});
    switch_on();
  }

  hal::sim::FakeFlash flash;
  hal::sim::FakeFlash screen_flash;
  hal::sim::ManualClock clock;
  hal::sim::ManualCardReader reader;
  hal::sim::ManualTouchPanel touch;
  hal::sim::RecordedIndicator indicator;
  hal::sim::BufferPort port;
  std::optional<hal::sim::Framebuffer> display;
  std::optional<Screens> screens;
  std::optional<FakeHost> host;
  std::optional<Terminal> terminal;

  // What the person saw, in order.
  std::vector<Shown> shown;
  std::vector<Millis> shown_after;
  std::vector<protocol::Tap> taken;
  std::vector<protocol::Answer> late;
  bool host_hears = true;      // false: bytes of the terminal vanish
  bool terminal_hears = true;  // false: bytes of the host vanish

  void switch_on() {
    terminal.reset();
    screens.reset();
    Devices devices{reader, indicator, clock, entropy_, port, flash};
    if (display) {
      screens.emplace(*display, &screen_flash);
      devices.screens = &*screens;
      devices.touch = &touch;
    }
    Identity identity;
    const std::uint8_t serial[] = {'T', '-', '1'};
    identity.serial.assign(serial);
    Observer* observer = this;
    terminal.emplace(devices, identity, observer);
    terminal->start();
  }
  // Everything in RAM is gone; the clock starts anew.
  void cut_power() {
    unplug();
    flash.restart();
    reader.remove();
    clock.set_monotonic(Millis(0));
    switch_on();
  }
  void plug_in() {
    if (!host) host.emplace();
    port.connected();
    host->connected(clock.monotonic());
    run(Millis(50));
  }
  void unplug() {
    port.lost();
    if (host) host->lost();
    turn();
  }

  // One turn of the loop and the bytes it moves; no time passes.
  void turn() {
    terminal->step();
    if (port.take_drop_request()) {
      port.lost();
      if (host) host->lost();
      terminal->step();
    }
    if (!host || !port.is_connected()) return;
    const auto out = port.take_output();
    if (host_hears && !out.empty()) host->receive(out, clock.monotonic());
    host->poll(clock.monotonic());
    const auto in = host->take_output();
    if (terminal_hears && !in.empty()) port.receive(in);
  }
  void run(Millis time) {
    const Millis end = clock.monotonic() + time;
    while (true) {
      for (int i = 0; i < 6; ++i) turn();
      if (clock.monotonic() >= end) break;
      clock.advance(std::min(Millis(5), end - clock.monotonic()));
    }
  }
  // Holds a card to the reader just long enough.
  void tap(std::uint8_t card) {
    reader.hold(card_of(card));
    terminal->step();
    reader.remove();
    turn();
  }
  static hal::Card card_of(std::uint8_t card) {
    hal::Card c;
    c.size = 7;
    c.uid = {0x04, card, 3, 4, 5, 6, 7};
    return c;
  }

 private:
  void on_taken(const hal::Card&, const protocol::Tap& tap) override { taken.push_back(tap); }
  void on_shown(const hal::Card&, const protocol::Tap*, Shown what,
                std::chrono::milliseconds after) override {
    shown.push_back(what);
    shown_after.push_back(after);
  }
  void on_late_answer(const protocol::Answer& answer) override { late.push_back(answer); }
  void on_link(bool, protocol::CloseReason) override {}

  SeededEntropy entropy_;
};

}  // namespace rollcall::firmware
