// rollcalld, put together: opens what a site needs in the order in which it may be used, runs the
// reactor, and takes everything down again in the opposite order.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "daemon/config/config.hpp"

namespace rollcall {

class Daemon {
 public:
  explicit Daemon(config::Config config);
  ~Daemon();

  // Opens keys, database, roster, links and pages. The error is a sentence; nothing runs then.
  std::expected<void, std::string> start();

  // Runs until SIGTERM or SIGINT, then finishes what is in flight; returns within two seconds.
  void run();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rollcall
