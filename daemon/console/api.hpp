// The daemon's HTTP interface: what the console page, Prometheus and `rollcall` ask. The contract
// is docs/api/console.yaml; a test compares it with the routes here.
//
// Two routers: `console` for browsers, where each route says which role it takes; `control` for
// `rollcall`, on a Unix socket that only its owner may open. Both put each view of personal data
// and each change on record (daemon/accounts/audit.hpp). Every question to the database goes
// through store::Readers, never on the reactor.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "daemon/accounts/accounts.hpp"
#include "daemon/attendance/recorder.hpp"
#include "daemon/cards/card_issuing.hpp"
#include "daemon/cards/card_sign_ins.hpp"
#include "daemon/config/config.hpp"
#include "daemon/delivery/delivery.hpp"
#include "daemon/registry/registry.hpp"
#include "daemon/sheets/calendar.hpp"
#include "daemon/store/readers.hpp"
#include "daemon/store/writer.hpp"
#include "daemon/terminals/live_terminals.hpp"
#include "daemon/terminals/status.hpp"
#include "hal/host/http/http.hpp"

namespace rollcall::roster {
class Imports;
class NameSeal;
}  // namespace rollcall::roster

namespace rollcall::console {

// One terminal of the registry as it stands now.
struct TerminalView {
  std::string serial;
  bool online = false;
  std::int64_t last_seen_ms = 0;  // Unix ms, 0 = not since the daemon started
  std::string firmware;           // empty = not known since the daemon started
  std::uint32_t waiting = 0;      // taps in its queue that are not yet here, as last reported
  std::uint32_t capacity = 0;     // taps its queue can hold, 0 = not known
};

// One card reader of this machine as it stands now.
struct StationView {
  std::string id;
  std::string room;
  std::string mode;
  bool online = false;
  std::int64_t last_seen_ms = 0;  // Unix ms, 0 = not since the daemon started
  std::string reader;             // what it is, or why it is away
};

// What the API looks at. Everything outlives it; functions are called on `executor`, except `now`,
// which is called on any thread.
struct Parts {
  boost::asio::any_io_executor executor;
  const config::Config& config;
  store::Writer& writer;
  store::Readers& readers;
  registry::Registry& registry;
  cards::SiteCards& cards;
  cards::CardIssuing& issuing;
  cards::CardSignIns& sign_ins;
  accounts::Accounts& accounts;
  const sheets::Calendar& holidays;
  // Whether cards can be issued at this terminal or reader of the host now; otherwise a clause.
  std::function<std::expected<void, std::string>(const std::string& place)> can_issue;
  const crypto::Key& card_key;  // of the tokens of cards and codes
  std::function<attendance::HostTime()> now;
  std::function<std::vector<TerminalView>()> terminals;  // one per terminal that ever connected
  terminals::LiveTerminals& live;
  std::function<terminals::HubCounters()> links;
  std::function<delivery::Status()> delivery;
  // Puts rejected events (of one reason, or all) back into delivery; how many.
  std::function<boost::asio::awaitable<std::uint64_t>(std::optional<std::string> reason)>
      retry_rejected;
  // The readers of this machine; none when there is no function.
  std::function<std::vector<StationView>()> stations = {};
  roster::Imports* roster = nullptr;        // without it the roster's routes answer 503
  const roster::NameSeal* names = nullptr;  // without it no name of a protected person is kept
};

class Api {
 public:
  explicit Api(Parts parts);
  ~Api();  // after the servers that use the routers

  const http::Router& console() const;
  // Lets another part of the daemon have pages beside the console's, behind the same guard. Before
  // the server begins.
  void add_pages(const std::function<void(http::Router&)>& add);
  const http::Router& control() const;
  // What the server of `control` takes: a body may be a firmware image, or a roster.
  static constexpr std::size_t max_roster_bytes = 64 * 1024 * 1024;
  static http::Limits control_limits() {
    http::Limits limits;
    limits.body_bytes = std::max<std::size_t>(terminals::max_image_bytes, max_roster_bytes);
    return limits;
  }

  // Starts publishing /api/v1/stream; ends with stop().
  void start();
  void stop();

  // The console is served at this port.
  void opened(std::uint16_t port);
  // Where a one-time link leads to; after opened().
  std::string first_manager_address(const std::string& link) const;

  // Something that the overview shows may have changed. Thread-safe and cheap: call it from
  // Writer::on_committed and when a terminal or the delivery changes its state.
  void changed();

  struct Impl;  // impl.hpp, for the files of this folder

 private:
  std::shared_ptr<Impl> impl_;
};

// The routes, for tests and documents.
struct RouteInfo {
  std::string_view method;
  std::string_view path;
  accounts::Needs needs;  // on the console; the control socket has them all
};
std::vector<RouteInfo> routes();

}  // namespace rollcall::console
