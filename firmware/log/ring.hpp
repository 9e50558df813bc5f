// The newest entries of the log, in RAM that start-up leaves alone: they survive a reset and end
// with the power. What never was an entry, as after power-on, is recognised as such, and an entry
// that a reset interrupted as well.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <type_traits>

#include "firmware/log/events.hpp"

namespace rollcall::firmware {

inline constexpr std::uint32_t log_capacity = 96;  // entries, 24 bytes each

struct LogEntry {
  std::chrono::milliseconds uptime{0};
  Event event = Event::started;
  std::array<std::uint32_t, 2> numbers{};

  friend bool operator==(const LogEntry&, const LogEntry&) = default;
};

class LogRing {
 public:
  LogRing() = default;  // leaves what is there

  // Once at start, before anything else: finds what the firmware before has left.
  void begin();
  void add(std::chrono::milliseconds uptime, Event event, std::uint32_t a = 0, std::uint32_t b = 0);

  // Entries are numbered in the order they came. Held are those from first() on, before end().
  std::uint32_t first() const;
  std::uint32_t end() const { return next_; }
  bool empty() const { return first() == end(); }
  // Nothing when it was overwritten, or lost to a reset while it was written.
  std::optional<LogEntry> at(std::uint32_t number) const;

 private:
  struct Slot {
    std::uint32_t number;
    std::uint32_t uptime_low;  // ms, 48 bits
    std::uint16_t uptime_high;
    std::uint8_t event;
    std::uint8_t spare;
    std::uint32_t numbers[2];
    std::uint32_t check;

    std::uint32_t sum() const;
    bool whole(std::size_t place) const;
  };

  Slot slots_[log_capacity];
  std::uint32_t next_;
};
static_assert(std::is_trivially_default_constructible_v<LogRing>);

}  // namespace rollcall::firmware
