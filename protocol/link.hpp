// The link: greeting, handshake, stop-and-wait messages per direction and bulk frames beside them,
// as a pure state machine. It does no I/O, knows no clock and computes no X25519: bytes and the
// time come in, bytes and events go out. Both ends use this class.
//
//   closed --start()--> greeting --HELLO answered--> handshake --keys proven--> up
//                                       \--enrolling--> up, untagged
//
// docs/protocol.md, "The way of a link" and "Link", gives the rules and why they are safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "protocol/bulk.hpp"
#include "protocol/bytes.hpp"
#include "protocol/frame.hpp"
#include "protocol/handshake.hpp"
#include "protocol/hello.hpp"
#include "protocol/link_timing.hpp"
#include "protocol/receive_window.hpp"
#include "protocol/round_trip.hpp"
#include "protocol/session.hpp"
#include "protocol/ticks.hpp"

namespace rollcall::protocol {

enum class Role : std::uint8_t { terminal, host };  // the terminal is the handshake's initiator

enum class LinkState : std::uint8_t { closed, greeting, handshake, up };

enum class CloseReason : std::uint8_t {
  none,
  local,  // close() was called
  peer_bye,
  silence,
  unacknowledged,
  version,  // no common protocol version
  bad_hello,
  refused,    // the owner does not know this peer
  handshake,  // the peer has another key, or somebody changed the greeting
  restarted,  // the peer greeted again, or knows nothing of this session
  security,   // a tag failed
  transport,  // transport_lost() was called
};

struct LinkCounters {
  std::uint32_t frames_in = 0, frames_out = 0, retransmissions = 0, duplicates = 0;
  std::uint32_t bad_crc = 0, bad_cobs = 0, too_long = 0, too_short = 0, unknown_type = 0;
  std::uint32_t unexpected = 0;  // a well-formed frame that this state does not allow
  std::uint32_t bad_tag = 0;
  std::uint32_t bad_handshake = 0;
};

// How the owner wants a link to go on after the peer's HELLO.
enum class Admission : std::uint8_t { refused, secured, enrolment };

// What the link tells its owner; called from within on_bytes(), poll(), handshake_done(), close()
// and transport_lost(). A handler may call send() and close(), nothing else.
class LinkEvents {
 public:
  // The peer greeted. For `secured`, `keys` gets the link keys that may be in force for it.
  virtual Admission on_greeting(const Hello& peer, LinkKeys& keys) = 0;
  // Messages may flow. `key`: which of the keys of on_greeting the peer has proven.
  virtual void on_up(const Hello& peer, std::size_t key) = 0;
  // `payload` is valid during the call only.
  virtual void on_message(Bytes payload) = 0;
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
  // Keeps references to `events` and `bulk` (null: no bulk transfers), which outlive it.
  // `self.max_frame` limits what is accepted and, with the peer's, what is sent; it is brought into
  // max_body_serial to max_body.
  Link(Role role, LinkEvents& events, BulkChannel* bulk, const Hello& self);

  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  // Another HELLO from the next start() on.
  void set_hello(const Hello& self);
  // Bytes a second that the line carries; 0 = as the agreed frame size says (line_rate below).
  void set_line_rate(std::uint32_t bytes_per_second) { given_line_rate_ = bytes_per_second; }

  // Opens the link: queues HELLO. Also after closed, for a new connection; unsent output of the old
  // one is dropped. Not from within a handler, and not while open.
  void start(Millis now);
  // Closes, and leaves one goodbye frame in pending_output() for the owner to write if it can.
  void close(Millis now);
  // The transport is gone: closed at once, nothing more is sent.
  void transport_lost();

  // The step of the handshake that is to be computed: run it anywhere, then give it back. One that
  // comes back after the link has gone on without it is ignored.
  std::optional<Handshake> take_handshake();
  void handshake_done(const Handshake& step, Millis now);

  // Takes one message. False while the previous one is not acknowledged, when not up, or when the
  // payload exceeds max_payload(); the caller keeps it and tries again after on_sent().
  bool send(Bytes payload, Millis now);
  bool can_send() const { return state_ == LinkState::up && !out_.in_flight && !out_.in_output; }
  // Largest payload that fits the agreed frame size.
  std::size_t max_payload() const;

  void on_bytes(Bytes in, Millis now);
  // Timers: retransmission, ping, silence. Call when now >= next_deadline().
  void poll(Millis now);
  Millis next_deadline() const;

  // Bytes to put on the wire. The owner writes as many as it can, then calls consume() with the
  // time at which they were taken.
  Bytes pending_output() const { return out_.output; }
  void consume(std::size_t bytes, Millis now);

  LinkState state() const { return state_; }
  const LinkCounters& counters() const { return counters_; }
  const Hello& peer() const { return peer_; }  // valid after greeting
  std::uint8_t version() const {
    return version_;
  }  // agreed protocol version, valid after greeting
  // SHA-256 of the payloads of both HELLOs, for enrolment; valid after greeting.
  const crypto::Digest& own_hello_digest() const { return hello_digest_; }
  const crypto::Digest& peer_hello_digest() const { return peer_hello_digest_; }

