// Bulk transfers beside the messages: one out, one in (docs/protocol.md, "Bulk transfers"). Pure:
// the link carries their frames when nothing else waits, the owner their three messages, and the
// content goes from a BulkSource to a BulkSink.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>

#include "protocol/bytes.hpp"
#include "protocol/crypto/crypto.hpp"
#include "protocol/frame.hpp"
#include "protocol/link_timing.hpp"
#include "protocol/messages/bulk.hpp"
#include "protocol/round_trip.hpp"

namespace rollcall::protocol {

namespace bulk_limits {
inline constexpr std::uint8_t window = 8;  // frames under way that we ask for and use
inline constexpr std::uint8_t largest_window = 16;
inline constexpr int max_timeouts = 8;         // in a row without progress: stalled
inline constexpr std::size_t offset_size = 4;  // in front of the content of a frame
}  // namespace bulk_limits

// Content of a transfer of ours. Outlives it.
class BulkSource {
 public:
  // Fills `out` with the content at `offset`; false when it cannot be read.
  virtual bool read(std::uint32_t offset, MutableBytes out) = 0;
  // The transfer is over: as the receiver says, or given up. Not called when the link closes.
  virtual void ended(BulkResult result) = 0;

 protected:
  ~BulkSource() = default;
};

// Where a transfer of the peer's goes.
class BulkSink {
 public:
  // A transfer is offered. How many bytes of exactly this content are held already, or why it is
  // not wanted.
  virtual std::expected<std::uint32_t, BulkResult> begin(const BulkOffer& offer) = 0;
  // Gives back what is held, for the digest; false when it cannot be read.
  virtual bool held(std::uint32_t offset, MutableBytes out) = 0;
  // Takes what comes next; false when it cannot be kept.
  virtual bool write(std::uint32_t offset, Bytes content) = 0;
  // The transfer is over. Only `complete` means that the content is the one announced; what is held
  // after `digest` is worth nothing. Returns what the peer is told: `result`, or why a complete
  // content is of no use. Not called when the link closes: what was written stays held.
  virtual BulkResult end(BulkResult result) = 0;

 protected:
  ~BulkSink() = default;
};

// The outgoing transfer.
class BulkSender {
 public:
  bool busy() const { return source_ != nullptr; }
  const BulkOffer& offer() const { return offer_; }
  void start(BulkKind kind, std::uint32_t subject, std::uint32_t bytes,
             const crypto::Digest& digest, BulkSource& source);

  void offered(Ticks now);
  void on_accept(const BulkAccept& accept, std::size_t chunk, Ticks now);
  void on_end(const BulkEnd& end);
  void on_ack(std::uint32_t offset, Ticks now);
  void poll(Ticks now);

  bool frame_due() const;
  // Writes offset and content to `out`; 0 when the source failed.
  std::size_t make_frame(MutableBytes out, Ticks now);
  // Until poll() has something to do; no_deadline = nothing to wait for.
  std::int32_t time_left(Ticks now) const;

  // Ends it: the peer learns why, the source too.
  void give_up(BulkResult why);
  // The link is gone: forgets it without a word.
  void drop() { source_ = nullptr; }

  bool offer_due = false;  // messages owed to the peer, taken by BulkChannel
  std::optional<BulkEnd> end_due;

 private:
  bool under_way() const { return next_ > acked_; }
  bool all_arrived() const { return acked_ >= offer_.bytes; }
  void go_back();
  void wait_on(Ticks now);

  BulkSource* source_ = nullptr;
  BulkOffer offer_;
  bool accepted_ = false;
  std::uint32_t window_bytes_ = 0;
  std::uint32_t chunk_ = 0;
  std::uint32_t acked_ = 0;  // the receiver has all before it
  std::uint32_t next_ = 0;   // to be sent next
  std::uint32_t sent_ = 0;   // all before it was sent once
  bool probing_ = false;     // after a timeout: one frame at a time until progress
  int timeouts_ = 0;
  int repeated_acks_ = 0;
  bool went_back_ = false;                  // for acked_
  std::optional<std::uint32_t> timed_end_;  // the frame whose round trip is measured ends here
  Ticks timed_at_ = 0;
  Ticks timeout_at_ = 0;
  RoundTrip round_trip_{link_timing::retransmit_max};
};

// The incoming transfer.
class BulkReceiver {
 public:
  bool active() const { return sink_ != nullptr; }
  void on_offer(const BulkOffer& offer, BulkSink& sink);
  void on_end(const BulkEnd& end);
  void on_frame(std::uint8_t transfer, std::uint32_t offset, Bytes content);
  // Ends it: the peer and the sink learn why.
  void finish(BulkResult result);
  void drop() {
    sink_ = nullptr;
    known_ = false;
  }

  bool ack_due = false;  // frames and messages owed to the peer, taken by BulkChannel
  std::optional<BulkAccept> accept_due;
  std::optional<BulkEnd> end_due;

  std::uint8_t transfer() const { return offer_.transfer; }
  std::uint32_t expected() const { return expected_; }

 private:
  bool hash_held(std::uint32_t bytes);
  void finish_if_all();

  BulkSink* sink_ = nullptr;
  BulkOffer offer_;
  bool known_ = false;  // offer_ was accepted; its frames are answered, also after its end
  std::uint32_t expected_ = 0;
  crypto::Sha256 hash_;
};

// Both directions, as the link and its owner see them.
class BulkChannel {
 public:
  // `sink` (may be null: nothing is taken) outlives this.
  explicit BulkChannel(BulkSink* sink);

  // Owner ----------------------------------------------------------------------------------------

  // Offers content; ends a transfer of ours that is under way. `source` outlives the transfer.
  void send(BulkKind kind, std::uint32_t subject, std::uint32_t bytes, const crypto::Digest& digest,
            BulkSource& source) {
    out_.start(kind, subject, bytes, digest, source);
  }
  bool sending() const { return out_.busy(); }
  void cancel_sending() { out_.give_up(BulkResult::cancelled); }
  // Ends the transfer of the peer's that is under way; the sink learns it too.
  void cancel_receiving() { in_.finish(BulkResult::cancelled); }

  // Takes a message with one of the three ops; false when it is none or not decodable.
  bool on_message(Bytes payload, Millis now);
  // The next message owed to the peer, encoded; 0 when none. What the owner does not get sent is
  // lost: ask only when the link takes a message.
  bool message_due() const;
  std::size_t take_message(MutableBytes out, Millis now);

  // Link -----------------------------------------------------------------------------------------

  // `payload`: the largest payload of a frame.
  void up(std::size_t payload) { payload_ = payload; }
  void down();
  void poll(Ticks now) { out_.poll(now); }
  std::int32_t time_left(Ticks now) const { return out_.time_left(now); }
  bool frame_due() const { return in_.ack_due || out_.frame_due(); }
  // Writes type and transfer number to `header` and the payload to `out`; its size, or 0.
  std::size_t make_frame(FrameHeader& header, MutableBytes out, Ticks now);
  void on_frame(const FrameHeader& header, Bytes payload, Ticks now);

 private:
  BulkSink* sink_;
  std::size_t payload_ = 0;
  BulkSender out_;
  BulkReceiver in_;
};

}  // namespace rollcall::protocol
