#include <algorithm>
#include <list>
#include <system_error>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "hal/host/http/caller.hpp"
#include "hal/host/http/request_reader.hpp"
#include "hal/host/http/stream.hpp"

namespace rollcall::http {

using asio::ip::tcp;
using Acceptor = asio::basic_socket_acceptor<asio::generic::stream_protocol>;
using Clock = std::chrono::steady_clock;
constexpr auto quietly = asio::as_tuple(asio::use_awaitable);

namespace {

constexpr std::chrono::seconds handshake_limit{
    10};                                       // a connection that says nothing holds up nobody
constexpr std::chrono::seconds heartbeat{15};  // keeps idle event streams open through proxies
constexpr std::chrono::seconds goodbye{2};  // for TLS shutdown and for a client to read its error
constexpr std::chrono::milliseconds accept_pause{
    100};  // when the process has no file descriptor left

std::string header_block(const Response& response, const Headers& common, bool keep_alive,
                         bool with_length) {
  std::string out = "HTTP/1.1 " + std::to_string(response.status) + ' ' +
                    std::string(reason_phrase(response.status)) + "\r\n";
  const auto line = [&out](std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
  };
  for (const auto& [name, value] : response.headers) line(name, value);
  for (const auto& [name, value] : common) {
    if (!response.headers.contains(name)) line(name, value);
  }
  const bool no_content = response.status == 204 || response.status == 304;
  if (!no_content && !response.content_type.empty()) line("Content-Type", response.content_type);
  if (with_length && !no_content) line("Content-Length", std::to_string(response.body.size()));
  if (!keep_alive) line("Connection", "close");
  out += "\r\n";
  return out;
}

}  // namespace

struct Server::Impl : std::enable_shared_from_this<Server::Impl> {
  struct Connection {
    std::unique_ptr<Stream> stream;
    std::string peer;                   // as Request has it
    bool from_here = false;             // likewise
    bool idle = true;                   // no request under way: may be closed at any moment
    std::function<void()> wake_stream;  // set while it serves an event stream
  };
  using Place = std::list<Connection>::iterator;

  Impl(asio::any_io_executor e, const Router& r, Limits l, Headers h)
      : executor(std::move(e)), router(r), limits(l), common(std::move(h)) {}

  asio::any_io_executor executor;
  const Router& router;
  Limits limits;
  Headers common;
  std::function<void(const Request&, const std::string&)> report;
  std::vector<std::shared_ptr<Acceptor>> acceptors;
  std::vector<std::string> socket_files;
  std::list<Connection> connections;
  std::uint64_t refused = 0;
  std::uint64_t bad = 0;
  bool stopping = false;

  void accept_on(Acceptor acceptor, asio::ssl::context* tls) {
    auto shared = std::make_shared<Acceptor>(std::move(acceptor));
    acceptors.push_back(shared);
    asio::co_spawn(executor, accept_loop(shared_from_this(), shared, tls), asio::detached);
  }

  static asio::awaitable<void> accept_loop(std::shared_ptr<Impl> self,
                                           std::shared_ptr<Acceptor> acceptor,
                                           asio::ssl::context* tls) {
    while (!self->stopping) {
      auto [error, socket] = co_await acceptor->async_accept(quietly);
      if (self->stopping || error == asio::error::operation_aborted) break;
      if (error) {
        asio::steady_timer pause(self->executor, accept_pause);
        co_await pause.async_wait(quietly);
        continue;
      }
      if (self->connections.size() >= self->limits.connections) {
        ++self->refused;
        continue;  // the socket closes here
      }
      error_code unix_sockets_have_none;
      socket.set_option(tcp::no_delay(true), unix_sockets_have_none);
      self->connections.emplace_back();
      asio::co_spawn(self->executor,
                     serve(self, std::prev(self->connections.end()), std::move(socket), tls),
                     asio::detached);
    }
  }

  static asio::awaitable<void> serve(std::shared_ptr<Impl> self, Place place, Socket socket,
                                     asio::ssl::context* tls) {
    Caller caller = caller_of(socket);
    place->peer = std::move(caller.peer);
    place->from_here = caller.from_here;
    if (tls != nullptr) {
      const Deadline deadline =
          Clock::now() + std::min<std::chrono::milliseconds>(handshake_limit, self->limits.idle);
      place->stream = co_await accept_tls(std::move(socket), *tls, deadline);
    } else {
      place->stream = plain_stream(std::move(socket));
    }
    if (place->stream) {
      RequestReader reader(*place->stream, self->limits);
      while (!self->stopping && co_await self->serve_one(*place, reader)) place->idle = true;
      if (place->stream) place->stream->close();
    }
    self->connections.erase(place);
  }

