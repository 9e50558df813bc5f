#include <algorithm>

#include <nlohmann/json.hpp>

#include "daemon/console/impl.hpp"
#include "daemon/metrics/metrics.hpp"

namespace rollcall::console {

// Sets what is looked up at a scrape, then writes everything.
awaitable<http::Response> Api::Impl::metrics(const http::Request&) {
  using rollcall::metrics::Counter;
  using rollcall::metrics::Gauge;
  using rollcall::metrics::set;
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
  rollcall::metrics::raise_to(Counter::writer_groups, static_cast<double>(writer.groups));
  rollcall::metrics::raise_to(Counter::writer_failed_groups,
                              static_cast<double>(writer.failed_groups));
  set(Gauge::clock_trust, static_cast<double>(now.trust));

  http::Response response;
  response.content_type = rollcall::metrics::content_type;
  response.body = rollcall::metrics::scrape();
  response.headers["Cache-Control"] = "no-store";
  co_return response;
}

}  // namespace rollcall::console
