#include "daemon/cards/card_visits.hpp"

#include <algorithm>
#include <utility>

namespace rollcall::cards {

using attendance::CardProof;
using attendance::CardState;
using credentials::CardError;

void CardVisits::take(const LiveTap& tap, const std::string& serial, const std::string& room,
                      bool can_ask) {
  end_current();
  const Bytes uid = tap.tap.reading.view();
  const bool own_number = is_own_number(tap.tap.kind, uid.size());
  const auto state = own_number ? cards_.state_of(uid) : std::nullopt;
  if (can_ask && issuing_.expects(serial)) {
    if (own_number && state != CardState::issued) {
      issuing_.begun(tap.tap.reading, room);
      return begin(Purpose::issue, tap, serial);
    }
    // Of somebody's own card the tap is theirs.
    issuing_.ended(std::unexpected(own_number ? CardError::taken : CardError::no_application));
  }
  if (state && can_ask) return begin(Purpose::proof, tap, serial);
  hooks_.submit(tap, {});
}

void CardVisits::begin(Purpose purpose, const LiveTap& tap, const std::string& serial) {
  const Bytes uid = tap.tap.reading.view();
  const bool issue = purpose == Purpose::issue;
  current_.emplace(Current{
      .purpose = purpose,
      .tap = tap,
      .serial = serial,
      .submitted = false,
      .visit = CardVisit(issue ? cards_.issuing(uid) : cards_.reading(uid),
                         purpose == Purpose::proof ? CardVisit::of_tap : CardVisit::of_issue,
                         Clock::now())});
  advance();
}

void CardVisits::advance() {
  if (!current_) return;
  if (current_->visit.result()) return finish();
  const auto request = current_->visit.request(next_exchange_, Clock::now());
  if (!request) return;
  ++next_exchange_;
  hooks_.send(*request);  // may end the session, and with it the visit
}

bool CardVisits::on_response(const protocol::ApduResponse& response) {
  if (current_ && current_->visit.awaited() == response.exchange) {
    current_->visit.on_response(response, Clock::now());
    advance();
    return true;
  }
  return std::erase(abandoned_, response.exchange) > 0;
}

bool CardVisits::on_wait(const protocol::ApduWait& wait) {
  if (current_ && current_->visit.awaited() == wait.exchange) {
    current_->visit.on_wait(wait);
    return true;
  }
  return std::ranges::find(abandoned_, wait.exchange) != abandoned_.end();
}

void CardVisits::on_time() {
  if (!current_) return;
  current_->visit.check(Clock::now());
  advance();
}

CardVisits::Clock::time_point CardVisits::next_deadline() const {
  return current_ ? current_->visit.next_deadline() : Clock::time_point::max();
}

// Before anything else is begun: hooks may come back here.
void CardVisits::finish() {
  Current over = std::move(*current_);
  current_.reset();
  abandon(over.visit);
  if (over.purpose != Purpose::proof) return issue_over(std::move(over));
  submit(over, conclude(over));
}

void CardVisits::issue_over(Current over) {
  const credentials::TokenOrError result = *over.visit.result();
  if (over.purpose == Purpose::issue && !result && result.error() == CardError::taken) {
    // Perhaps an earlier attempt got as far as the card and no further.
    begin(Purpose::adopt, over.tap, over.serial);
    if (current_) current_->submitted = over.submitted;
    return;
  }
  const bool other_site =
      over.purpose == Purpose::adopt && !result && result.error() != CardError::card_gone;
  submit(over, {.kind = result ? CardProof::Kind::issued_now : CardProof::Kind::not_issued});
  issuing_.ended(other_site ? std::unexpected(CardError::taken) : result);
}

void CardVisits::end_current() {
  if (!current_) return;
  current_->visit.end();
  finish();
}

void CardVisits::abandon(const CardVisit& visit) {
  const auto exchange = visit.awaited();
  if (!exchange) return;
  if (abandoned_.size() >= max_abandoned) abandoned_.erase(abandoned_.begin());
  abandoned_.push_back(*exchange);
}

void CardVisits::gave_up(const protocol::StorageEpoch& epoch, std::uint64_t number) {
  if (!current_ || current_->tap.tap.epoch != epoch || current_->tap.tap.number != number) return;
  // The desk's conversation goes on.
  if (current_->purpose != Purpose::proof)
    return submit(*current_, {.kind = CardProof::Kind::issued_now});
  Current over = std::move(*current_);
  current_.reset();
  abandon(over.visit);
  submit(over, {});
}

void CardVisits::close() {
  if (!current_) return;
  const Current over = std::move(*current_);
  current_.reset();
  abandon(over.visit);
  if (!over.submitted) hooks_.leave(over.tap);
  if (over.purpose != Purpose::proof) issuing_.ended(std::unexpected(CardError::card_gone));
}

void CardVisits::submit(Current& current, const CardProof& proof) {
  if (!std::exchange(current.submitted, true)) hooks_.submit(current.tap, proof);
}

// Of the card of somebody who signs in with it, that is what its tap was for.
CardProof CardVisits::conclude(const Current& over) {
  const credentials::TokenOrError& result = *over.visit.result();
  if (!result) {
    const bool gone = result.error() == CardError::card_gone;
    return {.kind = gone ? CardProof::Kind::interrupted : CardProof::Kind::not_authentic};
  }
  const attendance::CardToken token = cards_.known_by(*result);
  const auto holder = cards_.holder_of(token);
  const bool signs_in = holder && sign_ins_.shown(over.serial, *holder, Clock::now());
  return {.kind = signs_in ? CardProof::Kind::signs_in : CardProof::Kind::proven, .token = token};
}

}  // namespace rollcall::cards
