// Asks the case system for its roster (GET /v1/sites/{site}/roster), at start and then every
// roster.interval. Thread: the reactor.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "daemon/config/config.hpp"
#include "daemon/roster/imports.hpp"
#include "daemon/store/readers.hpp"

namespace boost::asio::ssl {
class context;
}

namespace rollcall::roster {

class CaseFeed {
 public:
  static constexpr const char* source = "case-system";

  // All outlive the feed and, after stop(), the work of `executor`.
  CaseFeed(boost::asio::any_io_executor executor, boost::asio::ssl::context& tls,
           const config::Config& config, Imports& imports, store::Readers& readers);
  ~CaseFeed();

  void start();
  void stop();  // ends the request under way

  // Asks once: every page, then one change of the tables with the cursor. Nothing was changed on an
  // error.
  boost::asio::awaitable<std::expected<void, std::string>> ask();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace rollcall::roster
