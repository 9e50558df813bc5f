#include <algorithm>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "daemon/console/impl.hpp"
#include "daemon/metrics/metrics.hpp"

namespace rollcall::console {
namespace {

using rollcall::metrics::Counter;
using rollcall::metrics::Gauge;
using rollcall::metrics::raise_to;
using rollcall::metrics::set;

void raise(Counter counter, std::uint64_t total, std::string_view label = {}) {
  raise_to(counter, static_cast<double>(total), label);
}

void count_links(const terminals::HubCounters& links) {
  raise(Counter::terminal_connections, links.connections);
  const std::pair<std::string_view, std::uint64_t> kinds[] = {
      {"bad_frame", links.bad_frames},
      {"bad_message", links.bad_messages},
      {"misplaced", links.misplaced},
      {"unreadable", links.unreadable},
      {"never_greeted", links.never_greeted},
      {"not_configured", links.not_configured},
      {"over_limit", links.over_limit},
      {"displaced", links.displaced},
      {"closed_for_faults", links.closed_for_faults},
      {"closed_slow", links.closed_slow},
      {"bad_tag", links.bad_tags},
      {"bad_handshake", links.bad_handshakes},
  };
  for (const auto& [kind, total] : kinds) raise(Counter::link_errors, total, kind);
  raise(Counter::link_handshakes, links.handshakes);
  raise(Counter::security_alarms, links.alarms);
}

void count_assessments(const Json& events_by_type) {
  for (const std::string_view what : {"offered", "completed", "declined", "abandoned"}) {
    const auto found = events_by_type.find("assessment." + std::string{what});
    if (found != events_by_type.end())
      raise(Counter::assessments, found->get<std::uint64_t>(), what);
  }
}

}  // namespace

// Sets what is looked up at a scrape, then writes everything.
awaitable<http::Response> Api::Impl::metrics(const http::Request&) {
  const attendance::HostTime now = parts.now();
  Query query = [this, now](store::Database& db) { return read_status(db, view(), now.wall_ms); };
  const Json read = co_await parts.readers.query<Json>(std::move(query));
  const Json& counts = read["counts"];
  set(Gauge::present, counts["present"].get<double>());
  set(Gauge::log_events, counts["events"].get<double>());
  set(Gauge::inbox_open, counts["inbox"].get<double>());
  set(Gauge::database_bytes, read["database"]["bytes"].get<double>());

  const Json all = terminals(read["stored_terminals"]);
  for (const std::string_view state : {"online", "offline", "never"}) {
    const auto in_state =
        std::ranges::count_if(all, [&](const Json& one) { return one["state"] == state; });
    set(Gauge::terminals, static_cast<double>(in_state), state);
  }

  const delivery::Status delivery = parts.delivery();
  set(Gauge::outbox_events, static_cast<double>(delivery.waiting));
  set(Gauge::open_batches, static_cast<double>(delivery.open_batches));
  set(Gauge::last_receipt, static_cast<double>(delivery.last_receipt_ms.value_or(0)) / 1000);
  rollcall::metrics::set_all(Gauge::rejected_events, 0);
  for (const auto& [reason, count] : delivery.rejected) {
    set(Gauge::rejected_events, static_cast<double>(count), reason);
  }

  const store::Writer::Stats writer = parts.writer.stats();
  set(Gauge::writer_queue, static_cast<double>(writer.queued));
  raise(Counter::writer_groups, writer.groups);
  raise(Counter::writer_failed_groups, writer.failed_groups);
  count_links(parts.links());
  count_assessments(read.at("events_by_type"));
  set(Gauge::clock_trust, static_cast<double>(now.trust));

  http::Response response;
  response.content_type = rollcall::metrics::content_type;
  response.body = rollcall::metrics::scrape();
  response.headers["Cache-Control"] = "no-store";
  co_return response;
}

}  // namespace rollcall::console
