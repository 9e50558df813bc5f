// The routes of docs/api/case-system.yaml over a ledger, with faults in between.
#pragma once

#include "hal/host/http/http.hpp"
#include "tests/casesim/faults.hpp"
#include "tests/casesim/ledger.hpp"
#include "tests/casesim/roster.hpp"

namespace rollcall::casesim {

inline constexpr std::size_t max_body_sent = 8 * 1024 * 1024;      // bytes, as sent
inline constexpr std::size_t max_body_decoded = 32 * 1024 * 1024;  // bytes, after gzip

class Service {
 public:
  // All outlive the service, the service outlives the router's use.
  Service(Ledger& ledger, const Roster& roster, Faults& faults);

  void add_routes(http::Router& router);

  // What a request is answered without faults; thread: one.
  http::Response post_batch(const http::Request& request);
  http::Response get_state(const http::Request& request);
  http::Response get_events(const http::Request& request);
  http::Response get_roster(const http::Request& request);
  http::Response health();

 private:
  using Answer = http::Response (Service::*)(const http::Request&);
  // Latency and faults around an answer.
  http::asio::awaitable<http::Response> serve(const http::Request& request, Answer answer,
                                              bool delivers);

  Ledger& ledger_;
  const Roster& roster_;
  Faults& faults_;
};

}  // namespace rollcall::casesim
