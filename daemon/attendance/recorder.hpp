// Takes taps: finds out who it is, decides the direction, commits, and only then answers. The
// decision runs on the writer thread, inside the transaction.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/config/config.hpp"
#include "daemon/store/writer.hpp"
#include "protocol/crypto/crypto.hpp"
#include "protocol/messages.hpp"

namespace rollcall::attendance {

struct TapReport {
  std::string serial;
  protocol::Tap tap;
  bool live = false;  // false: from the terminal's queue
};

struct TapResult {
  protocol::Outcome outcome = protocol::Outcome::not_recorded;
  bool resend = false;    // this identity was taken before; `outcome` is the stored answer
  bool conflict = false;  // same identity, other content: the terminal must open a new epoch
  std::optional<std::string> person;   // pseudonym, when the card is known
  std::string language;                // of that person, "" = the site's
  std::string error;                   // for the log, when not recorded
};

// What the recorder needs to know of the host's own clock, passed in for tests.
struct HostTime {
  std::int64_t wall_ms = 0;
  protocol::ClockTrust trust = protocol::ClockTrust::unproven;
};

class Recorder {
 public:
  // `card_key`: the site's key for card tokens. All references outlive the recorder.
  Recorder(store::Writer& writer, const config::Config& config, const crypto::Key& card_key,
           std::function<HostTime()> now);
  ~Recorder();

  // Thread-safe. `done` runs on the writer thread after the commit (or its failure); false when the
  // writer's queue is full: then `done` is not called and the caller answers `not_recorded`.
  bool submit(TapReport report, std::function<void(const TapResult&)> done);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The site's pseudonymous token of a card: HMAC-SHA-256(card key, kind | reading).
std::array<std::uint8_t, 32> card_token(const crypto::Key& card_key, protocol::ReadingKind kind, Bytes reading);

// Attaches a card to a person (event card.attached) and attributes its earlier taps. Run as a writer
// job by the caller. Returns how many earlier taps were attributed, or a sentence why not.
struct Attached {
  int earlier_taps = 0;
  std::string error;
};
Attached attach_card(store::Database& db, const config::Config& config, std::span<const std::uint8_t> token,
                     const std::string& person, const std::string& actor, const std::string& reason,
                     const HostTime& now);

}  // namespace rollcall::attendance
