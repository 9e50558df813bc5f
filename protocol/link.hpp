// The link: stop-and-wait per direction over frames, as a pure state machine. It does no I/O and
// knows no clock: bytes and the time come in, bytes and events go out. Both ends use this class.
//
//   closed --start()--> greeting --peer HELLO--> up --bye, silence or protocol error--> closed
//
// Both ends send HELLO and repeat it until the peer's HELLO arrives. A data frame is sent again, the
// same bytes, until acknowledged; a duplicate is acknowledged again and not delivered.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "protocol/bytes.hpp"
#include "protocol/frame.hpp"
#include "protocol/hello.hpp"
#include "protocol/session.hpp"

namespace rollcall::protocol {

using Millis = std::chrono::milliseconds;  // time since any fixed point, monotonic

namespace link_timing {
inline constexpr Millis hello_interval{500};
inline constexpr Millis retransmit_min{100};
inline constexpr Millis retransmit_max{2000};
inline constexpr Millis ping_interval{5000};   // after this long without a frame from the peer
inline constexpr Millis silence_limit{15000};  // without a frame from the peer: closed
inline constexpr int max_transmissions = 8;    // of one data frame: then closed
}  // namespace link_timing

enum class LinkState : std::uint8_t { closed, greeting, up };

enum class CloseReason : std::uint8_t {
  none,
  local,         // close() was called
  peer_bye,
  silence,
  unacknowledged,
  version,       // no common protocol version
  bad_hello,
  restarted,     // the peer greeted again: it lost its state
  security,      // a tag failed
};

struct LinkCounters {
  std::uint32_t frames_in = 0, frames_out = 0, retransmissions = 0, duplicates = 0;
  std::uint32_t bad_crc = 0, bad_cobs = 0, too_long = 0, too_short = 0, unknown_type = 0;
  std::uint32_t unexpected = 0;  // a well-formed frame that this state does not allow
  std::uint32_t bad_tag = 0;
};

// What the link tells its owner; called from within on_bytes() and poll(). A handler may call send()
// and close(), nothing else.
class LinkEvents {
 public:
  virtual void on_up(const Hello& peer) = 0;
  // `payload` is valid during the call only.
  virtual void on_message(std::uint8_t channel, Bytes payload) = 0;
  // The frame given to the last send() arrived at the peer's link: send() takes the next one.
  virtual void on_sent() = 0;
  virtual void on_down(CloseReason reason) = 0;

 protected:
  ~LinkEvents() = default;
};

class Link {
 public:
  // Keeps references to `session` and `events`, which outlive it. `self.max_frame` limits what is
  // accepted and, with the peer's, what is sent.
  Link(Session& session, LinkEvents& events, const Hello& self);

  // Opens the link: queues HELLO. Also after closed, for a new connection.
  void start(Millis now);
  // Says goodbye (best effort) and closes.
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

  LinkState state() const;
  const LinkCounters& counters() const;
  const Hello& peer() const;  // valid while up

 private:
  // Implementation: protocol/link.cpp. Fixed buffers only.
};

}  // namespace rollcall::protocol
