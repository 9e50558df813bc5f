#include "firmware/log/ring.hpp"

#include <algorithm>
#include <atomic>

namespace rollcall::firmware {

// FNV-1a by words; odd for words that are all 0, so cleared memory holds no entry.
std::uint32_t LogRing::Slot::sum() const {
  std::uint32_t sum = 2166136261u;
  const std::uint32_t kind = uptime_high | std::uint32_t{event} << 16 | std::uint32_t{spare} << 24;
  for (const std::uint32_t word : {number, uptime_low, kind, numbers[0], numbers[1]}) {
    sum = (sum ^ word) * 16777619u;
  }
  return sum;
}

bool LogRing::Slot::whole(std::size_t place) const {
  return check == sum() && number % log_capacity == place && event < event_texts.size();
}

void LogRing::begin() {
  // The newest is the one that no other follows; numbers may wrap around.
  bool any = false;
  next_ = 0;
  for (std::size_t place = 0; place < log_capacity; ++place) {
    Slot& slot = slots_[place];
    if (!slot.whole(place)) {
      slot = {};
      continue;
    }
    const std::uint32_t after = slot.number + 1;
    if (!any || static_cast<std::int32_t>(after - next_) > 0) next_ = after;
    any = true;
  }
}

void LogRing::add(std::chrono::milliseconds uptime, Event event, std::uint32_t a, std::uint32_t b) {
  Slot& slot = slots_[next_ % log_capacity];
  slot.check = 0;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  const auto ms = static_cast<std::uint64_t>(uptime.count());
  slot.number = next_;
  slot.uptime_low = static_cast<std::uint32_t>(ms);
  slot.uptime_high = static_cast<std::uint16_t>(ms >> 32);
  slot.event = static_cast<std::uint8_t>(event);
  slot.spare = 0;
  slot.numbers[0] = a;
  slot.numbers[1] = b;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  slot.check = slot.sum();
  ++next_;
}

std::uint32_t LogRing::first() const {
  std::uint32_t number = next_ - log_capacity;
  while (number != next_ && !at(number)) ++number;
  return number;
}

std::optional<LogEntry> LogRing::at(std::uint32_t number) const {
  const std::size_t place = number % log_capacity;
  const Slot& slot = slots_[place];
  if (slot.number != number || !slot.whole(place)) return std::nullopt;
  return LogEntry{
      std::chrono::milliseconds(std::uint64_t{slot.uptime_high} << 32 | slot.uptime_low),
      static_cast<Event>(slot.event),
      {slot.numbers[0], slot.numbers[1]}};
}

}  // namespace rollcall::firmware
