#include "daemon/metrics/declarations.hpp"

#include <array>

#include "daemon/metrics/metrics.hpp"

namespace rollcall::metrics {
namespace {

template <class Enum>
constexpr std::size_t count_to(Enum last) {
  return static_cast<std::size_t>(last) + 1;
}

const std::array<Declaration, count_to(Counter::writer_failed_groups)> counter_list{{
    {"rollcall_taps_total",
     "Taps answered for the first time, by the answer given.",
     "outcome",
     {"arrived", "left", "recorded", "repeat", "see_staff", "not_recorded"}},
    {"rollcall_tap_resends_total", "Taps that had been taken before and got their stored answer."},
    {"rollcall_tap_conflicts_total", "Taps whose identity had been used for other content."},
    {"rollcall_card_checks_total",
     "Taps answered for the first time, by what the card has shown or why it was not accepted.",
     "result",
     {"uid", "uid_random", "code", "desfire", "unverified", "issued", "sign_in", "not_authentic",
      "not_known", "revoked", "lost", "replaced", "interrupted", "chip_number", "not_issued"}},
    {"rollcall_turned_taps_total",
     "Taps of which the person said that they were the other way, by what came of it.",
     "result",
     {"done", "already", "too_late", "another_tap", "no_movement"}},
    {"rollcall_late_answers_total", "Answers that came after the terminal had given up."},
    {"rollcall_terminal_connections_total", "Connections of terminals that were accepted."},
    {"rollcall_link_errors_total",
     "Input and connections of terminals that were dropped, by kind.",
     "kind",
     {"bad_frame", "bad_message", "misplaced", "unreadable", "never_greeted", "not_configured",
      "over_limit", "displaced", "closed_for_faults", "closed_slow", "bad_tag", "bad_handshake"}},
    {"rollcall_link_handshakes_total", "Handshakes in which a terminal proved its key."},
    {"rollcall_security_alarms_total", "Links refused for a reason that may be an attack."},
    {"rollcall_assessments_total",
     "Assessments, by what became of the offer.",
     "outcome",
     {"offered", "completed", "declined", "abandoned"}},
    {"rollcall_delivery_attempts_total",
     "Requests to the case system, by result.",
     "result",
     {"receipt", "connect", "tls", "timeout", "closed", "throttled", "server_error", "client_error",
      "bad_receipt"}},
    {"rollcall_delivered_events_total",
     "Events the case system has answered for, by its answer.",
     "result",
     {"accepted", "rejected"}},
    {"rollcall_http_refused_total",
     "HTTP requests refused before any route saw them, by reason.",
     "reason",
     {"host", "origin", "connections", "bad_request"}},
    {"rollcall_writer_groups_total", "Transactions committed."},
    {"rollcall_writer_failed_groups_total", "Transactions that could not be committed."},
}};

const std::array<Declaration, count_to(Gauge::start_time)> gauge_list{{
    {"rollcall_build_info", "1, with the version of the program.", "version", {ROLLCALL_VERSION}},
    {"rollcall_terminals",
     "Terminals of the site that are not revoked, by state.",
     "state",
     {"online", "offline", "never"}},
    {"rollcall_people_present", "People who are in."},
    {"rollcall_log_events", "Events in the site's log."},
    {"rollcall_outbox_events", "Events that wait for their receipt."},
    {"rollcall_open_batches", "Batches that wait for their receipt."},
    {"rollcall_rejected_events",
     "Events the case system has rejected and nobody has repaired yet, by reason.",
     "reason",
     {"unknown-person", "unknown-session", "schema", "duplicate-person", "not-allowed"}},
    {"rollcall_inbox_open_items", "Matters that wait for staff."},
    {"rollcall_database_size_bytes", "Size of the database file."},
    {"rollcall_writer_queue_jobs", "Jobs that wait for the writer."},
    {"rollcall_last_receipt_timestamp_seconds", "When the newest receipt came, 0 when none has."},
    {"rollcall_clock_trust", "Trust in the host's clock: 0 unproven, 1 drifting, 2 synced."},
    {"process_resident_memory_bytes", "Resident memory size in bytes."},
    {"process_start_time_seconds", "Start time of the process since unix epoch in seconds."},
}};

const std::array<Declaration, count_to(Histogram::delivery_request)> histogram_list{{
    {"rollcall_tap_commit_seconds", "From a tap's submission to its durable commit."},
    {"rollcall_tap_answer_seconds", "From a tap's arrival at the daemon to its answer."},
    {"rollcall_delivery_request_seconds",
     "From sending a request to the case system to its answer."},
}};

constexpr std::array<double, 14> bucket_list{0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032,
                                             0.064,  0.125, 0.25,  0.5,   1.5,   5.0,   15.0};

}  // namespace

std::span<const Declaration> counters() {
  return counter_list;
}
std::span<const Declaration> gauges() {
  return gauge_list;
}
std::span<const Declaration> histograms() {
  return histogram_list;
}
std::span<const double> buckets() {
  return bucket_list;
}

}  // namespace rollcall::metrics
