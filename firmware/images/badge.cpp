// The image of the badge terminal: its devices, and the terminal that runs on them.
#include <algorithm>
#include <cstddef>
#include <new>

#include "firmware/console/console.hpp"
#include "firmware/entropy/seeded_entropy.hpp"
#include "firmware/images/badge_card.hpp"
#include "firmware/images/image.hpp"
#include "firmware/terminal/terminal.hpp"
#include "hal/boards/lm3s6965evb/board.hpp"
#include "hal/chips/indicator_player.hpp"
#include "hal/chips/key_debounce.hpp"
#include "hal/chips/pn532.hpp"
#include "hal/chips/sd_card.hpp"
#include "hal/chips/sd_storage.hpp"
#include "hal/chips/ssd0323.hpp"
#include "hal/serial_link.hpp"

namespace rollcall::firmware {
namespace {

using hal::lm3s::board;

constexpr const char* version = "badge 0.1.0";
// Of a terminal that no factory gave one.
constexpr const char* no_serial = "BADGE-WITHOUT-SERIAL";

// The loop comes round within this, or the board starts anew. The longest turn, with a handshake
// and the key of a new unit of the queue, is five X25519 multiplications of 12 million
// instructions. Beside that it may erase a unit of the queue, which a card does as slowly as it
// likes: block by block, each of them in time.
constexpr Millis loop_limit{8000};
void block_erased() {
  board.watchdog.feed();
}
constexpr Millis longest_sleep{1000};

protocol::ResetReason reset_reason() {
  using hal::lm3s::StartCause;
  switch (hal::lm3s::start_cause()) {
    case StartCause::power_on:
      return protocol::ResetReason::power_on;
    case StartCause::brown_out:
      return protocol::ResetReason::brown_out;
    case StartCause::watchdog:
      return protocol::ResetReason::watchdog;
    case StartCause::restart:
      return protocol::ResetReason::software;
    case StartCause::crash:
      return protocol::ResetReason::crash;
  }
  return protocol::ResetReason::unknown;
}

// Survives a reset, as hal::lm3s::crash_memory does.
[[gnu::section(".noinit")]] LogRing log_ring;

// In the order in which they are started.
class Badge {
 public:
  Badge() {
    (void)card_.start();  // without a card the terminal is out of service, and says so
    display_.start();
    identity_ =
        identity_of(serial_store_, no_serial, version, reset_reason(), hal::lm3s::link_baud);
    entropy_.start(identity_.serial.view(), hal::lm3s::start_traces());
    log_ring.begin();
    new (&terminal_) Terminal(devices(), identity_, nullptr);
    new (&console_) console::Console(console_parts());
    terminal_.start();
  }
  ~Badge() {}

  [[noreturn]] void run() {
    while (true) {
      Millis next = board.clock.monotonic() + longest_sleep;
      const auto sooner = [&](std::optional<Millis> at) {
        if (at) next = std::min(next, *at);
      };
      sooner(terminal_.step());
      sooner(console_.step());
      sooner(player_.run());
      sooner(keys_.next_look());
      board.watchdog.feed();
      hal::lm3s::sleep_until(next);
    }
  }

 private:
  Devices devices() {
    Devices devices{reader_, player_, board.clock, entropy_, link_, queue_, settings_};
    devices.screens = &screens_;
    devices.reset = &board.reset;
    devices.keys = &keys_;
    devices.crash = &hal::lm3s::crash_memory;
    devices.log = &log_ring;
    return devices;
  }
  console::Parts console_parts() {
    console::Parts parts{board.console, board.clock, terminal_, identity_};
    parts.serial = &serial_store_;
    parts.entropy = &entropy_;
    parts.log = &log_ring;
    parts.display = &display_;
    parts.indicator = &player_;
    parts.reader = true;
    parts.keys = hal::lm3s::key_count;
    parts.read_only = holding_data_;
    parts.spare = &spare_;
    parts.can_restart = true;
    return parts;
  }

  hal::SdCard card_{board.slow_card, board.fast_card, board.clock};
  hal::SdStorage small_{card_, 0, badge_card::small_unit_blocks, badge_card::small_units};
  hal::StoragePart serial_ = part(small_, badge_card::serial);
  hal::StoragePart settings_ = part(small_, badge_card::settings);
  hal::StoragePart seed_ = part(small_, badge_card::seed);
  hal::StoragePart spare_ = part(small_, badge_card::spare);
  hal::StoragePart kept_screens_ = part(small_, badge_card::screens);
  hal::SdStorage queue_{card_, badge_card::queue_first_block, badge_card::queue_unit_blocks,
                        badge_card::queue_units, block_erased};
  hal::Ssd0323 display_{board.display, board.display_data};
  ScreenRoom<hal::Ssd0323::width, hal::Ssd0323::height> room_;
  Screens screens_{display_, &kept_screens_, room_.memory()};
  hal::IndicatorPlayer player_{board.lamp, board.buzzer, board.clock};
  hal::SerialLink link_{board.link};
  hal::Pn532 reader_{board.reader, board.clock};
  hal::KeyDebounce keys_{board.keys, board.clock};
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

alignas(Badge) std::byte memory[sizeof(Badge)];

}  // namespace
}  // namespace rollcall::firmware

extern "C" void board_main() {
  using namespace rollcall::firmware;
  board.start();
  board.watchdog.start(loop_limit);
  auto* const badge = new (memory) Badge;
  badge->run();
}
