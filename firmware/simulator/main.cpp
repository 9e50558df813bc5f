// rollcall-terminal: see --help, README.md and docs/terminal-script.md.
#include <csignal>
#include <cstdio>
#include <iostream>

#include <CLI/CLI.hpp>
#include <boost/asio/signal_set.hpp>

#include "firmware/simulator/crowd.hpp"
#include "firmware/simulator/enrol.hpp"
#include "firmware/simulator/page.hpp"
#include "firmware/simulator/player.hpp"
#include "firmware/simulator/sim_terminal.hpp"

namespace {

using namespace rollcall;
using namespace rollcall::simulator;

constexpr int exit_ok = 0;
constexpr int exit_failed = 1;  // an `expect` was not met, no enrolment, or something broke
constexpr int exit_usage = 2;   // wrong options, files or addresses

struct Options {
  std::string connect, serial, reader, script, queue, report, report_file, web, cards, queue_dir,
      settings, settings_dir;
  unsigned count = 0;
  double rate = 1;
  std::uint64_t taps = 10, seed = 1;
  unsigned drain_seconds = 30;
  bool stay = false;
  bool enrol = false;
  std::uint16_t max_frame = protocol::max_body;
  std::uint32_t line = 0;               // baud
  std::optional<Endpoint> card_module;  // `reader`, understood

  // Eight bits, a start and a stop bit for each byte.
  std::uint32_t line_rate() const { return line / 10; }
};

int usage_error(const std::string& sentence) {
  std::cerr << "rollcall-terminal: " << sentence << '\n';
  return exit_usage;
}

void print_summary(const Options& options, const Report& report, const Report::Totals& totals,
                   std::chrono::milliseconds took) {
  if (options.report == "json") std::cout << report.summary(totals, took) << '\n' << std::flush;
}

int run_crowd(const Options& options, Endpoint endpoint, const std::vector<LabelledCard>& cards,
              Report& report) {
  asio::io_context io(1);
  CrowdSettings settings;
  settings.endpoint = std::move(endpoint);
  settings.serial_prefix = options.serial;
  settings.count = options.count;
  settings.rate = options.rate;
  settings.taps = options.taps;
  settings.queue_dir = options.queue_dir;
  settings.settings_dir = options.settings_dir;
  settings.max_frame = options.max_frame;
  settings.line_rate = options.line_rate();
  settings.seed = options.seed;
  settings.drain = std::chrono::seconds(options.drain_seconds);
  for (const LabelledCard& c : cards) settings.cards.push_back(c.card);
  Crowd crowd(io, std::move(settings), report);
  if (auto started = crowd.start([&] { io.stop(); }); !started) return usage_error(started.error());
  asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](boost::system::error_code error, int) {
    if (!error) io.stop();
  });
  io.run();
  Report::Totals totals;
  crowd.add_to(totals);
  print_summary(options, report, totals, crowd.tapping_time());
  return exit_ok;
}

// After the script: until every tap is acknowledged, at most `seconds`; then stops the program.
void drain_and_stop(asio::io_context& io, const SimTerminal& terminal, unsigned seconds) {
  struct Drain {
    asio::io_context& io;
    const SimTerminal& terminal;
    std::chrono::steady_clock::time_point end;
    asio::steady_timer timer{io};

    static void look(const std::shared_ptr<Drain>& self) {
      const bool empty = self->terminal.terminal().queue().waiting() == 0 &&
                         !self->terminal.terminal().awaiting_answer();
      if (empty || std::chrono::steady_clock::now() >= self->end || !self->terminal.plugged()) {
        self->io.stop();
        return;
      }
      self->timer.expires_after(std::chrono::milliseconds(10));
      self->timer.async_wait([self](boost::system::error_code) { look(self); });
    }
  };
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  Drain::look(std::make_shared<Drain>(Drain{io, terminal, end}));
}

