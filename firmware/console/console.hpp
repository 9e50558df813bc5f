// The serial console of the factory, on the UART inside the housing, where the board wires one: one
// command at a time, each ended by a line "OK ..." or "ERROR n reason" (docs/factory-console.md).
// Lines before that are "PROGRESS n/m" or begin with "- ". No heap; never waits.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "firmware/console/commands.hpp"
#include "firmware/console/line.hpp"
#include "firmware/console/serial_store.hpp"
#include "firmware/console/storage_test.hpp"
#include "firmware/entropy/seeded_entropy.hpp"
#include "firmware/log/ring.hpp"
#include "firmware/terminal/terminal.hpp"
#include "hal/display.hpp"
#include "hal/indicator.hpp"
#include "hal/serial_port.hpp"
#include "hal/storage.hpp"

namespace rollcall::firmware::console {

// What the board has; a null pointer is something it has not. All outlive the console.
struct Parts {
  hal::SerialPort& port;
  hal::Clock& clock;
  Terminal& terminal;
  const Identity& identity;  // as the terminal's
  SerialStore* serial = nullptr;
  SeededEntropy* entropy = nullptr;
  LogRing* log = nullptr;
  hal::Display* display = nullptr;
  hal::Indicator* indicator = nullptr;
  bool reader = false;
  std::uint8_t keys = 0;                       // how many, from the left
  std::span<hal::Storage* const> read_only{};  // looked at by `test storage`
  hal::Storage* spare = nullptr;               // erased and written by it
  bool can_restart = false;
};

inline constexpr std::chrono::milliseconds key_patience{10000};  // each
inline constexpr std::chrono::milliseconds card_patience{10000};
inline constexpr std::chrono::milliseconds picture_shown{3000};
inline constexpr std::chrono::milliseconds light_shown{700};

class Console {
 public:
  using Millis = std::chrono::milliseconds;

  explicit Console(const Parts& parts) : parts_(parts) {}

  // One turn: call after each step of the terminal. When it wants to be called again at the latest;
  // Millis::max() = when bytes come or can go.
  Millis step();

 private:
  void take_input();
  void begin(const Order& order);
  // The next line of the command under way; false: it waits for something.
  bool go_on();

  void say_id();
  void set_serial(std::string_view argument);
  void set_seed(std::string_view argument);
  void begin_display();
  void begin_indicator();
  void open_window();

  bool list_commands();
  bool list_log();
  bool list_stats();
  bool watch_display();
  bool watch_indicator();
  bool watch_keys();
  bool watch_reader();
  bool watch_storage();

  void ok(std::string_view text = {});
  void error(Error why);
  void tested(std::optional<Error> why = std::nullopt);
  void progress(std::uint32_t done, std::uint32_t all);

  Parts parts_;
  LineReader reader_;
  LineWriter out_;
  std::optional<Command> running_;
  // Of the command under way.
  std::uint32_t at_ = 0;   // how far it is
  std::uint32_t end_ = 0;  // of it
  Millis until_{0};
  std::uint32_t seen_before_ = 0;
  StorageTest storage_test_;
};

}  // namespace rollcall::firmware::console
