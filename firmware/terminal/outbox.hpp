// Messages that wait for the link to take them, oldest first; what does not fit is refused.
#pragma once

#include <array>
#include <cstddef>

namespace rollcall::firmware {

template <class Message, std::size_t Capacity>
struct Outbox {
  std::array<Message, Capacity> items{};
  std::size_t count = 0;

  bool empty() const { return count == 0; }
  const Message& front() const { return items[0]; }
  bool push(const Message& message) {
    if (count == Capacity) return false;
    items[count++] = message;
    return true;
  }
  void pop() {
    for (std::size_t i = 1; i < count; ++i) items[i - 1] = items[i];
    --count;
  }
  void clear() { count = 0; }
};

}  // namespace rollcall::firmware
