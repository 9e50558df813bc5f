// The image of the touch terminal: its devices, and the terminal that runs on them.
#include <algorithm>
#include <cstddef>
#include <new>

#include "firmware/console/console.hpp"
#include "firmware/entropy/seeded_entropy.hpp"
#include "firmware/images/image.hpp"
#include "firmware/images/touch_flash.hpp"
#include "firmware/log/ring.hpp"
#include "firmware/terminal/terminal.hpp"
#include "hal/boards/vexpress_a15/board.hpp"
#include "hal/boards/vexpress_a15/crash_handler.hpp"
#include "hal/boards/vexpress_a15/timer.hpp"
#include "hal/chips/indicator_player.hpp"
#include "hal/chips/pn532.hpp"
#include "hal/serial_link.hpp"

namespace rollcall::firmware {
namespace {

using hal::vexpress::board;
using hal::vexpress::crash_memory;

constexpr const char* version = "touch 0.1.0";
// Of a terminal that no factory gave one.
constexpr const char* no_serial = "TOUCH-WITHOUT-SERIAL";

// Nothing on the board tells why it was reset; the run before may have. A crash the terminal finds
// by itself.
protocol::ResetReason reset_reason() {
  return crash_memory.take_restart() ? protocol::ResetReason::software
                                     : protocol::ResetReason::power_on;
}

// Survives a reset, as crash_memory does.
[[gnu::section(".noinit.log")]] LogRing log_ring;

// In the order in which they are started.
class Touch {
 public:
  Touch() {
    (void)board.flash.probe();  // without flash the terminal is out of service, and says so
    identity_ =
        identity_of(serial_store_, no_serial, version, reset_reason(), hal::vexpress::link_baud);
    entropy_.start(identity_.serial.view(), {});
    log_ring.begin();
    new (&terminal_) Terminal(devices(), identity_, nullptr);
    new (&console_) console::Console(console_parts());
    terminal_.start();
  }
  ~Touch() {}

  [[noreturn]] void run() {
    while (true) {
      Millis next = std::min(terminal_.step(), console_.step());
      if (const auto at = player_.run()) next = std::min(next, *at);
      hal::vexpress::sleep_until(next);
    }
  }

 private:
  Devices devices() {
    Devices devices{reader_, player_, board.clock, entropy_, link_, queue_, settings_};
    devices.screens = &screens_;
    if (board.touch) devices.touch = &*board.touch;
    devices.staging = &staging_;
    devices.reset = &board.reset;
    devices.crash = &crash_memory;
    devices.log = &log_ring;
    return devices;
  }
  console::Parts console_parts() {
    console::Parts parts{board.console.port, board.clock, terminal_, identity_};
    parts.serial = &serial_store_;
    parts.entropy = &entropy_;
    parts.log = &log_ring;
    parts.display = &board.display;
    parts.indicator = &player_;
    parts.reader = true;
    parts.read_only = holding_data_;
    parts.spare = &spare_;
    parts.can_restart = true;
    return parts;
  }

  hal::StoragePart serial_ = part(board.flash, touch_flash::serial);
  hal::StoragePart settings_ = part(board.flash, touch_flash::settings);
  hal::StoragePart seed_ = part(board.flash, touch_flash::seed);
  hal::StoragePart spare_ = part(board.flash, touch_flash::spare);
  hal::StoragePart kept_screens_ = part(board.flash, touch_flash::screens);
  hal::StoragePart staging_ = part(board.flash, touch_flash::staging);
  hal::StoragePart queue_ = part(board.flash, touch_flash::queue);
  ScreenRoom<hal::vexpress::panel_size.width, hal::vexpress::panel_size.height> room_;
  Screens screens_{board.display, &kept_screens_, room_.memory()};
  hal::IndicatorPlayer player_{board.lamp, board.sounder, board.clock};
  hal::SerialLink link_{board.link.port};
  hal::Pn532 reader_{board.reader.port, board.clock};
  SeededEntropy entropy_{seed_, nullptr};
  SerialStore serial_store_{serial_};
  hal::Storage* const holding_data_[2] = {&settings_, &queue_};
  Identity identity_;
  // It reads its storage while it is constructed, so it comes last, with the console that knows it.
  union {
    Terminal terminal_;
  };
  union {
    console::Console console_;
  };
};

alignas(Touch) std::byte memory[sizeof(Touch)];

}  // namespace
}  // namespace rollcall::firmware

extern "C" void board_main() {
  using namespace rollcall::firmware;
  board.start();
  auto* const touch = new (memory) Touch;
  touch->run();
}
