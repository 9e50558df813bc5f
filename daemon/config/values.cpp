#include "daemon/config/values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <sys/un.h>

#include "hal/host/serial_line.hpp"

namespace rollcall::config {
namespace {

constexpr std::size_t longest_label = 200;

bool digit(char c) {
  return c >= '0' && c <= '9';
}
bool lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool upper(char c) {
  return c >= 'A' && c <= 'Z';
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return port;
}

// Splits at the last ':' that is not inside brackets.
std::optional<std::pair<std::string_view, std::string_view>> host_and_port(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto bracket = text.rfind(']');
  if (bracket != std::string_view::npos && bracket > colon) return std::nullopt;
  return std::pair{text.substr(0, colon), text.substr(colon + 1)};
}

std::string_view without_brackets(std::string_view host) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    return host.substr(1, host.size() - 2);
  return host;
}

}  // namespace

bool is_loopback(std::string_view host) {
  if (host == "localhost") return true;
  const std::string address{without_brackets(host)};
  in_addr v4{};
  if (inet_pton(AF_INET, address.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6{};
  return inet_pton(AF_INET6, address.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

std::string check_site_id(const std::string& text) {
  const auto inner = [](char c) { return lower(c) || digit(c) || c == '-'; };
  if (!text.empty() && text.size() <= 32 && std::ranges::all_of(text, inner) &&
      text.front() != '-' && text.back() != '-') {
    return {};
  }
  return "\"" + text +
         "\" cannot be a site id; use 1 to 32 lower-case letters, digits and '-', a letter or "
         "digit first "
         "and last, such as \"brussels-north\"";
}

std::string check_label(const std::string& text) {
  if (text.empty()) return "is empty; write a name";
  if (text.size() > longest_label) {
    return "has " + std::to_string(text.size()) + " bytes; at most " +
           std::to_string(longest_label) + " are shown";
  }
  if (std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; })) {
    return "holds a control character; write plain text on one line";
  }
  return {};
}

std::string check_language(const std::string& text) {
  if (text.size() == 2 && lower(text[0]) && lower(text[1])) return {};
  return "\"" + text +
         "\" is not a language code; use two lower-case letters as ISO 639-1 has them, such as "
         "\"fr\"";
}

std::string check_serial(const std::string& text) {
  const auto inner = [](char c) { return lower(c) || upper(c) || digit(c) || c == '-'; };
  if (!text.empty() && text.size() <= 32 && std::ranges::all_of(text, inner)) return {};
  return "\"" + text +
         "\" cannot be a serial number; use 1 to 32 letters, digits and '-', as printed on the "
         "terminal";
}

std::string check_line(const std::string& text) {
  const auto line = hal::host::parse_serial_address(text);
  return line ? "" : "\"" + text + "\" " + line.error() + "; write \"/dev/ttyUSB0\"";
}

std::string check_keyboard(const std::string& text) {
  if (text.starts_with('/') && text.size() > 1) return {};
  return "\"" + text +
         "\" names no device by its absolute path; write "
         "\"/dev/input/by-id/usb-maker_model-event-kbd\"";
}

std::string check_reader_name(const std::string& text) {
  constexpr std::size_t longest = 127;  // of PC/SC
  const bool printable =
      std::ranges::all_of(text, [](unsigned char c) { return c >= 0x20 && c < 0x7f; });
  if (printable && text.size() <= longest) return {};
  return "\"" + text + "\" is no reader's name; write \"auto\", or the beginning of its name";
}

std::string check_page(const std::string& text) {
  const bool web = text.starts_with("http://") || text.starts_with("https://");
  const std::size_t host = web ? text.find("//") + 2 : 0;
  const bool has_host = web && host < text.size() && !std::strchr("/?#:", text[host]);
  const bool printable =
      std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c < 0x7f; });
  if (has_host && printable && text.find_first_of("\"'<>;,*@\\") == std::string::npos) return {};
  return "\"" + text + "\" is not the address of a web page; write \"http://127.0.0.1:8491/\"";
}

std::string check_socket_path(const std::string& path) {
  constexpr std::size_t longest = sizeof(sockaddr_un::sun_path) - 1;
  if (path.size() <= longest) return {};
  return "the path of this Unix socket has " + std::to_string(path.size()) +
         " bytes and Linux allows " + std::to_string(longest) +
         "; choose a shorter one, such as \"/run/rollcall/control.sock\"";
}

std::string check_parent_folder(const std::string& path) {
  std::error_code ignored;
  const auto parent = std::filesystem::path{path}.parent_path();
  if (parent.empty() || std::filesystem::is_directory(parent, ignored)) return {};
  return "the folder " + parent.string() + " does not exist; make it, or choose another place";
}

std::string check_own_folder(const std::string& path) {
  std::error_code ignored;
  const auto status = std::filesystem::status(path, ignored);
  if (!std::filesystem::exists(status) || std::filesystem::is_directory(status)) return {};
  return path + " is a file; name a folder";
}

