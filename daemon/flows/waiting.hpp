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
  void begin() { given_.reset(); }
  // What the person gave; a card or a drawing only while wants_signature().
  void give(Sign given) {
    given_ = std::move(given);
    signal_.notify();
  }
  void choose(std::string choice) { give(std::move(choice)); }
  // Whether somebody waits for a choice: one that comes sooner would be lost with the next screen.
  bool wants_choice() const { return waits_ && !given_ && !interrupted_; }
  bool wants_signature() const { return wants_signature_ && !given_ && !interrupted_; }
  // Ends the flow; the first reason counts.
  void interrupt(Interruption why) {
    if (!interrupted_) interrupted_ = why;
    signal_.notify();
  }
  const std::optional<Interruption>& interrupted() const { return interrupted_; }

  // As Kiosk has them.
  boost::asio::awaitable<std::expected<std::string, Interruption>> choice(
      std::chrono::milliseconds limit);
  boost::asio::awaitable<std::expected<Sign, Interruption>> signature(
      std::chrono::milliseconds limit);
  boost::asio::awaitable<std::optional<Interruption>> pause(std::chrono::milliseconds time);

 private:
  boost::asio::awaitable<std::expected<Sign, Interruption>> wait(std::chrono::milliseconds limit);

  Signal signal_;
  std::optional<Sign> given_;
  bool waits_ = false;
  bool wants_signature_ = false;
  std::optional<Interruption> interrupted_;
};

}  // namespace rollcall::flows
