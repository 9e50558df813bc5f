// The daemon's metrics in Prometheus' text format. Each is declared once, in declarations.cpp:
// name, help, label and the closed list of its values, so that nobody outside can make up new
// series.
//
//   metrics::add(metrics::Counter::link_errors, "bad_frame");
//   metrics::observe(metrics::Histogram::tap_commit, elapsed);
//
// One set per process; thread-safe.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace rollcall::metrics {

enum class Counter {
  taps,           // outcome: as protocol::Outcome
  tap_resends,    // an identity that was taken before, answered from the store
  tap_conflicts,  // same identity, other content
  card_checks,    // result: see declarations.cpp
  turned_taps,    // result: as attendance::Turned
  late_answers,   // answered after the terminal's deadline, or given up there
  terminal_connections,
  link_errors,        // kind: as terminals::HubCounters
  link_handshakes,    // that proved a key
  security_alarms,    // links refused for a reason that may be an attack
  assessments,        // outcome: offered, completed, declined, abandoned
  delivery_attempts,  // result: see declarations.cpp
  delivered_events,   // result: accepted, rejected
  http_refused,       // reason: host, origin, connections, bad_request
  writer_groups,
  writer_failed_groups,
};

enum class Gauge {
  build_info,  // version
  terminals,   // state: online, offline, never
  present,
  log_events,
  outbox_events,
  open_batches,
  rejected_events,  // reason: the contract's closed list
  inbox_open,
  database_bytes,
  writer_queue,
  last_receipt,  // Unix seconds, 0 = none yet
  clock_trust,   // protocol::ClockTrust of the host
  resident_bytes,
  start_time,  // Unix seconds
};

enum class Histogram {
  tap_commit,        // submitted to committed
  tap_answer,        // received to answered
  delivery_request,  // one attempt, sent to answered
};

// A label value that is not in the declaration counts as "other"; one without label takes "".
void add(Counter counter, std::string_view label = {}, double amount = 1);
// For totals that are counted elsewhere, in the log or by another part: raises the counter to
// `total`, never lowers it.
void raise_to(Counter counter, double total, std::string_view label = {});
void set(Gauge gauge, double value, std::string_view label = {});
void set_all(Gauge gauge, double value);  // every label value
void observe(Histogram histogram, std::chrono::nanoseconds value);

// Runs at every scrape, before the values are read: for gauges that are cheap to look up. Gone when
// the returned hold is. Thread: whichever scrapes; do not block.
using Hold = std::shared_ptr<void>;
[[nodiscard]] Hold at_scrape(std::function<void()> refresh);

// Runs what was given to at_scrape and writes everything; `content_type` belongs to it.
std::string scrape();
inline constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8";

// The table of all metrics as Markdown, for docs/metrics.md (a test compares).
std::string reference_markdown();

}  // namespace rollcall::metrics
