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

#include "daemon/terminals/live_terminals.hpp"
#include "daemon/terminals/services.hpp"
#include "daemon/terminals/status.hpp"

namespace rollcall::terminals {

class Hub final : public LiveTerminals {
 public:
  static constexpr std::size_t spare_connections = 64;  // beside two for each enrolled terminal

  // `io` and what `services` names outlive the hub; writer, readers and pool are
  // stopped before `io` is destroyed.
  Hub(boost::asio::io_context& io, Services services);
  ~Hub();

  // Opens all of `links.listen`. On failure a sentence, and nothing is open.
  std::expected<void, std::string> start();

  // Stops accepting, lets what is being committed be answered, says goodbye to all; returns within
  // a second unless the disk hangs in a commit.
  boost::asio::awaitable<void> stop();

  // All terminals of the registry by serial, connected or not.
  std::vector<TerminalStatus> snapshot() const;
  HubCounters counters() const;

  // TCP port bound for the first "tcp:" entry (0 = none): for tests and for entries with port 0.
  std::uint16_t port() const;
  // Called whenever a terminal comes or goes.
  void on_change(std::function<void()> changed);
  // A restore has marked epochs (terminal_epoch.resend_pending): terminals that are connected are
  // asked for their taps now, the others at their greeting.
  void ask_for_missing();
  // Whether cards can be issued at this terminal now; otherwise a clause: it is not connected, or
  // its reader cannot talk to cards.
  std::expected<void, std::string> can_issue(const std::string& serial) const;

  // LiveTerminals
  std::expected<void, std::string> open_window(EnrolmentWish wish) override;
  std::optional<Window> window() const override;
  boost::asio::awaitable<std::expected<bool, std::string>> submit_number(
      std::string number) override;
  boost::asio::awaitable<bool> cancel_window() override;
  std::expected<void, std::string> can_take_key(const std::string& serial) const override;
  boost::asio::awaitable<std::expected<void, std::string>> hand_over_key(std::string serial,
                                                                         crypto::Key key) override;
  boost::asio::awaitable<std::expected<void, std::string>> begin_update(UpdateWish wish) override;
  std::optional<UpdateView> update() const override;
  bool cancel_update() override;
  boost::asio::awaitable<std::expected<void, std::string>> identify(
      std::string serial, std::chrono::seconds time) override;
  boost::asio::awaitable<std::expected<protocol::Stats, std::string>> stats(
      std::string serial) override;
  boost::asio::awaitable<std::expected<std::string, std::string>> log(std::string serial) override;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace rollcall::terminals
