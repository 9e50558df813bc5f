// Small HTTP plumbing on Boost.Beast for everything here that speaks HTTP: console, control socket,
// CLI, delivery, simulated terminal, case-system simulator. Beast itself stays in the .cpp files.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
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
  std::string method;  // "GET", "POST", ...
  std::string path;    // server: decoded, without query; client: the target as sent
  std::map<std::string, std::string> query;   // decoded; server side only
  std::map<std::string, std::string> params;  // from the route's {name} segments, decoded
  Headers headers;
  std::string body;
  // Server side: where it came from. An IP address, or "unix:<uid>" as the kernel says.
  std::string peer = {};
  bool from_here = false;  // the client runs on this machine
  // Server side: who asks, for whoever has let the request in to fill in. No header says it.
  std::string actor = {};
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
Response problem(unsigned status, std::string_view title, std::string_view detail,
                 std::string_view type = "about:blank");
// "Not Found" for 404; "Unknown" for a number without a name.
std::string_view reason_phrase(unsigned status);

// RFC 3986 section 2.1. Decoding fails on a '%' without two hex digits; '+' stays '+'.
std::optional<std::string> percent_decode(std::string_view text);
// Keeps unreserved characters only, so that the result fits in one segment or query value.
std::string percent_encode(std::string_view text);

// A server-sent event stream (WHATWG HTML section 9.2). A stream route names one; the server sends
// what is published until the client leaves. Slow clients skip to the newest event: one pending
// event per client is kept. Thread: the executor of the server.
class EventSource {
 public:
  // `data` is one line of text, usually JSON.
  void publish(std::string data);
  // The newest event, sent to a client as soon as it connects.
  const std::string& latest() const { return latest_; }
  // Counts publications; 0 = nothing published yet.
  std::uint64_t version() const { return version_; }
  std::size_t clients() const;

  // `wake` is called after each publication while the returned token lives.
  std::shared_ptr<void> subscribe(std::function<void()> wake);

 private:
  std::string latest_;
  std::uint64_t version_ = 0;
  std::vector<std::weak_ptr<std::function<void()>>> wake_;
};

using Handler = std::function<asio::awaitable<Response>(const Request&)>;
// Looks at a request before any route, file or stream does; a response refuses it.
using Guard = std::function<std::optional<Response>(const Request&)>;

// Who may follow a stream. `first` is asked once: an answer other than 200 is sent in its place.
// `still` is asked before each event and at each heartbeat: a response ends the stream.
struct Admission {
  Handler first;
  Guard still;
};

// Routes, declared once each: method, pattern such as "/v1/sites/{site}/batches", handler. The
// first that fits wins. A GET route answers HEAD too.
class Router {
 public:
  void add(std::string method, std::string pattern, Handler handler);
  // Without an admission everybody may follow it.
  void add_stream(std::string pattern, std::shared_ptr<EventSource> source,
                  Admission admission = {});
  // One file from memory. `body` must live as long as the router (embedded assets do).
  void add_asset(std::string path, std::string content_type, std::string_view body);
  // Files below `directory` under `prefix`, which ends in '/'; types by ending. Nothing outside the
  // directory is ever served, hidden files neither. Small files only: they are read on the
  // executor.
  void add_files(std::string prefix, std::string directory);
  // One for the whole router (host and origin checks of the console); the server asks it first.
  void set_guard(Guard guard) { guard_ = std::move(guard); }
  const Guard& guard() const { return guard_; }

  struct Match {
    const Handler* handler = nullptr;
    std::shared_ptr<EventSource> stream;
    const Admission* admission = nullptr;  // of the stream
    std::map<std::string, std::string> params;
    std::string allow;  // not empty: the path is known, but only with these methods
  };
  // `path` as it came, still percent-encoded, without query: an encoded '/' never splits a segment.
  Match match(std::string_view method, std::string_view path) const;

 private:
  struct Route {
    std::string method;
    std::vector<std::string> segments;
    bool prefix = false;  // the last segments are one parameter "rest"
    Handler handler;
    std::shared_ptr<EventSource> stream;
    Admission admission;
  };
  std::vector<Route> routes_;
  Guard guard_;
};

struct Limits {
  std::size_t header_bytes = 16 * 1024;   // more: 431
  std::size_t body_bytes = 1024 * 1024;   // more: 413
  std::size_t connections = 256;          // above: new ones are closed at once and counted
  std::chrono::milliseconds idle{60000};  // between requests, for one whole request, for one answer
};

class Server {
 public:
  // The router outlives all work of `executor`, which runs on one thread (or is a strand). Handlers
  // run on it; one that throws answers 500. `common_headers` go on every answer that does not set
  // them itself.
  Server(asio::any_io_executor executor, const Router& router, Limits limits = {},
         Headers common_headers = {});
  ~Server();  // stop(), then closes what is left

  // Each returns the bound port, or a sentence that says what is wrong (a busy port names the
  // port).
  std::expected<unsigned short, std::string> listen_tcp(const std::string& address,
                                                        unsigned short port);
  // `tls` outlives the server.
  std::expected<unsigned short, std::string> listen_tls(const std::string& address,
                                                        unsigned short port,
                                                        asio::ssl::context& tls);
  // Removes a stale socket file that nobody listens on; `mode` are permission bits such as 0600.
  std::expected<void, std::string> listen_unix(const std::string& path, unsigned mode);

  // Told of a handler's exception, after the client got its 500.
  void on_handler_error(std::function<void(const Request&, const std::string& what)> report);

  // Stops accepting, closes idle connections and streams, lets requests under way finish.
  void stop();

  struct Stats {
    std::size_t open_connections;
    std::uint64_t refused_connections;  // above Limits::connections
    std::uint64_t bad_requests;         // malformed, too large or too slow
  };
  Stats stats() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

struct ClientError {
  enum class Kind { resolve, connect, tls, timeout, closed, protocol } kind;
  std::string text;
};
using ClientResult = std::expected<Response, ClientError>;

// A keep-alive HTTPS client for one origin. Certificate chain and host name are always verified.
// One request at a time.
class TlsClient {
 public:
  static constexpr std::size_t max_response_bytes = 16 * 1024 * 1024;

  // `tls` outlives the client.
  TlsClient(asio::any_io_executor executor, asio::ssl::context& tls, std::string host,
            std::string port);
  ~TlsClient();
  // Connects when there is no connection. A kept connection that turns out to be closed is replaced
  // once, when the request may be repeated: GET, HEAD, PUT, DELETE or one with an Idempotency-Key.
  asio::awaitable<ClientResult> send(Request request, std::chrono::milliseconds deadline);
  // How often a connection was opened; grows when the server or the network closed the last one.
  std::uint64_t connections_opened() const;
  // Ends a request under way (it returns `closed`) and the connection.
  void close();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

// One request over a Unix socket, or to a plain TCP address; blocking, for command lines and tests.
ClientResult request_unix(const std::string& socket_path, const Request& request,
                          std::chrono::milliseconds deadline);
ClientResult request_tcp(const std::string& address, unsigned short port, const Request& request,
                         std::chrono::milliseconds deadline);

}  // namespace rollcall::http