std::string check_listen(const std::string& text) {
  constexpr std::string_view shape =
      "write \"tcp:127.0.0.1:7440\", \"unix:/run/rollcall/terminals.sock\" or "
      "\"serial:/dev/ttyUSB0:115200\"";
  const std::string_view view = text;
  if (view.starts_with("unix:")) {
    if (view.size() == 5) return "\"unix:\" names no path; " + std::string{shape};
    return check_socket_path(text.substr(5));
  }
  if (view.starts_with("serial:")) {
    const auto line = hal::host::parse_serial_address(view.substr(7));
    return line ? "" : "\"" + text + "\" " + line.error() + "; " + std::string{shape};
  }
  if (!view.starts_with("tcp:"))
    return "\"" + text + "\" is no place to listen; " + std::string{shape};
  const auto parts = host_and_port(view.substr(4));
  if (!parts || parts->first.empty() || !parse_port(parts->second)) {
    return "\"" + text + "\" names no host and port; " + std::string{shape};
  }
  return {};
}

std::string check_console_address(const std::string& text) {
  if (is_loopback(text)) return {};
  in_addr v4{};
  in6_addr v6{};
  const std::string plain{without_brackets(text)};
  if (inet_pton(AF_INET, plain.c_str(), &v4) == 1 || inet_pton(AF_INET6, plain.c_str(), &v6) == 1)
    return {};
  return "\"" + text +
         "\" is no IP address; write \"127.0.0.1\", or an address of this machine together with "
         "certificate, key and host";
}

std::string check_host_name(const std::string& text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':' ||
           c == '[' || c == ']';
  };
  if (text.size() <= 253 && std::ranges::all_of(text, fits)) return {};
  return "\"" + text +
         "\" is no name that people can open; write it in lower case without http:// and port, "
         "such "
         "as \"rollcall.example.org\"";
}

std::string check_https_url(const std::string& text) {
  constexpr std::string_view shape = "write \"https://host\" or \"https://host:port\"";
  std::string_view rest = text;
  if (rest.starts_with("http://")) {
    return "\"" + text + "\" would send attendance unencrypted; " + std::string{shape};
  }
  if (!rest.starts_with("https://"))
    return "\"" + text + "\" is not an https address; " + std::string{shape};
  rest.remove_prefix(8);
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.find_first_of("/?#@ ") != std::string_view::npos) {
    return "\"" + text + "\" holds more than host and port; the daemon adds the path itself, " +
           std::string{shape};
  }
  const auto parts = host_and_port(rest);
  const std::string_view host = parts ? parts->first : rest;
  const auto port = parts ? parse_port(parts->second) : std::uint16_t{443};
  if (host.empty() || !port || *port == 0)
    return "\"" + text + "\" names no host and port; " + std::string{shape};
  return {};
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  using std::chrono::milliseconds;
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || count < 0) return std::nullopt;
  const std::string_view unit{end, static_cast<std::size_t>(text.data() + text.size() - end)};
  std::int64_t factor = 0;
  if (unit == "ms") factor = 1;
  if (unit == "s") factor = 1000;
  if (unit == "min") factor = 60'000;
  if (unit == "h") factor = 3'600'000;
  constexpr std::int64_t longest = 1000LL * 3'600'000;
  if (factor == 0 || count > longest / factor) return std::nullopt;
  return milliseconds{count * factor};
}

std::string show_duration(std::chrono::milliseconds value) {
  const std::int64_t ms = value.count();
  if (ms != 0 && ms % 60'000 == 0) return std::to_string(ms / 60'000) + "min";
  if (ms % 1000 == 0) return std::to_string(ms / 1000) + "s";
  return std::to_string(ms) + "ms";
}

std::optional<std::string_view> nearest(std::string_view text,
                                        std::span<const std::string_view> candidates) {
  constexpr std::size_t longest = 64;  // what is longer was not a slip of the finger
  if (text.size() > longest) return std::nullopt;
  const auto distance = [&](std::string_view other) {
    std::vector<std::size_t> row(other.size() + 1);
    for (std::size_t j = 0; j <= other.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= text.size(); ++i) {
      std::size_t diagonal = std::exchange(row[0], i);
      for (std::size_t j = 1; j <= other.size(); ++j) {
        const std::size_t replaced = diagonal + (text[i - 1] == other[j - 1] ? 0 : 1);
        diagonal = row[j];
        row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
      }
    }
    return row.back();
  };
  std::optional<std::string_view> best;
  std::size_t best_distance = std::max<std::size_t>(2, text.size() / 3) + 1;
  for (const std::string_view candidate : candidates) {
    const std::size_t d = distance(candidate);
    if (d < best_distance) {
      best_distance = d;
      best = candidate;
    }
  }
  return best;
}

}  // namespace rollcall::config
