#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "hal/host/http/stream.hpp"

namespace rollcall::http {
namespace {

namespace beast_http = boost::beast::http;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;
using Kind = ClientError::Kind;
constexpr auto quietly = asio::as_tuple(asio::use_awaitable);

std::unexpected<ClientError> failure(Kind kind, std::string text) {
  return std::unexpected(ClientError{kind, std::move(text)});
}

std::string request_head(const Request& request, std::string_view host, bool keep_alive) {
  std::string out = request.method + ' ' + request.path + " HTTP/1.1\r\n";
  const auto line = [&out](std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
  };
  if (!request.headers.contains("Host")) line("Host", host);
  for (const auto& [name, value] : request.headers) line(name, value);
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
    line("Content-Length", std::to_string(request.body.size()));
  }
  if (!keep_alive) line("Connection", "close");
  out += "\r\n";
  return out;
}

// One exchange on an open stream. `unanswered` stays true when the connection ended before the
// first byte of an answer: then a kept-alive connection was simply closed by the other side.
struct Exchange {
  ClientResult result;
  bool keep_alive = false;
  bool unanswered = true;
};

asio::awaitable<Exchange> exchange(Stream& stream, const Request& request, const std::string& host,
                                   bool keep_alive, Deadline deadline) {
  Exchange out{failure(Kind::closed, host + " closed the connection before it answered")};
  const std::string head = request_head(request, host, keep_alive);
  const error_code write_error =
      co_await stream.write({asio::buffer(head), asio::buffer(request.body)}, deadline);
  if (timed_out(write_error)) {
    out.result = failure(Kind::timeout, host + " did not take the request in time");
    out.unanswered = false;
    co_return out;
  }
  // A server may refuse in the middle of a body and close: its answer is read all the same.
  std::string pending;
  for (;;) {
    beast_http::response_parser<beast_http::string_body> parser;
    parser.eager(true);
    parser.body_limit(TlsClient::max_response_bytes);
    if (request.method == "HEAD") parser.skip(true);
    while (!parser.is_done()) {
      error_code error;
      bool more = pending.empty();
      if (!more) {
        const std::size_t used = parser.put(asio::buffer(pending), error);
        pending.erase(0, used);
        const bool need_more = error == beast_http::error::need_more;
        more = need_more || used == 0;
        if (error && !need_more) {
          out.result = failure(Kind::protocol,
                               "the answer of " + host + " cannot be read: " + error.message());
          co_return out;
        }
      }
      if (!more || parser.is_done()) continue;
      std::array<char, 16 * 1024> chunk;
      const Stream::Read read = co_await stream.read_some(asio::buffer(chunk), deadline);
      if (timed_out(read.error)) {
        out.result = failure(Kind::timeout, host + " did not answer in time");
        out.unanswered = false;
        co_return out;
      }
      if (read.error) {
        if (!parser.is_header_done()) co_return out;
        parser.put_eof(error);  // a body without length ends with the connection
        if (error) co_return out;
        break;
      }
      out.unanswered = false;
      pending.append(chunk.data(), read.bytes);
    }
    auto message = parser.release();
    if (message.result_int() / 100 == 1)
      continue;  // "100 Continue" and the like: the answer follows
    Response response;
    response.status = message.result_int();
    response.content_type = "";
    for (const auto& field : message) {
      std::string& value = response.headers[std::string(field.name_string())];
      if (!value.empty()) value += ", ";
      value += field.value();
    }
    response.content_type = message[beast_http::field::content_type];
    out.keep_alive = keep_alive && message.keep_alive() && !message.need_eof() && pending.empty();
    response.body = std::move(message.body());
    out.result = std::move(response);
    co_return out;
  }
}

bool repeatable(const Request& request) {
  return request.method == "GET" || request.method == "HEAD" || request.method == "PUT" ||
         request.method == "DELETE" || request.headers.contains("Idempotency-Key");
}

}  // namespace

struct TlsClient::Impl {
  // Name look-up and TCP connect; abort() ends whichever is under way.
  struct Attempt {
    explicit Attempt(const asio::any_io_executor& executor)
        : resolver(executor), socket(executor) {}
    tcp::resolver resolver;
    tcp::socket socket;
    bool late = false;
    void abort() {
      error_code ignored;
      resolver.cancel();
      socket.close(ignored);
    }
  };

  asio::any_io_executor executor;
  asio::ssl::context& tls;
  std::string host, port;
  std::unique_ptr<Stream> stream;
  std::shared_ptr<Attempt> attempt;  // while connecting
  std::uint64_t opened = 0;
  bool closed = false;

  std::string authority() const {
    const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
    return port == "443" ? name : name + ":" + port;
  }

