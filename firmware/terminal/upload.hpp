// Which queued taps go to the host next: oldest first, and again when no acknowledgement comes. One
// or two go as messages, more as a bulk transfer that is read from the queue while it is sent.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "firmware/queue/queue.hpp"
#include "protocol/bulk.hpp"

namespace rollcall::firmware {

inline constexpr std::size_t upload_window = 8;  // queued taps in flight as messages
inline constexpr std::size_t upload_batch = 32;  // queued taps in one transfer
inline constexpr std::size_t upload_few = 2;     // so many go as messages
inline constexpr std::chrono::milliseconds upload_patience{10000};  // then a tap leaves the window
inline constexpr std::chrono::milliseconds upload_pause{
    5000};  // before a pass over what is still waiting
inline constexpr unsigned upload_failures =
    3;  // of transfers in a row; then messages, until restart

class Upload final : public protocol::BulkSource {
 public:
  using Millis = std::chrono::milliseconds;
  explicit Upload(Queue& queue) : queue_(queue) {}

  // A new connection: begin with the oldest waiting tap; nothing is in flight.
  void restart();
  // Every tap of the epoch from `from` on that the log holds, acknowledged or not, goes first.
  void resend(const protocol::StorageEpoch& epoch, std::uint64_t from);

  struct Transfer {
    std::uint32_t bytes = 0;
    crypto::Digest digest{};
  };
  struct Next {  // at most one of the two
    std::optional<protocol::QueuedTap> message;
    std::optional<Transfer> transfer;  // to be offered, with this as its source
  };
  // What goes next, now in flight; nothing while too much is in flight or no tap waits. The tap
  // with index `not_this` waits for its live answer and is left alone. With `transfer` false, as
  // while another one is under way, it is a message.
  Next next(Millis now, std::optional<std::uint64_t> not_this, bool transfer = true);
  // A transfer that next() gave is not over yet.
  bool transferring() const { return part_count_ > 0 && !ended_; }
  // The host has these taps.
  void acknowledged(const protocol::StorageEpoch& epoch, std::uint64_t first, std::uint64_t last);
  // When next() may have something new without any other event; nothing while only events can help.
  std::optional<Millis> next_deadline() const;

  // BulkSource, of the transfer that next() gave.
  bool read(std::uint32_t offset, MutableBytes out) override;
  void ended(protocol::BulkResult result) override;

 private:
  static constexpr std::size_t entry_head = 2;  // size of the message behind it
  static constexpr std::size_t max_entry =
      entry_head + protocol::max_encoded_size(protocol::QueuedTap::fields);
  static constexpr Millis in_transfer = Millis::max();

  struct InFlight {
    std::uint64_t index = 0;
    protocol::StorageEpoch epoch{};
    std::uint64_t number = 0;
    Millis sent_at{0};  // `in_transfer` until the transfer is over
  };
  // An entry of the transfer, at the place that its size gives it. Kept apart from what is in
  // flight: an acknowledgement does not change the content.
  struct Part {
    std::uint64_t index = 0;
    std::uint16_t size = 0;
  };

  // How far the way through the log is.
  struct Position {
    Queue::Cursor waiting;
    Queue::Cursor resend;
    std::uint64_t resend_end = 0;  // index; taps of `resend` below it are to be sent again
  };

  std::optional<Queue::Entry> find(Millis now, std::optional<std::uint64_t> not_this);
  std::optional<protocol::QueuedTap> next_message(Millis now,
                                                  std::optional<std::uint64_t> not_this);
  std::optional<Transfer> next_transfer(Millis now, std::optional<std::uint64_t> not_this);
  bool messages_only() const { return failures_ >= upload_failures; }
  bool too_much_in_flight() const;
  bool nothing_to_send(std::optional<std::uint64_t> not_this) const;
  void note(const Queue::Entry& entry, Millis sent_at);
  bool is_in_flight(std::uint64_t index) const;
  void settle_transfer(Millis now);
  template <class Condition>
  void drop_if(Condition condition);
  bool load(std::size_t part);
  std::size_t encode_entry(const protocol::QueuedTap& tap);

  Queue& queue_;
  Position at_;
  std::array<InFlight, upload_batch> in_flight_{};
  std::size_t count_ = 0;
  std::optional<Millis> pass_again_at_;

  std::array<Part, upload_batch> parts_{};
  std::size_t part_count_ = 0;  // 0: no transfer is under way
  Position before_;             // the transfer
  bool of_transfer_ = false;    // what is in flight came with one
  std::optional<protocol::BulkResult> ended_;
  unsigned failures_ = 0;
  std::optional<Millis> retry_at_;
  Queue::Cursor read_cursor_;
  std::size_t loaded_ = 0;  // one more than the part that entry_ holds; 0 = none
  std::uint8_t entry_[max_entry];
};

}  // namespace rollcall::firmware
