// What the factory console understands and answers: one table of commands, one of errors
// (docs/factory-console.md, which a test compares with them).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>

namespace rollcall::firmware::console {

enum class Command : std::uint8_t {
  help,
  id,
  serial,
  seed,
  test_display,
  test_indicator,
  test_keys,
  test_reader,
  test_storage,
  log,
  stats,
  window,
  restart,
};

struct CommandText {
  Command command;
  std::string_view name;
  std::string_view argument;  // empty: takes none
  bool factory_only;          // refused once the terminal is enrolled
  std::string_view what;
};

inline constexpr std::array<CommandText, 13> command_texts{{
    {Command::help, "help", "", false, "this list"},
    {Command::id, "id", "", false, "serial number, firmware, start, seed, site"},
    {Command::serial, "serial", "SERIAL", true, "sets the serial number, once"},
    {Command::seed, "seed", "HEX64", true, "gives it a seed of 32 random bytes"},
    {Command::test_display, "test display", "", false, "shows eight grey bars for 3 s"},
    {Command::test_indicator, "test indicator", "", false, "plays each light and a tone"},
    {Command::test_keys, "test keys", "", false, "waits 10 s for each key, from the left"},
    {Command::test_reader, "test reader", "", false, "waits 10 s for a card"},
    {Command::test_storage, "test storage", "", false, "reads all, writes to a spare area only"},
    {Command::log, "log", "", false, "the log, newest line last"},
    {Command::stats, "stats", "", false, "counters since the start"},
    {Command::window, "window", "", false, "opens the provisioning window"},
    {Command::restart, "restart", "", false, "starts again"},
}};

enum class Error : std::uint8_t {
  unknown = 1,
  argument = 2,
  too_long = 3,
  not_text = 4,
  enrolled = 5,
  already_set = 6,
  not_here = 7,
  storage = 8,
  timed_out = 9,
  wrong = 10,
  no_seed = 11,
};

struct ErrorText {
  Error error;
  std::string_view reason;
};

inline constexpr std::array<ErrorText, 11> error_texts{{
    {Error::unknown, "no such command; try help"},
    {Error::argument, "wrong or missing argument"},
    {Error::too_long, "line longer than 80 characters"},
    {Error::not_text, "not printable ASCII"},
    {Error::enrolled, "the terminal belongs to a site"},
    {Error::already_set, "it is set already"},
    {Error::not_here, "this board has none"},
    {Error::storage, "the storage failed"},
    {Error::timed_out, "nothing came in time"},
    {Error::wrong, "something else came"},
    {Error::no_seed, "it has no seed to make keys from"},
}};

consteval bool tables_in_order() {
  for (std::size_t i = 0; i < command_texts.size(); ++i) {
    if (static_cast<std::size_t>(command_texts[i].command) != i) return false;
  }
  for (std::size_t i = 0; i < error_texts.size(); ++i) {
    if (static_cast<std::size_t>(error_texts[i].error) != i + 1) return false;
  }
  return true;
}
static_assert(tables_in_order());

constexpr std::string_view reason_of(Error error) {
  return error_texts[static_cast<std::size_t>(error) - 1].reason;
}
constexpr const CommandText& text_of(Command command) {
  return command_texts[static_cast<std::size_t>(command)];
}

struct Order {
  Command command = Command::help;
  std::string_view argument;  // points into the line
};

// A line without its end. Words are divided by any number of spaces. Errors: unknown, argument.
std::expected<Order, Error> parse(std::string_view line);

// 32 bytes from 64 hexadecimal digits, upper or lower case. False when it is something else.
bool parse_key(std::string_view hex, std::array<std::uint8_t, 32>& out);

}  // namespace rollcall::firmware::console
