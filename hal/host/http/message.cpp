// What needs no socket: names, codes, percent-encoding, error bodies, the event source.
#include <algorithm>
#include <cctype>

#include <nlohmann/json.hpp>

#include "hal/host/http/http.hpp"

namespace rollcall::http {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (lower(c) >= 'a' && lower(c) <= 'f') return lower(c) - 'a' + 10;
  return -1;
}

}  // namespace

bool NameLess::operator()(std::string_view a, std::string_view b) const {
  return std::ranges::lexicographical_compare(a, b, {}, lower, lower);
}

std::string_view reason_phrase(unsigned status) {
  switch (status) {
    case 100:
      return "Continue";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    default:
      return "Unknown";
  }
}

Response problem(unsigned status, std::string_view title, std::string_view detail,
                 std::string_view type) {
  const nlohmann::json body = {
      {"type", type}, {"title", title}, {"status", status}, {"detail", detail}};
  Response response;
  response.status = status;
  response.content_type = "application/problem+json";
  response.body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return response;
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    const int high = hex_digit(text[i + 1]);
    const int low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter_or_digit = byte < 0x80 && std::isalnum(byte) != 0;
    if (letter_or_digit || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
    } else {
      out += '%';
      out += digits[byte >> 4U];
      out += digits[byte & 15U];
    }
  }
  return out;
}

void EventSource::publish(std::string data) {
  latest_ = std::move(data);
  ++version_;
  std::erase_if(wake_, [](const auto& weak) { return weak.expired(); });
  // A woken client may go and drop its token, never this list: work on a copy all the same.
  const auto waiting = wake_;
  for (const auto& weak : waiting) {
    if (const auto wake = weak.lock()) (*wake)();
  }
}

std::size_t EventSource::clients() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(wake_, [](const auto& weak) { return !weak.expired(); }));
}

std::shared_ptr<void> EventSource::subscribe(std::function<void()> wake) {
  std::erase_if(wake_, [](const auto& weak) { return weak.expired(); });
  auto token = std::make_shared<std::function<void()>>(std::move(wake));
  wake_.push_back(token);
  return token;
}

}  // namespace rollcall::http