  // One request and its answer; false when the connection is at its end.
  asio::awaitable<bool> serve_one(Connection& connection, RequestReader& reader) {
    Stream& stream = *connection.stream;
    const RequestReader::Result result =
        co_await reader.next([&connection] { connection.idle = false; });
    if (result.too_slow) ++bad;
    if (result.end) co_return false;
    if (result.refusal) {
      ++bad;
      co_await answer(stream, *result.refusal, false, false);
      co_await linger(stream);
      co_return false;
    }
    Request request = result.request;
    request.peer = connection.peer;
    request.from_here = connection.from_here;
    Response response;
    const bool head_only = request.method == "HEAD";
    std::optional<Response> refused_by_guard;
    if (router.guard()) refused_by_guard = router.guard()(request);
    if (refused_by_guard) {
      response = std::move(*refused_by_guard);
    } else {
      Router::Match match = router.match(request.method, result.raw_path);
      request.params = std::move(match.params);
      if (match.stream) {
        if (match.admission->first) response = co_await call(match.admission->first, request);
        if (response.status == 200 && !head_only) {
          co_await serve_events(connection, *match.stream, match.admission->still, request);
          co_return false;
        }
        if (response.status == 200) response.content_type = "text/event-stream";
      } else if (match.handler != nullptr) {
        response = co_await call(*match.handler, request);
      } else if (!match.allow.empty()) {
        response = problem(405, "Method Not Allowed", "this address answers to " + match.allow);
        response.headers["Allow"] = match.allow;
      } else {
        response = problem(404, "Not Found", "there is nothing at this address");
      }
    }
    if (response.drop) co_return false;
    const bool keep_alive = result.keep_alive && !stopping;
    const bool sent = co_await answer(stream, response, keep_alive, head_only);
    if (sent && !keep_alive) co_await stream.shutdown(Clock::now() + goodbye);
    co_return sent&& keep_alive;
  }

  asio::awaitable<Response> call(const Handler& handler, const Request& request) {
    std::string what;
    try {
      co_return co_await handler(request);
    } catch (const std::exception& e) {
      what = e.what();
    }
    if (report) report(request, what);
    co_return problem(500, "Internal Server Error",
                      "the request could not be carried out; nothing was changed");
  }

  asio::awaitable<bool> answer(Stream& stream, const Response& response, bool keep_alive,
                               bool head_only) {
    const std::string head = header_block(response, common, keep_alive, true);
    const bool no_body = head_only || response.status == 204 || response.status == 304;
    const std::array<asio::const_buffer, 2> bytes = {
        asio::buffer(head), no_body ? asio::const_buffer() : asio::buffer(response.body)};
    const error_code error = co_await stream.write(bytes, Clock::now() + limits.idle);
    co_return !error;
  }

  // Closing with unread bytes would reset the connection and take the answer away from the client:
  // read and forget until it has gone, for a short while.
  asio::awaitable<void> linger(Stream& stream) {
    const Deadline deadline = Clock::now() + goodbye;
    co_await stream.shutdown(deadline);
    std::array<char, 4096> forgotten;
    Stream::Read read;
    do {
      read = co_await stream.read_some(asio::buffer(forgotten), deadline);
    } while (!read.error);
  }

  asio::awaitable<void> serve_events(Connection& connection, EventSource& source,
                                     const Guard& still, const Request& request) {
    Response head;
    head.content_type = "text/event-stream";
    head.headers["Cache-Control"] = "no-store";
    const std::string head_text = header_block(head, common, false, false);
    const error_code failed = co_await connection.stream->write(
        {asio::buffer(head_text), asio::const_buffer()}, Clock::now() + limits.idle);
    if (failed) co_return;
    asio::steady_timer news(executor);
    connection.wake_stream = [&news] { news.cancel(); };
    const auto token = source.subscribe(connection.wake_stream);
    bool gone = false;
    bool watching = true;
    // The client never speaks again; reading tells when it leaves.
    auto watch = [&]() -> asio::awaitable<void> {
      std::array<char, 256> ignored;
      Stream::Read read;
      do {
        read = co_await connection.stream->read_some(asio::buffer(ignored), no_deadline);
      } while (!read.error);
      gone = true;
      watching = false;
      news.cancel();
    };
    asio::co_spawn(executor, watch(), asio::detached);
    std::uint64_t seen = 0;
    while (!gone && !stopping) {
      if (still && still(request)) break;
      std::string text = ":\n\n";
      if (source.version() != seen) {
        seen = source.version();
        text = "data: " + source.latest() + "\n\n";
      }
      const error_code error = co_await connection.stream->write(
          {asio::buffer(text), asio::const_buffer()}, Clock::now() + limits.idle);
      if (error) break;
      if (source.version() != seen || gone || stopping) continue;
      news.expires_after(heartbeat);
      co_await news.async_wait(quietly);
    }
    connection.stream->close();
    // The watcher holds references into this frame: wait for its end.
    while (watching) {
      news.expires_after(goodbye);
      co_await news.async_wait(quietly);
    }
    connection.wake_stream = nullptr;
  }

