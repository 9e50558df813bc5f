// A terminal on a bench: simulated devices, a clock that is moved by hand, and a host in memory
// that does what a test tells it to.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "firmware/terminal/terminal.hpp"
#include "hal/sim/devices.hpp"
#include "hal/sim/fake_flash.hpp"
#include "hal/sim/framebuffer.hpp"
#include "tests/unit/firmware/fake_host.hpp"
#include "tests/unit/firmware/queue_model.hpp"

namespace rollcall::firmware {

struct BenchOptions {
  hal::Geometry geometry{16384, 6, 16};
  std::optional<hal::Size> panel = std::nullopt;
  bool enrolled = true;
  bool staging = false;
  bool has_touch = true;  // with a panel
  bool has_log = true;
  std::uint16_t max_frame = protocol::max_body;
};

class Bench final : private Observer, private hal::Reset {
 public:
  explicit Bench(const BenchOptions& options = {})
      : flash(options.geometry),
        screen_flash({4096, 160, 64}),
        settings_flash({2048, 3, 16}),
        staging_flash({4096, 8, 256}),
        options_(options) {
    if (options.panel) display.emplace(*options.panel);
    if (options.enrolled) enrol();
    switch_on();
  }

  hal::sim::FakeFlash flash;
  hal::sim::FakeFlash screen_flash;
  hal::sim::FakeFlash settings_flash;
  hal::sim::FakeFlash staging_flash;
  hal::sim::RepeatableEntropy entropy{4711};
  hal::sim::ManualClock clock;
  hal::sim::ManualCardReader reader;
  hal::sim::ManualTouchPanel touch;
  hal::sim::ManualKeys keys;
  hal::CrashMemory crash{};
  LogRing log{};
  hal::sim::RecordedIndicator indicator;
  hal::sim::BufferPort port;
  std::optional<hal::sim::Framebuffer> display;
  using Room = ScreenRoom<800, 480>;
  std::unique_ptr<Room> room = std::make_unique<Room>();
  std::optional<Screens> screens;
  std::optional<FakeHost> host;
  std::optional<Terminal> terminal;

  // What the person saw, in order.
  std::vector<Shown> shown;
  std::vector<Millis> shown_after;
  std::vector<protocol::Tap> taken;
  std::vector<protocol::Answer> late;
  std::vector<EnrolResult> enrolments;
  std::vector<protocol::CloseReason> ends;  // of links
  unsigned restarts = 0;                    // asked for by the firmware
  bool host_hears = true;                   // false: bytes of the terminal vanish
  bool terminal_hears = true;               // false: bytes of the host vanish
  bool reconnects = false;                  // a connection that the terminal drops is made again

  void switch_on() {
    terminal.reset();
    screens.reset();
    Devices devices{*reader_in_use_, indicator, clock, entropy, port, flash, settings_flash};
    devices.reset = this;
    devices.keys = &keys;
    devices.crash = &crash;
    log.begin();
    if (options_.has_log) devices.log = &log;
    if (options_.staging) devices.staging = &staging_flash;
    if (display) {
      screens.emplace(*display, &screen_flash, room->memory());
      devices.screens = &*screens;
      if (options_.has_touch) devices.touch = &touch;
    }
    Identity identity;
    const std::uint8_t serial[] = {'T', '-', '1'};
    identity.serial.assign(serial);
    identity.max_frame = options_.max_frame;
    identity.running = {1, 7};
    Observer* observer = this;
    terminal.emplace(devices, identity, observer);
    terminal->start();
  }
  // From now on, and from a new start on, cards come from `other`, which outlives this.
  void use_reader(hal::CardReader& other) {
    reader_in_use_ = &other;
    switch_on();
  }
  // Everything in RAM is gone; the clock starts anew.
  void cut_power() {
    unplug();
    flash.restart();
    settings_flash.restart();
    crash = {};
    log = {};
    restart_warm();
  }
  // A reset: RAM that start-up leaves alone keeps what it holds.
  void restart_warm() {
    if (port.is_connected()) unplug();
    reader.remove();
    clock.set_monotonic(Millis(0));
    switch_on();
  }
  void plug_in() {
    if (!host) host.emplace();
    connect();
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
    if (host && port.is_connected()) {
      const auto out = port.take_output();
      if (host_hears && !out.empty()) host->receive(out, clock.monotonic());
    }
    if (port.take_drop_request()) {
      port.lost();
      if (host) host->lost();
      terminal->step();
      if (reconnects) connect();
    }
    if (!host || !port.is_connected()) return;
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
  // Runs until it holds; false when it does not within `patience`.
  template <class Condition>
  bool run_until(Condition condition, Millis patience = Millis(5000)) {
    const Millis end = clock.monotonic() + patience;
    while (!condition()) {
      if (clock.monotonic() >= end) return false;
      run(Millis(5));
    }
    return true;
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
  void on_link(bool up, protocol::CloseReason reason) override {
    if (!up) ends.push_back(reason);
  }
  void on_enrolment(EnrolResult result) override { enrolments.push_back(result); }
  void restart() override { ++restarts; }

  void connect() {
    port.connected();
    host->connected(clock.monotonic());
  }
  // As enrolment with a FakeHost leaves it.
  void enrol() {
    const FakeHost example;
    Settings settings;
    settings.link_key = example.link_key;
    settings.site_key = example.site_key;
    (void)SettingsStore(settings_flash).save(settings);
  }

  BenchOptions options_;
  hal::CardReader* reader_in_use_ = &reader;
};

}  // namespace rollcall::firmware
