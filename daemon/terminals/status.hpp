// What console, metrics and CLI may know of the terminals: plain values.
#pragma once

#include <cstdint>
#include <string>

#include "protocol/link.hpp"
#include "protocol/types.hpp"

namespace rollcall::terminals {

struct TerminalStatus {
  std::string serial;
  std::string room;
  protocol::TerminalMode mode = protocol::TerminalMode::training;

  bool connected = false;  // link up and the terminal said how it is
  std::int64_t since_ms =
      0;  // of `connected` having this value, Unix ms; 0 = not since the daemon started
  std::int64_t last_seen_ms = 0;  // Unix ms of the last bytes; 0 = never
  std::string peer;               // "tcp 127.0.0.1:50312" or "unix", while connected
  std::string firmware;           // as of its last greeting
  std::uint32_t boot = 0;
  bool panel = false;  // it has a display and touch

  std::uint32_t waiting = 0;   // taps in its queue that were not yet taken, as far as known
  std::uint32_t capacity = 0;  // taps its queue can hold

  // Since the daemon started:
  std::uint64_t taps_live = 0;
  std::uint64_t taps_queued = 0;
  std::uint64_t faults = 0;  // malformed or misplaced messages
  protocol::LinkCounters link;
};

// Since the daemon started.
struct HubCounters {
  std::uint64_t connections = 0;     // accepted
  std::uint64_t over_limit = 0;      // closed at once: too many connections
  std::uint64_t not_configured = 0;  // greeted with a serial that is not enrolled, or is revoked
  std::uint64_t handshakes = 0;      // that proved a key
  std::uint64_t bad_handshakes = 0;  // with another key, or a greeting that somebody changed
  std::uint64_t bad_tags = 0;        // frames of a session that did not verify
  std::uint64_t alarms = 0;          // links refused for a reason that may be an attack
  std::uint64_t never_greeted = 0;   // connected and did not greet in time
  std::uint64_t displaced = 0;       // replaced by a newer connection of the same serial
  std::uint64_t bad_frames = 0;      // frames that could not be read
  std::uint64_t bad_messages = 0;    // frames whose message could not be decoded or is out of range
  std::uint64_t misplaced = 0;       // well-formed messages that the state does not allow
  std::uint64_t closed_for_faults = 0;  // sessions ended because of too many of these
  std::uint64_t closed_slow = 0;  // sessions ended because the terminal did not take its answers
  std::uint64_t unreadable = 0;   // stored taps that could not be opened: in the staff inbox
  std::uint64_t flows = 0;        // assessments offered
};

// Sums, member by member.
void add(protocol::LinkCounters& sum, const protocol::LinkCounters& more);

}  // namespace rollcall::terminals