SimSettings settings_of(const Options& options, Endpoint endpoint) {
  SimSettings settings;
  settings.serial = options.serial;
  settings.endpoint = std::move(endpoint);
  settings.card_module = options.card_module;
  settings.queue_file = options.queue;
  settings.settings_file = options.settings;
  if (options.settings.empty() && !options.queue.empty()) {
    settings.settings_file = options.queue + ".settings";
  }
  settings.max_frame = options.max_frame;
  settings.line_rate = options.line_rate();
  return settings;
}

int run_enrolment(const Options& options, Endpoint endpoint) {
  asio::io_context io(1);
  Report report;
  SimTerminal terminal(io, settings_of(options, std::move(endpoint)), report);
  if (auto done = terminal.start(); !done) return usage_error(done.error());
  int result = exit_failed;
  Enrol enrol(io, terminal);
  enrol.start([&](bool enrolled) {
    result = enrolled ? exit_ok : exit_failed;
    io.stop();
  });
  asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](boost::system::error_code error, int) {
    if (!error) terminal.close_window();
  });
  io.run();
  return result;
}

int run_one(const Options& options, Endpoint endpoint, const std::vector<LabelledCard>& cards,
            Report& report) {
  std::vector<Step> steps;
  if (!options.script.empty()) {
    auto loaded = load_script(options.script);
    if (!loaded) {
      for (const std::string& problem : loaded.error()) std::cerr << problem << '\n';
      return exit_usage;
    }
    steps = std::move(*loaded);
  }
  asio::io_context io(1);
  const auto started = std::chrono::steady_clock::now();
  SimTerminal terminal(io, settings_of(options, std::move(endpoint)), report);
  if (auto done = terminal.start(); !done) return usage_error(done.error());

  std::optional<Page> page;
  if (!options.web.empty()) {
    page.emplace(io, terminal, cards);
    const auto port = page->listen(options.web);
    if (!port) return usage_error(port.error());
    std::cout << options.serial << ": http://127.0.0.1:" << *port << "/" << '\n' << std::flush;
  }
  int result = exit_ok;
  Player player(io, terminal, std::move(steps), options.script);
  if (!options.script.empty()) {
    player.play([&](const std::string& problem) {
      if (!problem.empty()) {
        std::cerr << problem << '\n' << std::flush;
        result = exit_failed;
      }
      if (!options.stay) drain_and_stop(io, terminal, problem.empty() ? options.drain_seconds : 0);
    });
  }
  asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](boost::system::error_code error, int) {
    if (!error) io.stop();
  });
  io.run();
  Report::Totals totals;
  terminal.add_to(totals);
  const auto took = std::chrono::steady_clock::now() - started;
  print_summary(options, report, totals,
                std::chrono::duration_cast<std::chrono::milliseconds>(took));
  return result;
}

