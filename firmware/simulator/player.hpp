// Plays a script on one simulated terminal.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "firmware/simulator/script.hpp"
#include "firmware/simulator/sim_terminal.hpp"

namespace rollcall::simulator {

class Player {
 public:
  // All outlive the play.
  Player(asio::io_context& io, SimTerminal& terminal, std::vector<Step> steps, std::string name);

  // Calls `done` with an empty text after the last step, or with the sentence of the first `expect`
  // that was not met.
  void play(std::function<void(std::string)> done);

 private:
  struct Run;
  asio::io_context& io_;
  SimTerminal& terminal_;
  std::vector<Step> steps_;
  std::string name_;
};

}  // namespace rollcall::simulator
