// Many simulated terminals in one process: load for a daemon, and an oracle for chaos tests.
#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "firmware/simulator/sim_terminal.hpp"

namespace rollcall::simulator {

struct CrowdSettings {
  Endpoint endpoint;
  std::string serial_prefix;  // terminals are PREFIX-001, PREFIX-002, ...
  unsigned count = 1;
  double rate = 1;           // taps per second of each terminal
  std::uint64_t taps = 10;   // of each terminal
  std::string queue_dir;     // empty: queues in memory
  std::string settings_dir;  // SERIAL.settings of each; empty: queue_dir
  std::uint16_t max_frame = protocol::max_body;
  std::uint32_t line_rate = 0;   // bytes a second; 0 = as goes with the frame size
  std::vector<hal::Card> cards;  // empty: every tap is another made-up card
  std::uint64_t seed = 1;
  std::chrono::seconds start_patience{10};  // for all links to be up before the first tap
  std::chrono::seconds drain{30};           // after the last tap, for all to be acknowledged
};

class Crowd {
 public:
  Crowd(asio::io_context& io, CrowdSettings settings, Report& report);

  // `done` is called when all taps are shown and acknowledged, or the patience is over.
  std::expected<void, std::string> start(std::function<void()> done);
  // No more taps; waits for what is under way, then `done`.
  void stop() { stopping_ = true; }
  void add_to(Report::Totals& totals) const;
  std::chrono::milliseconds tapping_time() const { return tapping_time_; }

 private:
  using Time = std::chrono::steady_clock::time_point;
  void tick();
  void issue();
  std::uint64_t all_taps() const { return settings_.taps * settings_.count; }
  bool all_welcomed() const;
  bool settled() const;
  hal::Card next_card();

  asio::io_context& io_;
  CrowdSettings settings_;
  Report& report_;
  std::function<void()> done_;
  std::vector<std::unique_ptr<SimTerminal>> terminals_;
  asio::steady_timer timer_;
  std::mt19937_64 random_;
  Time started_;
  std::optional<Time> first_tap_;
  std::optional<Time> last_tap_;
  std::chrono::milliseconds tapping_time_{0};
  std::uint64_t issued_ = 0;
  bool stopping_ = false;
};

}  // namespace rollcall::simulator
