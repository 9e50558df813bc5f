// What is done with the card behind a live tap before the tap is recorded, at a terminal or at a
// reader of the host: an issued card is asked for its proof, a card that the desk waits for is
// issued. One conversation at a time; the next tap ends it, for then another card is at the reader.
// Taps keep their order.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "daemon/attendance/card_check.hpp"
#include "daemon/cards/card_issuing.hpp"
#include "daemon/cards/card_sign_ins.hpp"
#include "daemon/cards/card_visit.hpp"
#include "daemon/cards/site_cards.hpp"
#include "protocol/messages.hpp"

namespace rollcall::cards {

struct LiveTap {
  protocol::Tap tap;
  std::chrono::steady_clock::time_point arrived;
  bool alone = false;                               // nobody else tapped shortly before
  std::optional<std::string> asked = std::nullopt;  // who was asked for their own card then
};

// Reactor thread only.
class CardVisits {
 public:
  using Clock = std::chrono::steady_clock;

  // The reader answers each request once, though perhaps after its visit. More than so many
  // answers are not waited for.
  static constexpr std::size_t max_abandoned = 8;

  struct Hooks {
    std::function<void(const protocol::ApduRequest&)> send;
    // The tap is to be recorded, with what its card has shown.
    std::function<void(const LiveTap&, const attendance::CardProof&)> submit;
    // It will not be: whoever brought it keeps it.
    std::function<void(const LiveTap&)> leave;
  };
  // All outlive this.
  CardVisits(SiteCards& cards, CardIssuing& issuing, CardSignIns& sign_ins, Hooks hooks)
      : cards_(cards), issuing_(issuing), sign_ins_(sign_ins), hooks_(std::move(hooks)) {}

  // Each tap comes to exactly one of the hooks: at once, within CardVisit::of_tap.whole, or, of a
  // card that is issued, when that is over: nobody is shown green while the card is written.
  // `can_ask`: the reader exchanges APDUs. `serial`, `room`: of the terminal, or of the reader of
  // the host.
  void take(const LiveTap& tap, const std::string& serial, const std::string& room, bool can_ask);
  // False: nobody asked for it.
  bool on_response(const protocol::ApduResponse& response);
  bool on_wait(const protocol::ApduWait& wait);
  // The terminal has shown amber for this tap: it counts as one that could not be asked, or, of a
  // card that is being issued, for the desk.
  void gave_up(const protocol::StorageEpoch& epoch, std::uint64_t number);
  // No more is heard of the card: its tap counts as interrupted.
  void interrupt() { end_current(); }
  // The session ends: its tap is left to the terminal.
  void close();

  Clock::time_point next_deadline() const;
  void on_time();

 private:
  enum class Purpose : std::uint8_t {
    proof,  // of a tap
    issue,
    adopt,  // read what an earlier attempt has left, in place of issuing
  };
  struct Current {
    Purpose purpose = Purpose::proof;
    LiveTap tap;
    std::string serial;
    bool submitted = false;  // of an issue that outlasts the terminal's patience
    CardVisit visit;
  };

  void begin(Purpose purpose, const LiveTap& tap, const std::string& serial);
  void advance();
  void finish();
  void issue_over(Current over);
  void end_current();
  void abandon(const CardVisit& visit);
  void submit(Current& current, const attendance::CardProof& proof);
  attendance::CardProof conclude(const Current& over);

  SiteCards& cards_;
  CardIssuing& issuing_;
  CardSignIns& sign_ins_;
  Hooks hooks_;
  std::optional<Current> current_;
  std::uint32_t next_exchange_ = 1;
  std::vector<std::uint32_t> abandoned_;  // exchanges whose answers nobody waits for any more
};

}  // namespace rollcall::cards