int run(int argc, char** argv) {
  Options options;
  CLI::App app{"A simulated check-in terminal, or many at once.", "rollcall-terminal"};
  app.add_option(
         "--connect", options.connect,
         "Where the daemon is: tcp:HOST:PORT, unix:PATH, serial:DEVICE or serial:DEVICE:BAUD")
      ->required();
  app.add_option("--serial", options.serial,
                 "Serial of the terminal; with --count the prefix of all serials")
      ->required();
  app.add_option("--reader", options.reader,
                 "Where a PN532 card reader is: serial:DEVICE, serial:DEVICE:BAUD, unix:PATH or "
                 "tcp:HOST:PORT; without it scripts and the page hold cards to the terminal");
  app.add_option("--script", options.script, "What to do, step by step (docs/terminal-script.md)");
  app.add_option("--queue", options.queue,
                 "File of the offline queue; without it the queue is in memory");
  app.add_option("--settings", options.settings,
                 "File of what enrolment leaves; without it QUEUE.settings, or in memory");
  app.add_flag(
      "--enrol", options.enrol,
      "Get a key from the host: shows a number, asks whether the host shows the same, ends");
  auto* max_frame =
      app.add_option("--max-frame", options.max_frame, "Largest frame it takes, bytes")
          ->capture_default_str()
          ->check(CLI::Range(protocol::max_body_serial, protocol::max_body));
  app.add_option("--line", options.line,
                 "Be on a serial line of this many baud: bulk transfers keep to its rate, frames "
                 "have 192 bytes; with serial: its own rate is the default")
      ->check(CLI::Range(9'600, 4'000'000));
  app.add_option("--report", options.report, "Print a summary at the end")
      ->check(CLI::IsMember({"json"}));
  app.add_option("--report-file", options.report_file,
                 "Append one line of JSON for each tap, as it happens");
  app.add_option("--web", options.web, "Serve the terminal's page at this loopback ADDRESS:PORT");
  app.add_option("--cards", options.cards, "CSV of cards: chip number, label");
  app.add_flag("--stay", options.stay, "Keep running after the script");
  app.add_option("--drain", options.drain_seconds,
                 "Seconds to wait at the end until every tap is acknowledged")
      ->capture_default_str();
  app.add_option("--count", options.count, "Be this many terminals: SERIAL-001, SERIAL-002, ...");
  app.add_option("--rate", options.rate, "With --count: taps per second of each terminal")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--taps", options.taps, "With --count: taps of each terminal")
      ->capture_default_str();
  app.add_option("--queue-dir", options.queue_dir,
                 "With --count: folder of queue files; without it queues are in memory");
  app.add_option("--settings-dir", options.settings_dir,
                 "With --count: folder of SERIAL.settings; without it the queue folder");
  app.add_option("--seed", options.seed, "With --count: chooses the cards")->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? exit_ok : exit_usage;
  }
  const std::string of_one =
      options.reader + options.script + options.web + options.queue + options.settings;
  if (options.count > 0 && (options.enrol || !of_one.empty())) {
    return usage_error(
        "--count goes with --queue-dir and --settings-dir, not with --reader, --script, --web, "
        "--queue, --settings or --enrol");
  }
  if (!options.reader.empty() && !options.cards.empty())
    return usage_error("--cards is for a terminal without --reader");
  if (options.enrol && !(options.script + options.web).empty()) {
    return usage_error("--enrol ends when it is done; it goes with neither --script nor --web");
  }
  if (options.enrol && options.queue.empty() && options.settings.empty()) {
    return usage_error("--enrol needs --settings or --queue: the key must be kept in a file");
  }
  const std::size_t longest = options.count > 0 ? 32 - 5 : 32;
  if (options.serial.empty() || options.serial.size() > longest) {
    return usage_error("the serial must have 1 to " + std::to_string(longest) + " characters");
  }
  auto endpoint = parse_endpoint(options.connect);
  if (!endpoint) return usage_error(endpoint.error());
  if (const auto* line = std::get_if<SerialAddress>(&*endpoint)) {
    if (options.count > 0)
      return usage_error("a serial line carries one terminal: --count goes with tcp: and unix:");
    if (options.line == 0) options.line = line->baud;
  }
  if (!options.reader.empty()) {
    auto reader = parse_endpoint(options.reader);
    if (!reader) return usage_error(reader.error());
    options.card_module = std::move(*reader);
  }
  if (options.line != 0 && max_frame->count() == 0) options.max_frame = protocol::max_body_serial;
  std::vector<LabelledCard> cards;
  if (!options.cards.empty()) {
    auto loaded = load_cards(options.cards);
    if (!loaded) return usage_error(loaded.error());
    cards = std::move(*loaded);
  }
  if (options.enrol) return run_enrolment(options, std::move(*endpoint));
  Report report;
  if (!options.report_file.empty()) {
    if (auto opened = report.append_to(options.report_file); !opened)
      return usage_error(opened.error());
  }
  return options.count > 0 ? run_crowd(options, std::move(*endpoint), cards, report)
                           : run_one(options, std::move(*endpoint), cards, report);
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // whoever no longer listens is an error, not the end
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "rollcall-terminal: %s\n", error.what());
    return exit_failed;
  }
}
