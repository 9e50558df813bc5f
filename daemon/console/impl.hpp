// The inside of Api, shared by api.cpp (routes, stream), actions.cpp (what changes something) and
// the
// *_route.cpp files.
#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include <boost/asio/steady_timer.hpp>

#include "daemon/console/api.hpp"
#include "daemon/console/queries.hpp"
#include "daemon/store/on_writer.hpp"

namespace rollcall::console {

using boost::asio::awaitable;

struct Api::Impl : std::enable_shared_from_this<Api::Impl> {
  explicit Impl(Parts given);

  // Reading (api.cpp)
  awaitable<http::Response> overview(const http::Request&);
  awaitable<http::Response> status(const http::Request&);
  awaitable<http::Response> inbox(const http::Request&);
  awaitable<http::Response> rejected(const http::Request&);
  awaitable<http::Response> metrics(const http::Request&);  // metrics_route.cpp

  // Changing, on the control socket only (actions.cpp)
  awaitable<http::Response> attach(const http::Request&);
  awaitable<http::Response> close_notice(const http::Request&);
  awaitable<http::Response> retry(const http::Request&);

  // Issued cards, on the control socket only (cards_route.cpp)
  awaitable<http::Response> list_cards(const http::Request&);
  awaitable<http::Response> withdraw_card(const http::Request&);
  awaitable<http::Response> begin_issue(const http::Request&);
  awaitable<http::Response> see_issue(const http::Request&);
  awaitable<http::Response> cancel_issue(const http::Request&);

  // The desk, on the control socket only (desk_route.cpp)
  awaitable<http::Response> find_people(const http::Request&);
  awaitable<http::Response> assist(const http::Request&);
  awaitable<http::Response> issue_code(const http::Request&);
  awaitable<http::Response> withdraw_codes(const http::Request&);

  // The roster, on the control socket only (roster_route.cpp)
  awaitable<http::Response> see_roster(const http::Request&);
  awaitable<http::Response> import_roster(const http::Request&);
  awaitable<http::Response> apply_removals(const http::Request&);

  // Terminals, on the control socket only (terminals_route.cpp, update_route.cpp,
  // enrolment_route.cpp)
  awaitable<http::Response> list_terminals(const http::Request&);
  awaitable<http::Response> move_terminal(const http::Request&);
  awaitable<http::Response> rotate_key(const http::Request&);
  awaitable<http::Response> revoke_terminal(const http::Request&);
  awaitable<http::Response> identify_terminal(const http::Request&);
  awaitable<http::Response> terminal_stats(const http::Request&);
  awaitable<http::Response> terminal_log(const http::Request&);
  awaitable<http::Response> begin_update(const http::Request&);
  awaitable<http::Response> see_update(const http::Request&);
  awaitable<http::Response> cancel_update(const http::Request&);
  awaitable<http::Response> open_enrolment(const http::Request&);
  awaitable<http::Response> see_enrolment(const http::Request&);
  awaitable<http::Response> type_number(const http::Request&);
  awaitable<http::Response> cancel_enrolment(const http::Request&);

  awaitable<Json> make_overview();
  awaitable<void> publish_changes();
  View view() { return {parts.config, zone, totals}; }
  Json terminals(const Json& stored) const;
  // Every terminal of the registry as its sessions know it, completed by what the database knew
  // before the start.
  std::map<std::string, TerminalView> seen(const Json& stored) const;
  static TerminalView completed(TerminalView now, const Json& stored);
  Json site_json(const attendance::HostTime& now) const;
  Json delivery_json(const delivery::Status& now) const;
  static void put_delivered(Json& counts, const delivery::Status& now);
  static std::uint64_t rejected_events(const delivery::Status& now);

  // As store::written, and this stays there until then.
  awaitable<store::Written> commit(store::Writer::Job job);

  Parts parts;
  attendance::TimeZone zone;
  Totals totals;
  http::Router console;
  http::Router control;
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();

  std::shared_ptr<http::EventSource> stream = std::make_shared<http::EventSource>();
  boost::asio::steady_timer pause;
  std::atomic<bool> dirty{true};
  std::atomic<bool> waking{false};  // a wake-up is on its way to the reactor
  bool running = false;
};

// 200 with a JSON body that nobody keeps a copy of.
http::Response answer(const Json& body);
// 503 or 500: a job that was not committed.
http::Response not_committed(const store::Written& outcome);

}  // namespace rollcall::console
