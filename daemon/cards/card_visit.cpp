#include "daemon/cards/card_visit.hpp"

#include <algorithm>

namespace rollcall::cards {

using credentials::CardError;
using protocol::ApduStatus;

std::optional<protocol::ApduRequest> CardVisit::request(std::uint32_t number,
                                                        Clock::time_point now) {
  if (result_ || awaited_ || now < not_before_) return std::nullopt;
  protocol::ApduRequest request;
  request.exchange = number;
  const auto left = std::chrono::duration_cast<Millis>(end_by_ - now);
  const Millis given = std::clamp(left, Millis{1}, limits_.exchange);
  request.deadline_ms = static_cast<std::uint16_t>(given.count());
  request.command.assign(conversation_->command());
  awaited_ = number;
  answer_by_ = now + given + margin;
  return request;
}

void CardVisit::on_response(const protocol::ApduResponse& response, Clock::time_point now) {
  if (result_) return;
  awaited_.reset();
  switch (response.status) {
    case ApduStatus::ok:
      conversation_->on_response(response.data.view());
      return conclude();
    case ApduStatus::busy:
      not_before_ = now + busy_pause;
      return;
    case ApduStatus::unsupported:  // a card of another kind: it has no key
      return end(CardError::no_application);
    case ApduStatus::no_card:
    case ApduStatus::card_gone:
    case ApduStatus::timed_out:
    case ApduStatus::failed:
      break;
  }
  end(CardError::card_gone);
}

void CardVisit::on_wait(const protocol::ApduWait& wait) {
  if (awaited_) answer_by_ += Millis(wait.more_ms);
}

void CardVisit::check(Clock::time_point now) {
  if (now >= end_by_ || (awaited_ && now >= answer_by_)) end();
}

CardVisit::Clock::time_point CardVisit::next_deadline() const {
  if (result_) return Clock::time_point::max();
  return std::min(end_by_, awaited_ ? answer_by_ : not_before_);
}

void CardVisit::conclude() {
  if (conversation_->result()) result_ = conversation_->result();
}

// The conversation forgets its secrets, whatever it ends with.
void CardVisit::end(CardError error) {
  if (result_) return;
  conversation_->on_card_gone();
  result_ = std::unexpected(error);
}

}  // namespace rollcall::cards
