// The part of a kiosk that every kiosk has: a flow waits for a choice, for time to pass, or for
// what ends it.
#pragma once

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include "daemon/flows/kiosk.hpp"
#include "daemon/flows/signal.hpp"

namespace rollcall::flows {

class Waiting {
 public:
  explicit Waiting(const boost::asio::any_io_executor& executor) : signal_(executor) {}

  // Another screen is up: what was chosen on the one before counts no more.
  void begin() { chosen_.reset(); }
  void choose(std::string choice) {
    chosen_ = std::move(choice);
    signal_.notify();
  }
  // Ends the flow; the first reason counts.
  void interrupt(Interruption why) {
    if (!interrupted_) interrupted_ = why;
    signal_.notify();
  }
  const std::optional<Interruption>& interrupted() const { return interrupted_; }

  // As Kiosk has them.
  boost::asio::awaitable<std::expected<std::string, Interruption>> choice(
      std::chrono::milliseconds limit);
  boost::asio::awaitable<std::optional<Interruption>> pause(std::chrono::milliseconds time);

 private:
  Signal signal_;
  std::optional<std::string> chosen_;
  std::optional<Interruption> interrupted_;
};

}  // namespace rollcall::flows
