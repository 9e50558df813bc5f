#include "hal/host/http/request_reader.hpp"

#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/string_body.hpp>

namespace rollcall::http {
namespace {

namespace beast_http = boost::beast::http;
using Parser = beast_http::request_parser<beast_http::string_body>;

Response refusal_of(const error_code& error, const Limits& limits) {
  if (error == beast_http::error::body_limit) {
    return problem(413, "Content Too Large",
                   "at most " + std::to_string(limits.body_bytes) + " bytes are taken");
  }
  if (error == beast_http::error::header_limit) {
    return problem(431, "Request Header Fields Too Large",
                   "at most " + std::to_string(limits.header_bytes) + " bytes are taken");
  }
  return problem(400, "Bad Request", "this is not an HTTP/1.1 request: " + error.message());
}

std::optional<std::map<std::string, std::string>> decode_query(std::string_view query) {
  std::map<std::string, std::string> out;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    std::string pair(query.substr(0, end));
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty()) continue;
    for (char& c : pair) {
      if (c == '+') c = ' ';  // as forms send it (WHATWG URL section 5)
    }
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const auto name = percent_decode(std::string_view(pair).substr(0, equals));
    const auto value =
        percent_decode(std::string_view(pair).substr(std::min(equals + 1, pair.size())));
    if (!name || !value) return std::nullopt;
    out[*name] = *value;
  }
  return out;
}

RequestReader::Result understand(Parser::value_type message) {
  RequestReader::Result result;
  Request& request = result.request;
  const std::string_view target = message.target();
  const std::size_t question = std::min(target.find('?'), target.size());
  result.raw_path = target.substr(0, question);
  const auto path = percent_decode(result.raw_path);
  const auto query = decode_query(target.substr(std::min(question + 1, target.size())));
  if (!path || !query || !path->starts_with('/') || path->find('\0') != std::string::npos) {
    result.refusal = problem(400, "Bad Request", "the address cannot be read");
    return result;
  }
  if (message.version() == 11 && message.count(beast_http::field::host) != 1) {
    result.refusal = problem(400, "Bad Request", "a request has exactly one Host header");
    return result;
  }
  request.method = message.method_string();
  request.path = *path;
  request.query = *query;
  for (const auto& field : message) {
    std::string& value = request.headers[std::string(field.name_string())];
    if (!value.empty()) value += ", ";
    value += field.value();
  }
  result.keep_alive = message.keep_alive();
  request.body = std::move(message.body());
  return result;
}

}  // namespace

asio::awaitable<RequestReader::Result> RequestReader::next(std::function<void()> begun) {
  Result ended;
  ended.end = true;
  Parser parser;
  parser.eager(true);
  parser.header_limit(static_cast<std::uint32_t>(limits_.header_bytes));
  parser.body_limit(limits_.body_bytes);
  Deadline deadline = std::chrono::steady_clock::now() + limits_.idle;
  bool started = !pending_.empty();
  bool told_to_continue = false;
  if (started) begun();
  while (!parser.is_done()) {
    bool more = pending_.empty();
    if (!more) {
      error_code error;
      const std::size_t used = parser.put(asio::buffer(pending_), error);
      pending_.erase(0, used);
      const bool need_more = error == beast_http::error::need_more;
      more = need_more || used == 0;
      if (error && !need_more) {
        Result refused;
        refused.refusal = refusal_of(error, limits_);
        co_return refused;
      }
    }
    if (parser.is_header_done() && !parser.is_done() && !told_to_continue) {
      told_to_continue = true;
      if (boost::beast::iequals(parser.get()[beast_http::field::expect], "100-continue")) {
        static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        const error_code error =
            co_await stream_.write({asio::buffer(go_on), asio::const_buffer()}, deadline);
        if (error) co_return ended;
      }
    }
    if (!more || parser.is_done()) continue;
    std::array<char, 16 * 1024> chunk;
    const Stream::Read read = co_await stream_.read_some(asio::buffer(chunk), deadline);
    if (read.error) {
      ended.too_slow = started && timed_out(read.error);
      co_return ended;
    }
    if (!started) {
      started = true;
      begun();
      deadline = std::chrono::steady_clock::now() +
                 limits_.idle;  // for the whole request, however it drips
    }
    pending_.append(chunk.data(), read.bytes);
  }
  co_return understand(parser.release());
}

}  // namespace rollcall::http
