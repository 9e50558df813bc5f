#include "firmware/console/console.hpp"

#include <algorithm>

namespace rollcall::firmware::console {
namespace {

constexpr Console::Millis never = Console::Millis::max();

constexpr std::string_view reset_names[] = {"unknown",  "power_on", "watchdog",
                                            "software", "crash",    "brown_out"};
constexpr std::string_view noise_names[] = {"none", "starting", "good", "broken"};

std::string_view text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string_view yes_or_no(bool yes) {
  return yes ? "yes" : "no";
}

}  // namespace

Console::Millis Console::step() {
  out_.flush(parts_.port);
  while (out_.empty()) {
    if (!running_) {
      take_input();
      if (out_.empty() && !running_) return never;
    } else if (!go_on()) {
      return until_;
    }
    out_.flush(parts_.port);
  }
  return never;
}

// Byte by byte: what follows a command waits in the port until the command is over.
void Console::take_input() {
  std::uint8_t byte = 0;
  while (parts_.port.read({&byte, 1}) == 1) {
    const auto line = reader_.add(byte);
    if (!line) continue;
    const auto order = *line ? parse(**line) : std::unexpected(line->error());
    if (order) {
      begin(*order);
    } else {
      error(order.error());
    }
    reader_.forget();
    return;
  }
}

void Console::begin(const Order& order) {
  if (console::text_of(order.command).factory_only && parts_.terminal.settings()) {
    return error(Error::enrolled);
  }
  running_ = order.command;
  at_ = end_ = 0;
  until_ = never;
  switch (order.command) {
    case Command::id:
      return say_id();
    case Command::serial:
      return set_serial(order.argument);
    case Command::seed:
      return set_seed(order.argument);
    case Command::test_display:
      return begin_display();
    case Command::test_indicator:
      return begin_indicator();
    case Command::test_keys:
      if (parts_.keys == 0) return error(Error::not_here);
      seen_before_ = parts_.terminal.counters().keys;
      until_ = parts_.clock.monotonic() + key_patience;
      return progress(0, parts_.keys);
    case Command::test_reader:
      if (!parts_.reader) return error(Error::not_here);
      seen_before_ = parts_.terminal.counters().cards;
      until_ = parts_.clock.monotonic() + card_patience;
      return progress(0, 1);
    case Command::test_storage:
      storage_test_.begin(parts_.read_only, parts_.spare);
      if (storage_test_.steps() == 0) return error(Error::not_here);
      return progress(0, storage_test_.steps());
    case Command::log:
      if (!parts_.log) return error(Error::not_here);
      at_ = parts_.log->first();
      end_ = parts_.log->end();
      return;
    case Command::window:
      return open_window();
    case Command::restart:
      if (!parts_.can_restart) return error(Error::not_here);
      parts_.terminal.restart();
      return ok("restarting");
    case Command::help:
    case Command::stats:
      return;
  }
}

bool Console::go_on() {
  switch (*running_) {
    case Command::help:
      return list_commands();
    case Command::log:
      return list_log();
    case Command::stats:
      return list_stats();
    case Command::test_display:
      return watch_display();
    case Command::test_indicator:
      return watch_indicator();
    case Command::test_keys:
      return watch_keys();
    case Command::test_reader:
      return watch_reader();
    case Command::test_storage:
      return watch_storage();
    default:
      ok();  // all others are over when they begin
      return true;
  }
}

// What a terminal is ------------------------------------------------------------------------------

void Console::say_id() {
  const Identity& identity = parts_.identity;
  const auto noise = parts_.entropy ? parts_.entropy->noise() : SeededEntropy::Noise::none;
  out_.begin("OK serial=")
      .add(identity.serial.size > 0 ? text_of(identity.serial.view()) : "none")
      .add(" version=")
      .add(text_of(identity.version.view()))
      .add(" boot=")
      .add(parts_.terminal.queue().boot())
      .add(" reset=")
      .add(reset_names[std::min<std::size_t>(static_cast<std::size_t>(identity.reset), 5)])
      .add(" seeded=")
      .add(yes_or_no(parts_.entropy && parts_.entropy->seeded()))
      .add(" noise=")
      .add(noise_names[static_cast<std::size_t>(noise)])
      .add(" enrolled=")
      .add(yes_or_no(parts_.terminal.settings().has_value()))
      .end();
  running_.reset();
}

void Console::set_serial(std::string_view argument) {
  if (!parts_.serial) return error(Error::not_here);
  const Bytes bytes{reinterpret_cast<const std::uint8_t*>(argument.data()), argument.size()};
  if (!is_serial(bytes)) return error(Error::argument);
  Serial serial;
  serial.assign(bytes);
  if (const auto set = parts_.serial->set(serial); !set) {
    return error(set.error() == SerialError::already_set ? Error::already_set : Error::storage);
  }
  if (parts_.log) parts_.log->add(parts_.clock.monotonic(), Event::console_serial);
  ok("in force after a restart");
}

void Console::set_seed(std::string_view argument) {
  if (!parts_.entropy) return error(Error::not_here);
  crypto::Key seed{};
  const bool key = parse_key(argument, seed);
  const bool kept = key && parts_.entropy->provision(seed);
  crypto::wipe(seed);
  if (!key) return error(Error::argument);
  if (!kept) return error(Error::storage);
  if (parts_.log) parts_.log->add(parts_.clock.monotonic(), Event::console_seed);
  ok("seeded");
}

void Console::open_window() {
  if (parts_.identity.serial.size == 0) return error(Error::argument);
  if (parts_.entropy && !parts_.entropy->seeded()) return error(Error::no_seed);
  parts_.terminal.open_window();
  ok("open for 120 s or one attempt");
}

// Lists -------------------------------------------------------------------------------------------

bool Console::list_commands() {
  if (at_ == command_texts.size()) {
    ok();
    return true;
  }
  const CommandText& text = command_texts[at_++];
  out_.begin("- ").add(text.name);
  if (!text.argument.empty()) out_.add(" ").add(text.argument);
  out_.add(": ").add(text.what).end();
  return true;
}

bool Console::list_log() {
  while (at_ != end_) {
    const auto entry = parts_.log->at(at_++);
    if (!entry) continue;
    char line[max_log_line];
    const std::size_t size = write_line(*entry, line);
    out_.begin("- ").add(std::string_view(line, size - 1)).end();
    return true;
  }
  ok();
  return true;
}

bool Console::list_stats() {
  const protocol::Stats stats = parts_.terminal.stats();
  const TerminalCounters& counters = parts_.terminal.counters();
  const struct {
    std::string_view name;
    std::uint64_t value;
  } rows[] = {{"uptime_ms", stats.uptime_ms},
              {"taps", stats.taps},
              {"waiting", parts_.terminal.queue().waiting()},
              {"not_accepted", stats.not_accepted},
              {"gave_up", stats.gave_up},
              {"late_answers", stats.late_answers},
              {"retransmissions", stats.retransmissions},
              {"bad_frames", stats.bad_frames},
              {"bad_tags", stats.bad_tags},
              {"bad_messages", stats.bad_messages},
              {"screens_stored", stats.screens_stored},
              {"storage_errors", stats.storage_errors},
              {"reader_errors", stats.reader_errors},
              {"touches_dropped", counters.touches_dropped},
              {"keys_dropped", counters.keys_dropped}};
  if (at_ == std::size(rows)) {
    ok();
    return true;
  }
  out_.begin("- ").add(rows[at_].name).add("=").add(rows[at_].value).end();
  ++at_;
  return true;
}

// Answers -----------------------------------------------------------------------------------------

void Console::ok(std::string_view text) {
  out_.begin("OK");
  if (!text.empty()) out_.add(" ").add(text);
  out_.end();
  running_.reset();
}

void Console::error(Error why) {
  out_.begin("ERROR ").add(static_cast<std::uint64_t>(why)).add(" ").add(reason_of(why)).end();
  running_.reset();
}

void Console::progress(std::uint32_t done, std::uint32_t all) {
  out_.begin("PROGRESS ").add(std::uint64_t{done}).add("/").add(std::uint64_t{all}).end();
}

}  // namespace rollcall::firmware::console
