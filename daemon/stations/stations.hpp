// All stations of the site, as `[[readers]]` lists them. Everything but the constructor runs on the
// reactor, the one thread that runs `reactor`.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "daemon/stations/station.hpp"
#include "daemon/store/database.hpp"
#include "hal/host/http/http.hpp"

namespace rollcall::stations {

// Keeps where each reader stands, for the taps it takes. Otherwise a sentence: a terminal has the
// id of one. In the writer's transaction.
std::expected<void, std::string> keep_readers(store::Database& db,
                                              const std::vector<config::Reader>& readers);

class Stations {
 public:
  Stations(boost::asio::any_io_executor reactor, Services services);
  ~Stations();

  // The pages and what they ask for: /kiosk/{id}, its stream, and the choices touched there. Before
  // the server of `router` begins.
  void add_routes(http::Router& router);
  // Opens the readers.
  void start();
  // Takes no more taps; what was taken is committed and answered.
  boost::asio::awaitable<void> stop();

  std::vector<StationStatus> status() const;  // in the order of the configuration
  // Whether cards can be issued at this reader now, otherwise a clause; nothing: there is none of
  // this id.
  std::optional<std::expected<void, std::string>> can_issue(const std::string& id) const;
  // Called whenever the status of one changes.
  void on_change(std::function<void()> changed);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace rollcall::stations