 private:
  // Frames owed to the peer: a set with one bit for each FrameType, the most urgent the lowest.
  // (While a HANDSHAKE is owed no frame of a session is.) Each is written when nothing else is
  // being written.
  static constexpr std::uint32_t due(FrameType type) {
    return 1u << static_cast<std::uint8_t>(type);
  }
  static constexpr std::uint32_t due_answer = 1;  // bit of no type: HELLO that answers the peer's

  // Room for any frame, and for the zero byte in front of a HELLO.
  using Wire = std::array<std::uint8_t, 1 + wire_size(max_body)>;

  // All of what goes out that begins anew with each session.
  struct Outgoing {
    std::uint32_t due = 0;  // of due(FrameType)
    bool answered = false;  // the peer's HELLO, at least once

    // The newest data frame of ours, kept in data_wire_ until acknowledged.
    bool in_flight = false;
    bool in_output = false;     // being written and not consumed yet
    bool acknowledged = false;  // while a repetition was still being written
    std::uint8_t sequence = 1;  // the first has 0
    std::uint8_t transmissions = 0;
    std::uint32_t counter = 0;  // its low half
    std::size_t size = 0;
    Ticks sent_at = 0;
    Ticks retransmit_at = 0;

    RoundTrip round_trip{link_timing::retransmit_first};
    std::uint64_t next_counter = 0;
    Bytes output;                // of the frame that is being written, what is left of it
    std::size_t frame_size = 0;  // all of it
  };

  void set_time(Millis now) {
    clock_ = now;
    now_ = ticks(now);
  }
  void abandon();
  void reset_session();
  void go_down(CloseReason reason);
  void heard();
  void poll_open();

  // link_greeting.cpp
  void on_hello(const Frame& frame);
  void greeting_answered(Bytes peer_payload);
  void on_handshake(const Frame& frame);
  void want_handshake(Handshake::Step step);
  void go_up();
  void forget_handshake();
  void on_unknown_session();
  bool unknown_session_allowed();
  void write_hello();
  void write_handshake();

  // link_in.cpp
  void on_frame(const Frame& frame);
  bool fits_session(const Frame& frame) const;
  void on_session_frame(const Frame& frame);
  void on_opened(const Frame& frame, std::size_t payload_size, bool newest);
  void on_ack(std::uint8_t flags);
  void delivered();

  // link_out.cpp
  bool counter_is_free(int window) const;
  bool timer_runs() const;
  bool line_is_free() const { return reached(now_, line_free_at_); }
  bool bulk_due() const;
  void pump();
  void write_owed(FrameType type);
  void write_data();
  void write_bulk();
  void write(const FrameHeader& header, Bytes payload);
  void write_sealed(const FrameHeader& header, Bytes payload);
  std::size_t seal(FrameHeader header, Bytes payload, Wire& wire);
  void begin(const Wire& wire, std::size_t size);

  // What is small and often used stands first: shorter instructions reach it on a board.
  const Role role_;
  LinkState state_ = LinkState::closed;
  enum class Exchange : std::uint8_t { idle, wanted, taken, sent } exchange_ = Exchange::idle;
  bool in_handler_ = false;
  std::uint8_t greeting_ = 0;       // number of this session's HELLO
  std::uint8_t peer_greeting_ = 0;  // of the peer's
  std::uint8_t version_ = 0;
  bool unknown_quiet_ = false;  // UNKNOWN SESSION is neither said nor heard again for a while
  LinkEvents& events_;
  BulkChannel* bulk_;
  Outgoing out_;
  ReceiveWindow in_;
  Ticks now_ = 0;  // the owner's time, as last told
  Ticks heard_at_ = 0;
  Ticks timer_at_ = 0;           // HELLO or HANDSHAKE 1 is repeated, or PING is due
  Ticks unknown_at_ = 0;         // UNKNOWN SESSION was said or heard
  Ticks line_free_at_ = 0;       // when the line has carried what it was given
  std::uint32_t line_rate_ = 0;  // in force
  std::uint32_t given_line_rate_ = 0;
  std::size_t frame_limit_ = 0;  // body bytes, agreed
  Millis clock_{0};              // now_ in full
  LinkCounters counters_;

  Hello self_;
  Hello next_self_;  // of set_hello(): said from the next start() on
  Hello peer_;
  crypto::Digest hello_digest_{};
  crypto::Digest peer_hello_digest_{};
  Session session_;
  Handshake handshake_;
  FrameDecoder decoder_;
  Wire data_wire_;
  Wire output_;  // all but data frames
};

// A line of which nothing is known but the agreed frame size carries 60 such frames a second: 192
// bytes go with 115 200 baud. 0 = no limit, for the largest size, that of TCP.
constexpr std::uint32_t line_rate(std::size_t frame_limit) {
  return frame_limit >= max_body_tcp ? 0 : static_cast<std::uint32_t>(frame_limit) * 60;
}

}  // namespace rollcall::protocol
