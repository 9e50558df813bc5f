#include "daemon/console/cookie.hpp"

namespace rollcall::console {
namespace {

std::string_view name(bool tls) {
  return tls ? "__Host-rollcall" : "rollcall";
}

std::string attributes(bool tls) {
  return std::string{"; Path=/; HttpOnly; SameSite=Strict"} + (tls ? "; Secure" : "");
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::string secret_in(const http::Request& request, bool tls) {
  const auto header = request.headers.find("Cookie");
  if (header == request.headers.end()) return {};
  std::string_view rest = header->second;
  while (!rest.empty()) {
    const std::size_t end = rest.find(';');
    const std::string_view pair = trimmed(rest.substr(0, end));
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name(tls))
      return std::string{pair.substr(equals + 1)};
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  }
  return {};
}

std::string set_secret(std::string_view secret, bool tls) {
  return std::string{name(tls)} + "=" + std::string{secret} + attributes(tls);
}

std::string clear_secret(bool tls) {
  return std::string{name(tls)} + "=" + attributes(tls) + "; Max-Age=0";
}

}  // namespace rollcall::console
