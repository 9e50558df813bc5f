// Enrolment of a simulated terminal on the command line: shows the number, asks, says what came of
// it. There is no other way to answer than by a person's line.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "firmware/simulator/sim_terminal.hpp"

namespace rollcall::simulator {

// As on the page and in tests: done, not_expected, ...
const char* enrol_result_name(firmware::EnrolResult result);
// What happened, what was kept safe, what to do next.
std::string enrol_sentence(firmware::EnrolResult result, const std::string& serial);

class Enrol {
 public:
  // Both outlive this.
  Enrol(asio::io_context& io, SimTerminal& terminal);
  ~Enrol();

  // Opens the window. Says everything on standard output and reads one line from standard input.
  // `done` is called once, with whether the terminal belongs to a site now.
  void start(std::function<void(bool)> done);

 private:
  struct Run;
  std::unique_ptr<Run> run_;
};

}  // namespace rollcall::simulator
