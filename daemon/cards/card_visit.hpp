// One conversation with the card at a reader, in the messages of APDU pass-through
// (docs/protocol.md, Cards that talk), wherever the reader is. Pure: messages and time come in,
// messages go out.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include "daemon/credentials/conversation.hpp"
#include "protocol/messages.hpp"

namespace rollcall::cards {

class CardVisit {
 public:
  using Clock = std::chrono::steady_clock;
  using Millis = std::chrono::milliseconds;

  struct Limits {
    Millis whole;     // for all of it, whatever the card asks for
    Millis exchange;  // for one exchange, as the terminal is told; `apdu_wait` extends it
  };
  // A person who waits at the reader. What is left of protocol::answer_deadline is for the way to
  // the terminal and for the commit.
  static constexpr Limits of_tap{Millis{1000}, Millis{500}};
  // Somebody at the desk holds the card for as long as it takes.
  static constexpr Limits of_issue{Millis{8000}, Millis{1500}};
  // On the way to the terminal and back, beyond what the terminal was given.
  static constexpr Millis margin{150};
  // After `busy`: the terminal has not told of an earlier exchange's end yet.
  static constexpr Millis busy_pause{20};

  CardVisit(std::unique_ptr<credentials::Conversation> conversation, Limits limits,
            Clock::time_point begun)
      : conversation_(std::move(conversation)), limits_(limits), end_by_(begun + limits.whole) {}

  // What is to be sent now; `number` was never used before in the session. Nothing while an answer
  // is awaited.
  std::optional<protocol::ApduRequest> request(std::uint32_t number, Clock::time_point now);
  // The exchange whose answer is awaited.
  std::optional<std::uint32_t> awaited() const { return awaited_; }
  // Of the awaited exchange.
  void on_response(const protocol::ApduResponse& response, Clock::time_point now);
  void on_wait(const protocol::ApduWait& wait);
  // Ends it when its time is up.
  void check(Clock::time_point now);
  Clock::time_point next_deadline() const;
  // The card is gone, whatever the reader says.
  void end() { end(credentials::CardError::card_gone); }

  // Nothing until it is over; the exchange that was awaited then may still be answered.
  const std::optional<credentials::TokenOrError>& result() const { return result_; }

 private:
  void end(credentials::CardError error);
  void conclude();

  std::unique_ptr<credentials::Conversation> conversation_;
  Limits limits_;
  Clock::time_point end_by_;
  Clock::time_point answer_by_{};  // of the awaited exchange
  Clock::time_point not_before_{};
  std::optional<std::uint32_t> awaited_;
  std::optional<credentials::TokenOrError> result_;
};

}  // namespace rollcall::cards
