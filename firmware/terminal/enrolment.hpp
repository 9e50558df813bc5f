// The provisioning window of a terminal (docs/protocol.md, "Enrolment"): opened by hand, for two
// minutes or one attempt, whichever ends first.
//
//   closed --open()--> calling --link--> waiting for the host --> comparing --> keeping --> closed
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "hal/entropy.hpp"
#include "protocol/enrolment.hpp"
#include "protocol/link_timing.hpp"

namespace rollcall::firmware {

// What became of a window. All but `done` leave the terminal as it was before.
enum class EnrolResult : std::uint8_t {
  done,            // the key is kept; the terminal calls again with it
  cancelled,       // by a person, here or at the host
  not_expected,    // nobody at the host asked for this terminal
  different,       // the numbers differ, a person said
  broken_promise,  // somebody is between the two
  no_entropy,      // the terminal has no seed to make keys from
  expired,         // two minutes passed
  protocol,        // the host said something that does not belong here
  storage,         // the key could not be kept
  link_lost,       // after the attempt had begun
  other_site,      // taps wait in the queue that only the site before can read
};

class Enrolment {
 public:
  using Millis = protocol::Millis;

  explicit Enrolment(hal::Entropy& entropy) : entropy_(entropy) {}

  // Without effect while it is open.
  void open(Millis now);
  bool window_open() const { return window_ends_at_.has_value(); }
  // The terminal's HELLO says `enrolling`, and its link is untagged: the window is open, or the
  // host has not been told its end yet.
  bool calling() const { return window_open() || closing_; }
  // Ends the window when its time has come, at this time or never.
  void poll(Millis now);
  Millis next_deadline() const { return window_ends_at_.value_or(Millis::max()); }

  void link_up(const protocol::HelloDigests& hellos);
  void link_down();
  void on_message(Bytes payload);
  // The next message to the host, encoded; 0 when none. Ask only when the link takes a message.
  std::size_t take_message(MutableBytes out);
  // All messages have arrived: when the attempt is over, so is this link.
  void delivered();

  // A person compared the numbers. Before the host's grant or after it.
  void agree(bool same);
  void cancel();
  // The number that is on both sides; nothing before, and nothing after agree().
  std::optional<std::uint32_t> number() const;

  // Agreed here and there: keep it durable, then say kept() or not_kept().
  const protocol::Grant* to_keep() const;
  void kept();
  void not_kept(EnrolResult why);

  // Once for each window.
  std::optional<EnrolResult> take_result();

 private:
  using Attempt = protocol::TerminalEnrolment;

  void settle();
  void finish(EnrolResult result);

  hal::Entropy& entropy_;
  std::optional<Millis> window_ends_at_;
  std::optional<Attempt> attempt_;
  bool agreed_ = false;
  bool closing_ = false;  // the last message is on its way
  std::optional<EnrolResult> not_kept_;
  std::optional<EnrolResult> result_;
};

}  // namespace rollcall::firmware
