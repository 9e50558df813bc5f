// Takes taps: finds out who it is, decides the direction, commits, and only then answers. The
// decision runs on the writer thread, inside the transaction.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/attendance/bracket.hpp"
#include "daemon/attendance/card_check.hpp"
#include "daemon/attendance/card_token.hpp"
#include "daemon/attendance/decision.hpp"
#include "daemon/config/config.hpp"
#include "daemon/events/event.hpp"
#include "daemon/store/writer.hpp"
#include "protocol/crypto/crypto.hpp"
#include "protocol/messages.hpp"

namespace rollcall::attendance {

// How a half-day can be signed by somebody alone: by a person, in a programme, or at a place.
struct SigningForms {
  bool drawn = false;
  bool tap = false;

  bool any() const { return drawn || tap; }
};

struct TapReport {
  std::string serial;
  protocol::Tap tap;
  bool live = false;  // false: from the terminal's queue
  // What is known of the clock of the start in which the terminal hands it over; the tap may be of
  // an older one.
  std::optional<ProvenPoint> start = std::nullopt;
  CardProof proof{};  // what its card was asked
  // Of a live one: who was asked for their own card at the screen when it was made. A tap of theirs
  // is the answer, and no movement.
  std::optional<std::string> asked = std::nullopt;
  SigningForms signing{};  // how half-days can be signed at the place
};

// A movement that the person who tapped may turn round (turn_round.hpp), as it was answered.
struct Turnable {
  Direction direction = Direction::in;
  std::int64_t time_ms = 0;       // of the tap, Unix ms
  std::uint64_t answered_ms = 0;  // of the host's monotonic clock
};

struct TapResult {
  protocol::Outcome outcome = protocol::Outcome::not_recorded;
  bool resend = false;    // this identity was taken before; `outcome` is the stored answer
  bool conflict = false;  // same identity, other content: the terminal must open a new epoch
  std::optional<std::string> person;  // pseudonym, when the card is known
  std::string language;               // of that person, "" = the site's
  CardVerdict card;                   // what it has shown; not of a resend
  bool answers = false;               // it is the card that was asked for
  std::optional<Turnable> turnable = std::nullopt;
  std::string error;  // for the log, when not recorded
};

// What the recorder needs to know of the host's own clock, passed in for tests.
struct HostTime {
  std::int64_t wall_ms = 0;
  protocol::ClockTrust trust = protocol::ClockTrust::unproven;
  std::uint64_t monotonic_ms = 0;  // since the daemon's start
  std::uint32_t boot = 0;          // number of that start

  events::TimeBlock time_block() const { return {wall_ms, trust, monotonic_ms, boot}; }
};

class Recorder {
 public:
  // Whether a person has a half-day to sign at a place where that can be done.
  using HasToSign = std::function<bool(store::Database&, const std::string& person,
                                       const SigningForms& place, const HostTime& now)>;

  // `card_key`: the site's key for card tokens. All references outlive the recorder. The functions
  // are called on the writer thread; without `has_to_sign` nobody comes to sign.
  Recorder(store::Writer& writer, const config::Config& config, const crypto::Key& card_key,
           std::function<HostTime()> now, HasToSign has_to_sign = {});
  ~Recorder();

  // Thread-safe. `done` runs on the writer thread after the commit (or its failure); false when the
  // writer's queue is full: then `done` is not called and the caller answers `not_recorded`.
  bool submit(TapReport report, std::function<void(const TapResult&)> done);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Attaches a card to a person (event card.attached), attributes its earlier taps to that person and
// draws the conclusions those taps call for, with their original times. Run as a writer job.
struct AttachRequest {
  std::array<std::uint8_t, 32> token{};
  std::string person;
  std::string actor;   // pseudonym of staff, or unix:<uid>
  std::string reason;  // as staff stated it
};
struct Attached {
  int earlier_taps = 0;
  std::string error;  // one sentence; nothing was changed then
};
Attached attach_card(store::Database& db, const config::Config& config,
                     const AttachRequest& request, const HostTime& now);

}  // namespace rollcall::attendance
