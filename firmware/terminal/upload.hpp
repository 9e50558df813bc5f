// Which queued tap goes to the host next: oldest first, a few at a time, again when no
// acknowledgement comes.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "firmware/queue/queue.hpp"

namespace rollcall::firmware {

inline constexpr std::size_t upload_window = 8;  // queued taps in flight, unacknowledged
inline constexpr std::chrono::milliseconds upload_patience{10000};  // then a tap leaves the window
inline constexpr std::chrono::milliseconds upload_pause{
    5000};  // before a pass over what is still waiting

class Upload {
 public:
  using Millis = std::chrono::milliseconds;
  explicit Upload(Queue& queue) : queue_(queue) {}

  // A new connection: begin with the oldest waiting tap; nothing is in flight.
  void restart();
  // Every tap of the epoch from `from` on that the log holds, acknowledged or not, goes first.
  void resend(const protocol::StorageEpoch& epoch, std::uint64_t from);
  // The next tap to send, now in flight. Nothing while the window is full or no tap waits. The tap
  // with index `not_this` waits for its live answer and is left alone.
  std::optional<protocol::QueuedTap> next(Millis now, std::optional<std::uint64_t> not_this);
  // The host has these taps.
  void acknowledged(const protocol::StorageEpoch& epoch, std::uint64_t first, std::uint64_t last);

  // When next() may have something new without any other event; nothing while only events can help.
  std::optional<Millis> next_deadline() const;

 private:
  struct InFlight {
    std::uint64_t index = 0;
    protocol::StorageEpoch epoch{};
    std::uint64_t number = 0;
    Millis sent_at{0};
  };

  std::optional<Queue::Entry> find(Millis now, std::optional<std::uint64_t> not_this);
  bool is_in_flight(std::uint64_t index) const;
  void drop_impatient(Millis now);

  Queue& queue_;
  Queue::Cursor cursor_;
  Queue::Cursor resend_cursor_;
  std::uint64_t resend_end_ = 0;  // index; taps of resend_cursor_ below it are to be sent again
  std::array<InFlight, upload_window> in_flight_{};
  std::size_t in_flight_count_ = 0;
  std::optional<Millis> pass_again_at_;
};

}  // namespace rollcall::firmware
