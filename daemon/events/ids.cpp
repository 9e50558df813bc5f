#include <algorithm>
#include <chrono>
#include <cstdio>
#include <stdexcept>

#include <openssl/rand.h>
#include <openssl/sha.h>

#include "daemon/events/event.hpp"

namespace rollcall::events {
namespace {

// Namespace of tap event ids: a random UUID, fixed for ever.
constexpr std::array<std::uint8_t, 16> tap_namespace = {
    0x2e, 0x25, 0x5a, 0x47, 0x4c, 0x0e, 0x44, 0x6b, 0xb7, 0x19, 0x78, 0x99, 0xd1, 0x50, 0xb4, 0x7a};

std::string uuid_text(const std::array<std::uint8_t, 16>& id) {
  std::string text = hex(id);
  for (const std::size_t dash : {8u, 13u, 18u, 23u}) text.insert(dash, 1, '-');
  return text;
}

void set_version(std::array<std::uint8_t, 16>& id, std::uint8_t version) {
  id[6] = static_cast<std::uint8_t>((id[6] & 0x0f) | (version << 4));
  id[8] = static_cast<std::uint8_t>((id[8] & 0x3f) | 0x80);
}

std::array<std::uint8_t, 16> random_bytes() {
  std::array<std::uint8_t, 16> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    throw std::runtime_error("no random numbers to be had");
  }
  return bytes;
}

int nibble(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string hex(std::span<const std::uint8_t> bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 0x0f];
  }
  return text;
}

std::optional<std::vector<std::uint8_t>> unhex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::vector<std::uint8_t> bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = nibble(text[i]);
    const int low = nibble(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes.push_back(static_cast<std::uint8_t>(high << 4 | low));
  }
  return bytes;
}

std::string tap_event_id(std::string_view site, const TapIdentity& tap, std::string_view type,
                         int ordinal) {
  // Every part is delimited by a character that none of them can hold.
  std::string name;
  name.append(site)
      .append("\n")
      .append(tap.serial)
      .append("\n")
      .append(hex(tap.epoch))
      .append("\n");
  name.append(std::to_string(tap.number))
      .append("\n")
      .append(type)
      .append("\n")
      .append(std::to_string(ordinal));

  std::string input(tap_namespace.begin(), tap_namespace.end());
  input += name;
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(input.data()), input.size(), digest);
  std::array<std::uint8_t, 16> id{};
  std::copy_n(digest, id.size(), id.begin());
  set_version(id, 5);
  return uuid_text(id);
}

std::string new_event_id(std::int64_t now_ms) {
  std::array<std::uint8_t, 16> id = random_bytes();
  for (int i = 0; i < 6; ++i) {
    id[static_cast<std::size_t>(i)] =
        static_cast<std::uint8_t>(static_cast<std::uint64_t>(now_ms) >> (8 * (5 - i)));
  }
  set_version(id, 7);
  return uuid_text(id);
}

std::string random_uuid() {
  std::array<std::uint8_t, 16> id = random_bytes();
  set_version(id, 4);
  return uuid_text(id);
}

std::string rfc3339(std::int64_t unix_ms) {
  using namespace std::chrono;
  const sys_time<milliseconds> time{milliseconds{unix_ms}};
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", int{date.year()},
                unsigned{date.month()}, unsigned{date.day()},
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()),
                static_cast<int>(clock.subseconds().count()));
  return text;
}

std::optional<std::int64_t> parse_rfc3339(std::string_view text) {
  constexpr std::string_view shape = "0000-00-00T00:00:00.000Z";
  if (text.size() != shape.size()) return std::nullopt;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (shape[i] == '0' ? !digit : text[i] != shape[i]) return std::nullopt;
  }
  const auto part = [&](std::size_t from, std::size_t size) {
    int value = 0;
    for (const char c : text.substr(from, size)) value = value * 10 + (c - '0');
    return value;
  };
  using namespace std::chrono;
  const year_month_day date{year{part(0, 4)}, month{static_cast<unsigned>(part(5, 2))},
                            day{static_cast<unsigned>(part(8, 2))}};
  if (!date.ok() || part(11, 2) > 23 || part(14, 2) > 59 || part(17, 2) > 60) return std::nullopt;
  const auto time = sys_days{date} + hours{part(11, 2)} + minutes{part(14, 2)} +
                    seconds{part(17, 2)} + milliseconds{part(20, 3)};
  return duration_cast<milliseconds>(time.time_since_epoch()).count();
}

}  // namespace rollcall::events
