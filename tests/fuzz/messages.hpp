// A message chosen by number, for fuzz targets and their seeds: 0 is HELLO, the others follow the
// order of AllMessages.
#pragma once

#include <cstdlib>
#include <vector>

#include "protocol/hello.hpp"
#include "protocol/messages.hpp"

namespace rollcall::protocol::fuzz {

using Buffer = std::vector<std::uint8_t>;

template <class... Messages>
struct List {
  static constexpr std::size_t size = 1 + sizeof...(Messages);

  // Calls `f.template operator()<Message>()` for the message with this number.
  template <class F>
  static void visit(std::size_t number, F&& f) {
    std::size_t at = 0;
    const auto one = [&]<class Message>() {
      if (at++ == number) f.template operator()<Message>();
    };
    one.template operator()<Hello>();
    (one.template operator()<Messages>(), ...);
  }
};
using Messages = AllMessages<List>;

template <class Message>
Buffer encoded(const Message& message) {
  Buffer out(max_encoded_size(Message::fields));
  const auto size = encode(message, out);
  if (!size) std::abort();
  out.resize(*size);
  return out;
}

// Ends the run where a rule is broken, so that libFuzzer keeps the input.
inline void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace rollcall::protocol::fuzz
