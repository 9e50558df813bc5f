#include "firmware/simulator/enrol.hpp"

#include <cstdio>
#include <iostream>
#include <utility>

#include <poll.h>
#include <unistd.h>

namespace rollcall::simulator {

using firmware::EnrolResult;
using namespace std::chrono_literals;

namespace {

constexpr auto look_interval = 20ms;
constexpr auto goodbye_patience = 5s;  // for the host to hear the end

std::string with_gap(std::uint32_t number) {
  char text[16];
  std::snprintf(text, sizeof text, "%03u %03u", number / 1000, number % 1000);
  return text;
}

}  // namespace

const char* enrol_result_name(EnrolResult result) {
  switch (result) {
    case EnrolResult::done:
      return "done";
    case EnrolResult::cancelled:
      return "cancelled";
    case EnrolResult::not_expected:
      return "not_expected";
    case EnrolResult::different:
      return "different";
    case EnrolResult::broken_promise:
      return "broken_promise";
    case EnrolResult::no_entropy:
      return "no_entropy";
    case EnrolResult::expired:
      return "expired";
    case EnrolResult::protocol:
      return "protocol";
    case EnrolResult::storage:
      return "storage";
    case EnrolResult::link_lost:
      return "link_lost";
    case EnrolResult::other_site:
      return "other_site";
  }
  return "protocol";
}

std::string enrol_sentence(EnrolResult result, const std::string& serial) {
  switch (result) {
    case EnrolResult::done:
      return "the terminal belongs to its site now";
    case EnrolResult::cancelled:
      return "it was cancelled; no key was kept, and whatever this terminal recorded is still "
             "there; start again at both ends when you are ready";
    case EnrolResult::not_expected:
      return "nobody at the host has asked for this terminal; nothing was changed; start the "
             "enrolment of " +
             serial + " at the host first, then here";
    case EnrolResult::different:
      return "the numbers are different, or other digits were typed at the host; no key was kept; "
             "make sure that this terminal is connected to the right host, then start again at "
             "both ends";
    case EnrolResult::broken_promise:
      return "somebody may be between this terminal and its host, for the host's key is not the "
             "one that was promised; no key was kept; check cable and network before you start "
             "again";
    case EnrolResult::no_entropy:
      return "this terminal has no seed to make keys from; nothing was changed; it has to be "
             "seeded at the factory console first";
    case EnrolResult::expired:
      return "two minutes passed without an agreement; no key was kept; check that the host is "
             "running, then start again at both ends";
    case EnrolResult::protocol:
      return "the host said something that does not belong here; no key was kept; make sure that "
             "both ends have the same version, then start again";
    case EnrolResult::storage:
      return "the key could not be written; the host does not count on it either; check the disk "
             "of the settings file, then start again at both ends";
    case EnrolResult::link_lost:
      return "the connection broke in the middle; no key was kept; check the cable, then start "
             "again at both ends";
    case EnrolResult::other_site:
      return "taps wait in this terminal that only its present site can read; they are safe, and "
             "it "
             "still belongs to that site; let it connect there until none waits, then start again, "
             "or use another queue file";
  }
  return {};
}

struct Enrol::Run {
  Run(asio::io_context& io, SimTerminal& sim) : terminal(sim), timer(io) {}

  void look() {
    const firmware::Enrolment& enrolment = terminal.terminal().enrolment();
    if (const auto result = terminal.enrolment_result()) {
      const auto now = std::chrono::steady_clock::now();
      if (!over_at) over_at = now;
      // The host learns it, too, before this program may end.
      if (!enrolment.calling() || now - *over_at >= goodbye_patience) return finish(*result);
    } else if (const auto number = enrolment.number(); number && !asked) {
      asked = true;
      forget_typed();
      std::cout << "enrol: this terminal shows " << with_gap(*number)
                << "\nenrol: does the host show the same number? yes or no: " << std::flush;
    } else if (number && !answered && read_line()) {
      answered = true;
      if (line == "yes") {
        terminal.agree(true);
      } else if (line == "no") {
        terminal.agree(false);
      } else {
        terminal.close_window();
      }
    }
    timer.expires_after(look_interval);
    timer.async_wait([this](boost::system::error_code error) {
      if (!error) look();
    });
  }

  // What was typed before the number was there is no answer.
  static void forget_typed() {
    char forgotten[256];
    for (int i = 0; i < 256; ++i) {
      pollfd input{STDIN_FILENO, POLLIN, 0};
      if (::poll(&input, 1, 0) <= 0 || (input.revents & POLLIN) == 0) return;
      if (::read(STDIN_FILENO, forgotten, sizeof forgotten) <= 0) return;
    }
  }

  // Whatever standard input is: a terminal, a pipe or a file. Its end is an answer as well.
  bool read_line() {
    while (true) {
      pollfd input{STDIN_FILENO, POLLIN, 0};
      if (::poll(&input, 1, 0) <= 0) return false;
      char c = 0;
      if (::read(STDIN_FILENO, &c, 1) != 1 || c == '\n') return true;
      if (c != '\r' && c != ' ') line += c;
    }
  }

  void finish(EnrolResult result) {
    if (asked && !answered) std::cout << '\n';
    const bool enrolled = result == EnrolResult::done;
    if (enrolled) {
      std::cout << "enrol: done, this terminal belongs to " << terminal.site() << '\n';
    } else {
      std::cout << "enrol: failed: " << enrol_sentence(result, terminal.serial()) << '\n';
    }
    std::cout << std::flush;
    done(enrolled);
  }

  SimTerminal& terminal;
  asio::steady_timer timer;
  std::function<void(bool)> done;
  std::optional<std::chrono::steady_clock::time_point> over_at;
  std::string line;
  bool asked = false;
  bool answered = false;
};

Enrol::Enrol(asio::io_context& io, SimTerminal& terminal)
    : run_(std::make_unique<Run>(io, terminal)) {}

Enrol::~Enrol() = default;

void Enrol::start(std::function<void(bool)> done) {
  run_->done = std::move(done);
  std::cout << "enrol: waiting for the host\n" << std::flush;
  run_->terminal.open_window();
  run_->look();
}

}  // namespace rollcall::simulator
