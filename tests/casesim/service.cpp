#include "tests/casesim/service.hpp"

#include <charconv>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>
#include <openssl/sha.h>

#include "tests/casesim/gzip.hpp"

namespace rollcall::casesim {
namespace {

namespace asio = boost::asio;

constexpr int default_page = 500;
constexpr int largest_page = 1000;
constexpr std::size_t uuid_length = 36;

http::Response refuse(const Problem& problem) {
  http::Response response;
  response.status = problem.status;
  response.content_type = "application/problem+json";
  response.body = to_json(problem);
  return response;
}

http::Response ok(std::string body) {
  http::Response response;
  response.body = std::move(body);
  return response;
}

std::string header(const http::Request& request, std::string_view name) {
  const auto found = request.headers.find(name);
  return found == request.headers.end() ? "" : found->second;
}

std::string query(const http::Request& request, const std::string& name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? "" : found->second;
}

// A whole decimal number in [low, high]; `fallback` when the text is empty.
std::optional<std::int64_t> number(const std::string& text, std::int64_t fallback, std::int64_t low,
                                   std::int64_t high) {
  if (text.empty()) return fallback;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (value < low || value > high) return std::nullopt;
  return value;
}

// The key of "<uuid>", a string of RFC 8941 section 3.3.3; empty when it is not one.
std::string unquoted_key(const std::string& text) {
  if (text.size() != uuid_length + 2 || text.front() != '"' || text.back() != '"') return "";
  std::string key = text.substr(1, uuid_length);
  if (key.find_first_not_of("0123456789abcdef-") != std::string::npos) return "";
  return key;
}

store::Blob sha256(std::string_view bytes) {
  store::Blob digest(SHA256_DIGEST_LENGTH);
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  return digest;
}

Problem too_large(std::size_t limit) {
  Problem problem{.status = 413, .name = "too-large", .title = "The body is too large"};
  problem.limit = static_cast<std::int64_t>(limit);
  return problem;
}

Problem unsupported(std::string detail) {
  return {.status = 415,
          .name = "unsupported",
          .title = "The body is in a form that is not read here",
          .detail = std::move(detail)};
}

// The JSON text of a body, whatever its encoding.
std::expected<std::string, Problem> decoded(const http::Request& request) {
  const std::string type = header(request, "Content-Type");
  if (!type.starts_with("application/json")) {
    return std::unexpected(unsupported("Content-Type is not application/json"));
  }
  const std::string encoding = header(request, "Content-Encoding");
  if (encoding.empty() || encoding == "identity") return request.body;
  if (encoding != "gzip") {
    return std::unexpected(unsupported("Content-Encoding is neither gzip nor absent"));
  }
  auto text = gunzip(request.body, max_body_decoded);
  if (text) return std::move(*text);
  if (text.error() == GzipError::too_large) return std::unexpected(too_large(max_body_decoded));
  return std::unexpected(malformed("the body is not gzip, or is damaged"));
}

}  // namespace

Service::Service(Ledger& ledger, const Roster& roster, Faults& faults)
    : ledger_(ledger), roster_(roster), faults_(faults) {}

void Service::add_routes(http::Router& router) {
  const auto add = [&](const char* method, const char* pattern, Answer answer, bool delivers) {
    router.add(method, pattern, [this, answer, delivers](const http::Request& request) {
      return serve(request, answer, delivers);
    });
  };
  add("POST", "/v1/sites/{site}/batches", &Service::post_batch, true);
  add("GET", "/v1/sites/{site}/state", &Service::get_state, false);
  add("GET", "/v1/sites/{site}/events", &Service::get_events, false);
  add("GET", "/v1/sites/{site}/roster", &Service::get_roster, false);
  router.add("GET", "/healthz", [this](const http::Request&) -> asio::awaitable<http::Response> {
    co_return health();
  });
}

asio::awaitable<http::Response> Service::serve(const http::Request& request, Answer answer,
                                               bool delivers) {
  if (faults_.latency().count() > 0) {
    asio::steady_timer timer(co_await asio::this_coro::executor, faults_.latency());
    co_await timer.async_wait(asio::use_awaitable);
  }
  const Fault fault = faults_.draw(delivers);
  if (fault == Fault::fail) {
    co_return refuse({.status = 500, .name = "injected", .title = "Failed on demand"});
  }
  if (fault == Fault::busy) {
    http::Response busy = refuse({.status = 503, .name = "injected", .title = "Busy on demand"});
    busy.headers.emplace("Retry-After", "1");
    co_return busy;
  }
  http::Response response = (this->*answer)(request);
  if (response.status != 200) co_return response;
  if (fault == Fault::drop_after_commit) response.drop = true;
  if (fault == Fault::wrong_receipt) response.body = faults_.spoil(response.body);
  co_return response;
}

http::Response Service::post_batch(const http::Request& request) {
  if (request.body.size() > max_body_sent) return refuse(too_large(max_body_sent));
  const std::string key = unquoted_key(header(request, "Idempotency-Key"));
  if (key.empty()) {
    Problem missing = malformed("Idempotency-Key is not there or not a quoted UUID");
    missing.name = "key-missing";
    return refuse(missing);
  }
  const auto text = decoded(request);
  if (!text) return refuse(text.error());
  const auto receipt =
      ledger_.submit({request.params.at("site"), key, sha256(request.body), *text});
  return receipt ? ok(*receipt) : refuse(receipt.error());
}

http::Response Service::get_state(const http::Request& request) {
  return ok(ledger_.state(request.params.at("site")));
}

http::Response Service::get_events(const http::Request& request) {
  const std::string epoch = query(request, "epoch");
  const auto after = number(query(request, "after"), 0, 0, INT64_MAX);
  const auto limit = number(query(request, "limit"), default_page, 1, largest_page);
  if (epoch.size() != uuid_length) return refuse(malformed("epoch is not a UUID"));
  if (!after || !limit) return refuse(malformed("after or limit is not a number in its range"));
  return ok(ledger_.events(request.params.at("site"), epoch, *after, static_cast<int>(*limit)));
}

http::Response Service::get_roster(const http::Request& request) {
  const auto limit = number(query(request, "limit"), default_page, 1, largest_page);
  if (!limit) return refuse(malformed("limit is not a number in its range"));
  auto page = roster_.page(query(request, "after"), static_cast<std::size_t>(*limit));
  if (page) return ok(std::move(*page));
  return refuse({.status = 410, .name = "cursor-expired", .title = "This cursor is not known"});
}

http::Response Service::health() {
  const auto totals = ledger_.totals();
  const FaultCounts& faults = faults_.counts();
  return ok(nlohmann::ordered_json{{"status", "ready"},
                                   {"accepted", totals.accepted},
                                   {"rejected", totals.rejected},
                                   {"batches", totals.batches},
                                   {"faults",
                                    {{"failed", faults.failed},
                                     {"busy", faults.busy},
                                     {"dropped_after_commit", faults.dropped},
                                     {"wrong_receipts", faults.wrong_receipts}}}}
                .dump());
}

}  // namespace rollcall::casesim
