#include "daemon/delivery/case_system.hpp"

#include "daemon/metrics/metrics.hpp"

namespace rollcall::delivery {

Origin origin_of(std::string_view url) {
  constexpr std::string_view scheme = "https://";
  if (url.starts_with(scheme)) url.remove_prefix(scheme.size());
  url = url.substr(0, url.find('/'));
  Origin origin;
  const std::size_t bracket = url.starts_with('[') ? url.find(']') : std::string_view::npos;
  const std::size_t colon = url.find(':', bracket == std::string_view::npos ? 0 : bracket);
  origin.port = colon == std::string_view::npos ? "443" : url.substr(colon + 1);
  origin.host =
      bracket == std::string_view::npos ? url.substr(0, colon) : url.substr(1, bracket - 1);
  return origin;
}

CaseSystem::CaseSystem(asio::any_io_executor executor, asio::ssl::context& tls,
                       const config::Config& config)
    : client_(std::move(executor), tls, origin_of(config.delivery.url).host,
              origin_of(config.delivery.url).port),
      base_("/v1/sites/" + http::percent_encode(config.site.id)),
      timeout_(config.delivery.timeout) {}

asio::awaitable<CaseSystem::Result> CaseSystem::send(http::Request request) {
  const auto begin = std::chrono::steady_clock::now();
  http::ClientResult answer = co_await client_.send(std::move(request), timeout_);
  metrics::observe(metrics::Histogram::delivery_request, std::chrono::steady_clock::now() - begin);
  if (!answer) co_return std::unexpected(answer.error());
  Reply reply;
  reply.status = answer->status;
  if (const auto wait = answer->headers.find("Retry-After"); wait != answer->headers.end()) {
    reply.retry_after = wait->second;
  }
  reply.body = std::move(answer->body);
  co_return reply;
}

asio::awaitable<CaseSystem::Result> CaseSystem::post(const Batch& batch) {
  http::Request request;
  request.method = "POST";
  request.path = base_ + "/batches";
  request.headers = {{"Content-Type", "application/json"},
                     {"Content-Encoding", "gzip"},
                     {"Idempotency-Key", '"' + batch.id + '"'}};
  request.body.assign(batch.body.begin(), batch.body.end());
  return send(std::move(request));
}

asio::awaitable<CaseSystem::Result> CaseSystem::state() {
  http::Request request;
  request.method = "GET";
  request.path = base_ + "/state";
  return send(std::move(request));
}

asio::awaitable<CaseSystem::Result> CaseSystem::events(std::string epoch, std::int64_t after) {
  http::Request request;
  request.method = "GET";
  request.path = base_ + "/events?epoch=" + http::percent_encode(epoch) +
                 "&after=" + std::to_string(after) + "&limit=" + std::to_string(page_events);
  return send(std::move(request));
}

}  // namespace rollcall::delivery
