// Small HTTP plumbing on Boost.Beast for everything here that speaks HTTP: console, control socket,
// CLI, delivery, simulated terminal, case-system simulator. Beast itself stays in the .cpp files.
#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace boost::asio::ssl {
class context;
}

namespace rollcall::http {

namespace asio = boost::asio;

// Header names compare without regard to case (RFC 9110 section 5.1).
struct NameLess {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const;
};
using Headers = std::map<std::string, std::string, NameLess>;

struct Request {
  std::string method;                        // "GET", "POST", ...
  std::string path;                          // decoded, without query
  std::map<std::string, std::string> query;  // decoded
  std::map<std::string, std::string> params; // from the route's {name} segments, decoded
  Headers headers;
  std::string body;
};

struct Response {
  unsigned status = 200;
  std::string body;
  std::string content_type = "application/json";
  Headers headers;
  // Set to drop the connection without answering (used by the case-system simulator's faults).
  bool drop = false;
};

// An error body as RFC 9457 has it.
Response problem(unsigned status, std::string_view title, std::string_view detail, std::string_view type = "about:blank");

// A server-sent event stream (WHATWG HTML section 9.2). The handler of a stream route returns one;
// the server sends what is published until the client leaves. Slow clients skip to the newest event:
// one pending event per client is kept.
class EventSource {
 public:
  // Thread: the executor of the server. `data` is one line of text, usually JSON.
  void publish(std::string data);
  // The newest event, sent to a client as soon as it connects.
  const std::string& latest() const { return latest_; }
  std::size_t clients() const { return clients_; }

 private:
  friend class Connection;
  std::string latest_;
  std::size_t clients_ = 0;
  unsigned long version_ = 0;
  std::vector<std::weak_ptr<std::function<void()>>> wake_;
};

using Handler = std::function<asio::awaitable<Response>(const Request&)>;
// Looks at a request before any route, file or stream does; a response refuses it.
using Guard = std::function<std::optional<Response>(const Request&)>;

// Routes, declared once each: method, pattern such as "/v1/sites/{site}/batches", handler.
class Router {
 public:
  void add(std::string method, std::string pattern, Handler handler);
  void add_stream(std::string pattern, std::shared_ptr<EventSource> source);
  // Files below `directory` under `prefix`; types by ending; only names without "..".
  void add_files(std::string prefix, std::string directory);
  // One for the whole router (host and origin checks of the console); the server asks it first.
  void set_guard(Guard guard) { guard_ = std::move(guard); }
  const Guard& guard() const { return guard_; }

  struct Match {
    const Handler* handler = nullptr;
    std::shared_ptr<EventSource> stream;
    std::map<std::string, std::string> params;
    bool method_mismatch = false;
  };
  Match match(std::string_view method, std::string_view path) const;

 private:
  struct Route {
    std::string method;
    std::vector<std::string> segments;
    bool prefix = false;
    Handler handler;
    std::shared_ptr<EventSource> stream;
  };
  std::vector<Route> routes_;
  Guard guard_;
};

struct Limits {
  std::size_t header_bytes = 16 * 1024;
  std::size_t body_bytes = 1024 * 1024;
  std::size_t connections = 256;  // above: new ones are closed at once and counted
  std::chrono::seconds idle{60};  // for reading a request, and between requests
};

class Server {
 public:
  // The router outlives the server. Handlers run on `executor`; one that throws answers 500.
  Server(asio::any_io_executor executor, const Router& router, Limits limits = {}, Headers common_headers = {});
  ~Server();

  // Each returns the bound port, or a sentence that says what is wrong (a busy port names the port).
  std::expected<unsigned short, std::string> listen_tcp(const std::string& address, unsigned short port);
  std::expected<unsigned short, std::string> listen_tls(const std::string& address, unsigned short port,
                                                        asio::ssl::context& tls);
  // Removes a stale socket file that nobody listens on; `mode` are permission bits such as 0600.
  std::expected<void, std::string> listen_unix(const std::string& path, unsigned mode);

  // Stops accepting, closes idle connections and streams, lets requests under way finish.
  void stop();
  std::size_t open_connections() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

// One-request clients.
struct ClientError {
  enum class Kind { resolve, connect, tls, timeout, closed, protocol } kind;
  std::string text;
};
using ClientResult = std::expected<Response, ClientError>;

// A keep-alive HTTPS client for one origin. Certificate chain and host name are always verified.
class TlsClient {
 public:
  // `tls` outlives the client.
  TlsClient(asio::any_io_executor executor, asio::ssl::context& tls, std::string host, std::string port);
  ~TlsClient();
  // `request.path` is sent as it is (already encoded target). Reconnects when the connection is gone.
  asio::awaitable<ClientResult> send(Request request, std::chrono::milliseconds deadline);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// One request over a Unix socket or to a plain loopback TCP address; blocking, for command lines.
ClientResult request_unix(const std::string& socket_path, const Request& request, std::chrono::milliseconds deadline);

}  // namespace rollcall::http
