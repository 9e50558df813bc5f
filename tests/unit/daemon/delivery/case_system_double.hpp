// The case system's side of the contract, in memory, over real TLS, with faults on demand.
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "hal/host/http/http.hpp"
#include "tests/unit/http/certificates.hpp"
#include "tests/unit/http/http_fixture.hpp"

namespace rollcall::test {

class CaseSystemDouble {
 public:
  CaseSystemDouble(Reactor& reactor, const Authority& authority);
  ~CaseSystemDouble();

  unsigned short port() const { return port_; }
  void go_away();
  void come_back();

  enum class Fault {
    none,
    drop_before,   // nothing is kept, no answer
    drop_after,    // everything is kept, no answer
    server_error,  // 500, nothing is kept
    busy_1s,       // 503 with Retry-After: 1
    too_large,     // 413
    key_reused,    // 422
    forbidden,     // 403
    receipt_without_one,
    receipt_with_foreign_id,
    receipt_with_unknown_reason,
    receipt_garbled,
  };
  // One for each of the next batches.
  void next_posts(std::vector<Fault> faults);
  void set_unknown_people(std::set<std::string> people);
  void set_max_events(std::size_t events);  // a batch with more is answered 413
  void forget_everything();

  struct Post {
    std::string key, bytes;
    unsigned status = 0;  // 0 = dropped
  };
  struct Held {
    std::string id;
    bool accepted = true;
    nlohmann::json event;
  };
  using Log = std::map<std::string, std::map<std::int64_t, Held>>;  // epoch, sequence

  // Copies; any thread.
  std::vector<Post> posts() const;
  Log log() const;
  std::vector<std::string> accepted() const;  // ids in the order of their arrival
  int state_requests() const;

 private:
  http::Response take(const http::Request& request);
  http::Response judge(const nlohmann::json& batch);
  http::Response state();
  http::Response events(const http::Request& request);

  Reactor& reactor_;
  http::Router router_;
  http::asio::ssl::context tls_;
  std::optional<http::Server> server_;
  unsigned short port_ = 0;

  mutable std::mutex mutex_;
  std::deque<Fault> faults_;
  std::set<std::string> unknown_people_;
  std::size_t max_events_ = 10'000;
  std::vector<Post> posts_;
  Log log_;
  std::vector<std::string> epochs_;  // in the order of their first event
  std::vector<std::string> accepted_;
  int state_requests_ = 0;
};

}  // namespace rollcall::test