  void stop() {
    if (stopping) return;
    stopping = true;
    for (const auto& acceptor : acceptors) {
      error_code ignored;
      acceptor->close(ignored);
    }
    for (const std::string& file : socket_files) ::unlink(file.c_str());
    for (Connection& connection : connections) {
      if (connection.wake_stream) {
        connection.wake_stream();
      } else if (connection.idle && connection.stream) {
        connection.stream->close();
      }
    }
  }
};

namespace {

std::string cannot_listen(const std::string& where, const error_code& error) {
  if (error == asio::error::address_in_use) {
    return where + " is in use by another program; stop it or configure another port";
  }
  if (error == asio::error::access_denied) {
    return "this user may not listen on " + where;
  }
  return "cannot listen on " + where + ": " + error.message();
}

std::expected<std::pair<Acceptor, unsigned short>, std::string> open_tcp(
    const asio::any_io_executor& executor, const std::string& address, unsigned short port) {
  const std::string where = address + ":" + std::to_string(port);
  error_code error;
  const auto ip = asio::ip::make_address(address, error);
  if (error) return std::unexpected(address + " is not an IP address");
  const tcp::endpoint endpoint(ip, port);
  tcp::acceptor acceptor(executor);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return std::unexpected(cannot_listen(where, error));
  const unsigned short bound = acceptor.local_endpoint().port();
  return std::pair<Acceptor, unsigned short>{std::move(acceptor), bound};
}

}  // namespace

Server::Server(asio::any_io_executor executor, const Router& router, Limits limits,
               Headers common_headers)
    : impl_(
          std::make_shared<Impl>(std::move(executor), router, limits, std::move(common_headers))) {}

Server::~Server() {
  impl_->stop();
  for (Impl::Connection& connection : impl_->connections) {
    if (connection.stream) connection.stream->close();
  }
}

std::expected<unsigned short, std::string> Server::listen_tcp(const std::string& address,
                                                              unsigned short port) {
  auto opened = open_tcp(impl_->executor, address, port);
  if (!opened) return std::unexpected(opened.error());
  impl_->accept_on(std::move(opened->first), nullptr);
  return opened->second;
}

std::expected<unsigned short, std::string> Server::listen_tls(const std::string& address,
                                                              unsigned short port,
                                                              asio::ssl::context& tls) {
  auto opened = open_tcp(impl_->executor, address, port);
  if (!opened) return std::unexpected(opened.error());
  impl_->accept_on(std::move(opened->first), &tls);
  return opened->second;
}

std::expected<void, std::string> Server::listen_unix(const std::string& path, unsigned mode) {
  using asio::local::stream_protocol;
  if (path.size() >= sizeof(sockaddr_un::sun_path)) {
    return std::unexpected("the socket path " + path +
                           " is longer than the system allows (107 characters)");
  }
  error_code error;
  {
    stream_protocol::socket probe(impl_->executor);
    probe.connect(stream_protocol::endpoint(path), error);
    if (!error) return std::unexpected(path + " is in use by another program");
    struct stat info{};
    if (::lstat(path.c_str(), &info) == 0) {
      if (!S_ISSOCK(info.st_mode))
        return std::unexpected(path + " exists and is not a socket; nothing was changed");
      ::unlink(path.c_str());
    }
  }
  stream_protocol::acceptor acceptor(impl_->executor);
  acceptor.open(stream_protocol(), error);
  if (!error) {
    // Created with no rights for others; widened to `mode` only then.
    const mode_t before = ::umask(0177);
    acceptor.bind(stream_protocol::endpoint(path), error);
    ::umask(before);
  }
  if (!error && ::chmod(path.c_str(), static_cast<mode_t>(mode)) != 0) {
    error.assign(errno, boost::system::system_category());
  }
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return std::unexpected(cannot_listen(path, error));
  impl_->socket_files.push_back(path);
  impl_->accept_on(std::move(acceptor), nullptr);
  return {};
}

void Server::on_handler_error(std::function<void(const Request&, const std::string&)> report) {
  impl_->report = std::move(report);
}

void Server::stop() {
  impl_->stop();
}

Server::Stats Server::stats() const {
  return {impl_->connections.size(), impl_->refused, impl_->bad};
}

}  // namespace rollcall::http
