// All terminals of the site: listens, runs one session per connection, knows who is there.
//
// Everything but the constructor runs on the reactor, the one thread that runs `io`.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "daemon/terminals/services.hpp"
#include "daemon/terminals/status.hpp"

namespace rollcall::terminals {

class Hub {
 public:
  static constexpr std::size_t spare_connections = 64;  // beside two for each configured terminal

  // `io` and what `services` names outlive the hub; writer, readers and pool are
  // stopped before `io` is destroyed.
  Hub(boost::asio::io_context& io, Services services);
  ~Hub();

  // Opens all of `links.listen`. On failure a sentence, and nothing is open.
  std::expected<void, std::string> start();

  // Stops accepting, lets what is being committed be answered, says goodbye to all; returns within
  // a second unless the disk hangs in a commit.
  boost::asio::awaitable<void> stop();

  // All configured terminals in the order of the configuration, connected or not.
  std::vector<TerminalStatus> snapshot() const;
  HubCounters counters() const;

  // TCP port bound for the first "tcp:" entry (0 = none): for tests and for entries with port 0.
  std::uint16_t port() const;
  // Called whenever a terminal comes or goes.
  void on_change(std::function<void()> changed);
  // A restore has marked epochs (terminal_epoch.resend_pending): terminals that are connected are
  // asked for their taps now, the others at their greeting.
  void ask_for_missing();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace rollcall::terminals
