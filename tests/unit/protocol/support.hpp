// What the protocol's tests share: seeded randomness, hexadecimal, and the table-driven view of a
// message as JSON, which a codec of others (nlohmann::json) can encode and decode.
#pragma once

#include <cstdlib>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "protocol/field.hpp"
#include "protocol/hello.hpp"
#include "protocol/messages.hpp"

namespace rollcall::protocol::testing {

using Buffer = std::vector<std::uint8_t>;

// A generator whose seed is printed when the test fails; ROLLCALL_SEED replays it.
class Random {
 public:
  Random()
      : seed_(choose()),
        engine_(seed_),
        trace_(__FILE__, __LINE__, "ROLLCALL_SEED=" + std::to_string(seed_)) {
    ::testing::Test::RecordProperty("seed", std::to_string(seed_));
  }
  explicit Random(std::uint64_t seed)
      : seed_(seed), engine_(seed), trace_(__FILE__, __LINE__, "seed " + std::to_string(seed)) {}

  std::uint64_t seed() const { return seed_; }
  std::uint64_t bits() { return engine_(); }
  // 0 to `end` - 1.
  std::size_t below(std::size_t end) { return static_cast<std::size_t>(engine_() % end); }
  bool one_in(std::size_t n) { return below(n) == 0; }
  std::uint8_t byte() { return static_cast<std::uint8_t>(engine_()); }
  Buffer bytes(std::size_t size) {
    Buffer out(size);
    for (auto& b : out) b = byte();
    return out;
  }
  // An integer of `width` bits whose magnitude is evenly spread over the number of its digits.
  std::uint64_t number(unsigned width) { return engine_() >> (64 - width) >> below(width); }

 private:
  static std::uint64_t choose() {
    if (const char* given = std::getenv("ROLLCALL_SEED")) return std::strtoull(given, nullptr, 10);
    return std::random_device{}();
  }

  std::uint64_t seed_;
  std::mt19937_64 engine_;
  ::testing::ScopedTrace trace_;
};

inline bool long_run() {
  return std::getenv("ROLLCALL_FULL") != nullptr;
}

inline Buffer unhex(std::string_view text) {
  Buffer out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    out.push_back(
        static_cast<std::uint8_t>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  }
  return out;
}

inline std::string hex(Bytes bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t b : bytes) {
    out += digits[b >> 4];
    out += digits[b & 15];
  }
  return out;
}

inline Buffer to_buffer(Bytes bytes) {
  return {bytes.begin(), bytes.end()};
}
inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

template <class Message>
Buffer encoded(const Message& message) {
  Buffer out(max_encoded_size(Message::fields));
  const auto size = encode(message, out);
  EXPECT_TRUE(size.has_value());
  out.resize(size.value_or(0));
  return out;
}

// The message as the JSON array [op, field, ...]; byte strings are json binaries.
nlohmann::json to_json(std::uint16_t op, std::span<const Field> fields, const void* message);
// Fills every field with random content that its table allows.
void randomize(std::span<const Field> fields, void* message, Random& random);

template <class Message>
nlohmann::json to_json(const Message& message) {
  return to_json(static_cast<std::uint16_t>(Message::op), Message::fields, &message);
}

template <class Message>
Message random_message(Random& random) {
  Message message;
  randomize(Message::fields, &message, random);
  return message;
}

// Calls `f.template operator()<Message>()` for HELLO and each message.
template <class... Messages>
struct Each {
  template <class F>
  static void call(F&& f) {
    (f.template operator()<Messages>(), ...);
  }
};
template <class F>
void for_each_message(F&& f) {
  f.template operator()<Hello>();
  AllMessages<Each>::call(f);
}

}  // namespace rollcall::protocol::testing