  asio::awaitable<std::expected<tcp::socket, ClientError>> reach(Deadline deadline) {
    const auto now = std::make_shared<Attempt>(executor);
    attempt = now;
    asio::steady_timer timer(executor, deadline);
    timer.async_wait([weak = std::weak_ptr(now)](const error_code& error) {
      const auto current = weak.lock();
      if (error || !current) return;
      current->late = true;
      current->abort();
    });
    auto [resolve_error, endpoints] = co_await now->resolver.async_resolve(host, port, quietly);
    if (now->late)
      co_return failure(Kind::timeout, "the name " + host + " was not resolved in time");
    if (closed) co_return failure(Kind::closed, "the connection was given up");
    if (resolve_error) {
      co_return failure(Kind::resolve,
                        "the name " + host + " cannot be resolved: " + resolve_error.message());
    }
    auto [connect_error, endpoint] = co_await asio::async_connect(now->socket, endpoints, quietly);
    attempt.reset();
    if (now->late) co_return failure(Kind::timeout, authority() + " could not be reached in time");
    if (closed) co_return failure(Kind::closed, "the connection was given up");
    if (connect_error) {
      co_return failure(Kind::connect,
                        "no connection to " + authority() + ": " + connect_error.message());
    }
    error_code ignored;
    now->socket.set_option(tcp::no_delay(true), ignored);
    co_return std::move(now->socket);
  }

  asio::awaitable<std::expected<void, ClientError>> connect(Deadline deadline) {
    auto socket = co_await reach(deadline);
    if (!socket) co_return std::unexpected(socket.error());
    ++opened;
    auto secured = co_await connect_tls(std::move(*socket), tls, host, deadline);
    if (!secured) co_return std::unexpected(secured.error());
    if (closed) co_return failure(Kind::closed, "the connection was given up");
    stream = std::move(*secured);
    co_return std::expected<void, ClientError>{};
  }
};

TlsClient::TlsClient(asio::any_io_executor executor, asio::ssl::context& tls, std::string host,
                     std::string port)
    : impl_(std::make_shared<Impl>(std::move(executor), tls, std::move(host), std::move(port))) {}

TlsClient::~TlsClient() {
  close();
}

void TlsClient::close() {
  impl_->closed = true;
  if (impl_->attempt) impl_->attempt->abort();
  if (impl_->stream) impl_->stream->close();
}

std::uint64_t TlsClient::connections_opened() const {
  return impl_->opened;
}

asio::awaitable<ClientResult> TlsClient::send(Request request, std::chrono::milliseconds deadline) {
  const std::shared_ptr<Impl> impl = impl_;  // outlives the client when it is closed meanwhile
  const Deadline end = Clock::now() + deadline;
  impl->closed = false;
  for (;;) {
    const bool kept = impl->stream != nullptr;
    if (!kept) {
      const auto connected = co_await impl->connect(end);
      if (!connected) co_return std::unexpected(connected.error());
    }
    Exchange done = co_await exchange(*impl->stream, request, impl->authority(), true, end);
    if (!done.result || !done.keep_alive) impl->stream.reset();
    const bool stale = kept && !done.result && done.unanswered && !impl->closed;
    if (stale && repeatable(request)) continue;
    co_return std::move(done.result);
  }
}

namespace {

template <class Protocol>
ClientResult request_blocking(const typename Protocol::endpoint& endpoint, const std::string& where,
                              const std::string& host, const Request& request,
                              std::chrono::milliseconds deadline) {
  asio::io_context io;
  const Deadline end = Clock::now() + deadline;
  typename Protocol::socket socket(io);
  error_code error;
  socket.connect(endpoint, error);  // local: answered or refused at once
  if (error) return failure(Kind::connect, "no connection to " + where + ": " + error.message());
  const std::unique_ptr<Stream> stream = plain_stream(std::move(socket));
  ClientResult result = failure(Kind::closed, "");
  const auto run = [&]() -> asio::awaitable<void> {
    Exchange done = co_await exchange(*stream, request, host, false, end);
    result = std::move(done.result);
  };
  asio::co_spawn(io, run, [](const std::exception_ptr& problem) {
    if (problem) std::rethrow_exception(problem);
  });
  io.run();
  return result;
}

}  // namespace

ClientResult request_unix(const std::string& socket_path, const Request& request,
                          std::chrono::milliseconds deadline) {
  using asio::local::stream_protocol;
  if (socket_path.size() >= sizeof(sockaddr_un::sun_path)) {
    return failure(Kind::connect, "the socket path " + socket_path + " is too long");
  }
  return request_blocking<stream_protocol>(stream_protocol::endpoint(socket_path), socket_path,
                                           "localhost", request, deadline);
}

ClientResult request_tcp(const std::string& address, unsigned short port, const Request& request,
                         std::chrono::milliseconds deadline) {
  error_code error;
  const auto ip = asio::ip::make_address(address, error);
  if (error) return failure(Kind::resolve, address + " is not an IP address");
  const std::string where = address + ":" + std::to_string(port);
  return request_blocking<tcp>(tcp::endpoint(ip, port), where, where, request, deadline);
}

}  // namespace rollcall::http
