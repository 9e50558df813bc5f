// The three requests that delivery makes to the case system (docs/api/case-system.yaml), over one
// kept connection.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "daemon/config/config.hpp"
#include "daemon/delivery/answer.hpp"
#include "daemon/delivery/batch.hpp"
#include "hal/host/http/http.hpp"

namespace rollcall::delivery {

namespace asio = boost::asio;

class CaseSystem {
 public:
  static constexpr int page_events = 200;  // of GET events: one page is one writer job

  CaseSystem(asio::any_io_executor executor, asio::ssl::context& tls, const config::Config& config);

  struct Reply {
    unsigned status = 0;
    std::string body;
    std::string retry_after;
    RawAnswer raw() const { return {status, body, retry_after}; }
  };
  using Result = std::expected<Reply, http::ClientError>;

  asio::awaitable<Result> post(const Batch& batch);
  asio::awaitable<Result> state();
  asio::awaitable<Result> events(std::string epoch, std::int64_t after);

  // Grows when a new connection had to be made.
  std::uint64_t connections_opened() const { return client_.connections_opened(); }
  // Ends a request under way.
  void close() { client_.close(); }

 private:
  asio::awaitable<Result> send(http::Request request);

  http::TlsClient client_;
  std::string base_;  // path of the site's resources
  std::chrono::milliseconds timeout_;
};

// "https://host[:port]"; the port is 443 when absent.
struct Origin {
  std::string host, port;
};
Origin origin_of(std::string_view url);

}  // namespace rollcall::delivery
