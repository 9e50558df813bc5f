#include "tests/unit/daemon/delivery/case_system_double.hpp"

#include <algorithm>

#include "daemon/delivery/batch.hpp"

namespace rollcall::test {
namespace {

using http::Request;
using http::Response;
using nlohmann::json;

Response ok(const json& body) {
  Response response;
  response.body = body.dump();
  return response;
}

Response conflict(const json& problem) {
  Response response = ok(problem);
  response.status = 409;
  response.content_type = "application/problem+json";
  return response;
}

}  // namespace

CaseSystemDouble::CaseSystemDouble(Reactor& reactor, const Authority& authority)
    : reactor_(reactor), tls_(authority.server("DNS:localhost")) {
  using http::asio::awaitable;
  router_.add("POST", "/v1/sites/{site}/batches",
              [this](const Request& request) -> awaitable<Response> { co_return take(request); });
  router_.add("GET", "/v1/sites/{site}/state",
              [this](const Request&) -> awaitable<Response> { co_return state(); });
  router_.add("GET", "/v1/sites/{site}/events",
              [this](const Request& request) -> awaitable<Response> { co_return events(request); });
  come_back();
}

CaseSystemDouble::~CaseSystemDouble() {
  go_away();
}

void CaseSystemDouble::go_away() {
  reactor_.on_reactor([&] { server_.reset(); });
}

void CaseSystemDouble::come_back() {
  reactor_.on_reactor([&] {
    server_.emplace(reactor_.io().get_executor(), router_);
    port_ = server_->listen_tls("127.0.0.1", port_, tls_).value();
  });
}

void CaseSystemDouble::next_posts(std::vector<Fault> faults) {
  const std::lock_guard lock(mutex_);
  faults_.assign(faults.begin(), faults.end());
}

void CaseSystemDouble::set_unknown_people(std::set<std::string> people) {
  const std::lock_guard lock(mutex_);
  unknown_people_ = std::move(people);
}

void CaseSystemDouble::set_max_events(std::size_t events) {
  const std::lock_guard lock(mutex_);
  max_events_ = events;
}

void CaseSystemDouble::forget_everything() {
  const std::lock_guard lock(mutex_);
  log_.clear();
  epochs_.clear();
  accepted_.clear();
}

std::vector<CaseSystemDouble::Post> CaseSystemDouble::posts() const {
  const std::lock_guard lock(mutex_);
  return posts_;
}

CaseSystemDouble::Log CaseSystemDouble::log() const {
  const std::lock_guard lock(mutex_);
  return log_;
}

std::vector<std::string> CaseSystemDouble::accepted() const {
  const std::lock_guard lock(mutex_);
  return accepted_;
}

int CaseSystemDouble::state_requests() const {
  const std::lock_guard lock(mutex_);
  return state_requests_;
}

Response CaseSystemDouble::take(const Request& request) {
  const std::lock_guard lock(mutex_);
  Fault fault = Fault::none;
  if (!faults_.empty()) {
    fault = faults_.front();
    faults_.pop_front();
  }
  posts_.push_back({request.headers.at("Idempotency-Key"), request.body, 0});
  const std::span<const std::uint8_t> bytes(
      reinterpret_cast<const std::uint8_t*>(request.body.data()), request.body.size());
  const json batch = json::parse(delivery::gunzip(bytes, 1 << 25).value());

  Response response;
  if (fault == Fault::drop_before) {
    response.drop = true;
  } else if (fault == Fault::server_error) {
    response = http::problem(500, "Internal Server Error", "on demand");
  } else if (fault == Fault::busy_1s) {
    response = http::problem(503, "Service Unavailable", "on demand");
    response.headers["Retry-After"] = "1";
  } else if (fault == Fault::forbidden) {
    response = http::problem(403, "Forbidden", "on demand");
  } else if (fault == Fault::key_reused) {
    response = http::problem(422, "Key reused", "on demand", "urn:rollcall:problem:key-reused");
  } else if (fault == Fault::too_large || batch["events"].size() > max_events_) {
    response = http::problem(413, "Content Too Large", "on demand");
  } else {
    response = judge(batch);
    response.drop = fault == Fault::drop_after;
  }
  if (response.status == 200 && fault != Fault::drop_before) {
    json receipt = json::parse(response.body);
    if (fault == Fault::receipt_without_one) receipt["accepted"].erase(0);
    if (fault == Fault::receipt_with_foreign_id) {
      receipt["accepted"].push_back("00000000-0000-4000-8000-000000000000");
    }
    if (fault == Fault::receipt_with_unknown_reason) {
      receipt["rejected"].push_back(
          {{"id", receipt["accepted"][0]}, {"type", "bad-mood"}, {"detail", ""}});
      receipt["accepted"].erase(0);
    }
    response.body = fault == Fault::receipt_garbled ? "<html>" : receipt.dump();
  }
  posts_.back().status = response.drop ? 0 : response.status;
  return response;
}

Response CaseSystemDouble::judge(const json& batch) {
  const std::string epoch = batch["range"]["epoch"];
  const std::int64_t first = batch["range"]["first"];
  const std::int64_t last = batch["range"]["last"];
  auto& places = log_[epoch];
  const std::int64_t expected = places.empty() ? 1 : places.rbegin()->first + 1;
  std::int64_t next = std::max(first, expected);
  bool whole = true;
  for (const json& event : batch["events"]) {
    const std::int64_t sequence = std::stoll(event["sequence"].get<std::string>());
    if (event["logepoch"] != epoch || sequence < first || sequence > last) {
      return http::problem(400, "Malformed", "an event is outside of the range");
    }
    const auto held = places.find(sequence);
    if (held != places.end() && held->second.id != event["id"].get<std::string>()) {
      return conflict({{"type", "urn:rollcall:problem:fork"},
                       {"title", "fork"},
                       {"status", 409},
                       {"epoch", epoch},
                       {"sequence", sequence},
                       {"event", held->second.id}});
    }
    whole = whole && (sequence < expected || sequence == next);
    if (sequence >= expected) ++next;
  }
  if (first > expected) {
    if (places.empty()) log_.erase(epoch);
    return conflict({{"type", "urn:rollcall:problem:gap"},
                     {"title", "gap"},
                     {"status", 409},
                     {"epoch", epoch},
                     {"expected", expected}});
  }
  if (!whole) return http::problem(400, "Malformed", "a sequence is missing in the batch");
  if (std::ranges::find(epochs_, epoch) == epochs_.end()) epochs_.push_back(epoch);

  json receipt = {{"receipt", "r-" + std::to_string(posts_.size())},
                  {"accepted", json::array()},
                  {"rejected", json::array()},
                  {"checkpoint", nullptr}};
  for (const json& event : batch["events"]) {
    const std::int64_t sequence = std::stoll(event["sequence"].get<std::string>());
    Held& held = places[sequence];
    held.id = event["id"];
    const bool known = std::ranges::find(accepted_, held.id) != accepted_.end();
    held.accepted = known || !unknown_people_.contains(event.value("subject", ""));
    if (!held.accepted) {
      receipt["rejected"].push_back(
          {{"id", held.id}, {"type", "unknown-person"}, {"detail", "the person is not known"}});
      continue;
    }
    if (!known) {
      held.event = event;
      accepted_.push_back(held.id);
    }
    receipt["accepted"].push_back(held.id);
  }
  return ok(receipt);
}

Response CaseSystemDouble::state() {
  const std::lock_guard lock(mutex_);
  ++state_requests_;
  if (epochs_.empty()) return ok({{"epoch", nullptr}, {"sequence", nullptr}, {"event", nullptr}});
  const auto& [sequence, held] = *log_.at(epochs_.back()).rbegin();
  return ok({{"epoch", epochs_.back()}, {"sequence", sequence}, {"event", held.id}});
}

Response CaseSystemDouble::events(const Request& request) {
  const std::lock_guard lock(mutex_);
  const std::string epoch = request.query.at("epoch");
  const std::int64_t after = std::stoll(request.query.at("after"));
  constexpr std::size_t small_page = 7;  // so that paging is always exercised
  json page = {{"epoch", epoch}, {"events", json::array()}, {"after", nullptr}};
  for (const auto& [sequence, held] : log_[epoch]) {
    if (sequence <= after || held.event.is_null()) continue;
    if (page["events"].size() == small_page) {
      page["after"] = std::stoll(page["events"].back()["sequence"].get<std::string>());
      break;
    }
    page["events"].push_back(held.event);
  }
  return ok(page);
}

}  // namespace rollcall::test
