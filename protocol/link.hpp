// The link: stop-and-wait per direction over frames, as a pure state machine. It does no I/O and
// knows no clock: bytes and the time come in, bytes and events go out. Both ends use this class.
//
//   closed --start()--> greeting --HELLO answered--> up --bye, silence or protocol error--> closed
//
// Both ends send HELLO and repeat it until the peer's HELLO answers it. A data frame is sent again,
// the same bytes, until acknowledged; a duplicate is acknowledged again and not delivered.
// docs/protocol.md, "Link", gives the rules and why they are safe.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "protocol/bytes.hpp"
#include "protocol/frame.hpp"
#include "protocol/hello.hpp"
#include "protocol/receive_window.hpp"
#include "protocol/round_trip.hpp"
#include "protocol/session.hpp"

namespace rollcall::protocol {

using Millis = std::chrono::milliseconds;  // time since any fixed point, monotonic

namespace link_timing {
inline constexpr Millis hello_interval{500};
inline constexpr Millis retransmit_min{100};
inline constexpr Millis retransmit_max{2000};
inline constexpr Millis ping_interval{5000};    // after this long without a frame from the peer
inline constexpr Millis silence_limit{15000};   // without a frame from the peer: closed
inline constexpr Millis retransmit_first{500};  // before the first round trip is measured
inline constexpr int max_transmissions = 8;     // of one data frame: then closed
}  // namespace link_timing

enum class LinkState : std::uint8_t { closed, greeting, up };

enum class CloseReason : std::uint8_t {
  none,
  local,  // close() was called
  peer_bye,
  silence,
  unacknowledged,
  version,  // no common protocol version
  bad_hello,
  restarted,  // the peer greeted again: it lost its state
  security,   // a tag failed
  transport,  // transport_lost() was called
};

struct LinkCounters {
  std::uint32_t frames_in = 0, frames_out = 0, retransmissions = 0, duplicates = 0;
  std::uint32_t bad_crc = 0, bad_cobs = 0, too_long = 0, too_short = 0, unknown_type = 0;
  std::uint32_t unexpected = 0;  // a well-formed frame that this state does not allow
  std::uint32_t bad_tag = 0;
};

// What the link tells its owner; called from within on_bytes(), poll(), close() and
// transport_lost(). A handler may call send() and close(), nothing else.
class LinkEvents {
 public:
  virtual void on_up(const Hello& peer) = 0;
  // `payload` is valid during the call only.
  virtual void on_message(std::uint8_t channel, Bytes payload) = 0;
  // The frame given to the last send() arrived at the peer's link: send() takes the next one.
  virtual void on_sent() = 0;
  // Exactly once for each start(), whatever ended it, close() and transport_lost() included. A
  // message that was sent and had no on_sent() may or may not have arrived.
  virtual void on_down(CloseReason reason) = 0;

 protected:
  ~LinkEvents() = default;
};

class Link {
 public:
  // Keeps references to `session` and `events`, which outlive it. `self.max_frame` limits what is
  // accepted and, with the peer's, what is sent; it is brought into max_body_serial to max_body.
  Link(Session& session, LinkEvents& events, const Hello& self);

  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  // Opens the link: queues HELLO. Also after closed, for a new connection; unsent output of the old
  // one is dropped. Not from within a handler, and not while open.
  void start(Millis now);
  // Closes, and leaves one goodbye frame in pending_output() for the owner to write if it can.
  void close(Millis now);
  // The transport is gone: closed at once, nothing more is sent.
  void transport_lost();

  // Takes one message. False while the previous one is not acknowledged, when not up, or when the
  // payload exceeds max_payload(); the caller keeps it and tries again after on_sent().
  bool send(std::uint8_t channel, Bytes payload, Millis now);
  bool can_send() const;
  // Largest payload that fits the agreed frame size.
  std::size_t max_payload() const;

  void on_bytes(Bytes in, Millis now);
  // Timers: retransmission, ping, silence. Call when now >= next_deadline().
  void poll(Millis now);
  Millis next_deadline() const;

  // Bytes to put on the wire. The owner writes as many as it can, then calls consume().
  Bytes pending_output() const;
  void consume(std::size_t bytes);

  LinkState state() const { return state_; }
  const LinkCounters& counters() const { return counters_; }
  const Hello& peer() const { return peer_; }        // valid while up
  std::uint8_t version() const { return version_; }  // agreed protocol version, valid while up

 private:
  // The newest data frame of ours, kept until acknowledged.
  struct Outgoing {
    bool in_flight = false;
    bool due = false;        // to be written at the next chance
    bool in_output = false;  // written to output_ and not consumed yet
    int transmissions = 0;
    FrameHeader header;
    std::uint64_t counter = 0;
    std::size_t size = 0;  // sealed payload
    Millis sent_at{0};
    Millis retransmit_at{0};
    std::uint8_t sealed[max_body - frame_header_size - frame_crc_size];
  };
  static RoundTrip new_round_trip() {
    return {link_timing::retransmit_first, link_timing::retransmit_min,
            link_timing::retransmit_max};
  }

  void reset_session();
  void go_down(CloseReason reason);
  void heard();

  void on_frame(const Frame& frame);
  void count(FrameError error);
  void on_hello(const Frame& frame);
  void on_session_frame(const Frame& frame);
  void on_data(const Frame& frame, std::uint64_t counter);
  void on_control(const Frame& frame, std::uint64_t counter);
  void on_ack(std::uint8_t flags);

  bool control_allowed() const;
  bool timer_runs() const;
  void pump();
  void write_hello();
  void write_data();
  void write_control(FrameType type);

  Session& session_;
  LinkEvents& events_;
  Hello self_;
  Hello peer_;
  std::uint32_t peer_hello_crc_ = 0;
  std::uint8_t greeting_ = 0;       // number of this session's HELLO
  std::uint8_t peer_greeting_ = 0;  // of the peer's
  bool answered_ = false;           // the peer's HELLO, at least once
  LinkCounters counters_;
  FrameDecoder decoder_;

  LinkState state_ = LinkState::closed;
  std::uint8_t version_ = 0;
  std::size_t frame_limit_ = 0;  // body bytes, agreed
  Millis now_{0};
  Millis heard_at_{0};
  Millis ping_at_{0};
  Millis hello_at_{0};

  ReceiveWindow in_;
  Outgoing out_;
  RoundTrip round_trip_ = new_round_trip();
  std::uint64_t next_counter_ = 0;
  std::uint8_t next_sequence_ = 0;

  // Frames owed to the peer; each is written when output_ is empty.
  bool hello_due_ = false;
  bool answer_due_ = false;  // HELLO that answers the peer's
  bool ack_due_ = false;
  bool ping_due_ = false;
  bool bye_due_ = false;
  bool in_handler_ = false;

  std::size_t output_size_ = 0;
  std::size_t output_at_ = 0;
  std::uint8_t output_[1 + wire_size(max_body)];
};

}  // namespace rollcall::protocol
