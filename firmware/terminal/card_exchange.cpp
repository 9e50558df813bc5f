#include "firmware/terminal/card_exchange.hpp"

#include <algorithm>

namespace rollcall::firmware {

using hal::Exchange;
using protocol::ApduStatus;

static_assert(hal::max_apdu >= protocol::max_apdu);

bool CardExchange::request(const protocol::ApduRequest& request, Millis now) {
  if (!reader_.exchanges()) return refusals_.push({request.exchange, ApduStatus::unsupported});
  if (stage_ != Stage::idle) return refusals_.push({request.exchange, ApduStatus::busy});
  request_ = request;
  deadline_ = now + Millis(request.deadline_ms);
  extensions_ = 0;
  stage_ = Stage::requested;
  return true;
}

void CardExchange::begin(const Sight& sight, bool asking, Millis now) {
  if (stage_ != Stage::requested) return;
  if (now >= deadline_) return answer(ApduStatus::timed_out);
  if (asking) return;  // what it is will be known in a moment
  if (!sight.is_card()) return answer(ApduStatus::no_card);
  // Nobody talks to a bank card.
  const bool talks = sight.what == Sight::What::card && sight.card.speaks_iso_dep();
  if (!talks || request_.command.size == 0) return answer(ApduStatus::unsupported);
  if (reader_.begin_exchange(request_.command.view())) stage_ = Stage::running;
}

void CardExchange::hear(Millis now) {
  if (stage_ != Stage::running) return;
  switch (const Exchange state = reader_.exchange()) {
    case Exchange::done: {
      const hal::Bytes data = reader_.response();
      if (data.size() > protocol::max_apdu) return answer(ApduStatus::failed);
      return answer(ApduStatus::ok, data);
    }
    case Exchange::card_gone:
      return answer(ApduStatus::card_gone);
    case Exchange::timed_out:
      return answer(ApduStatus::timed_out);
    case Exchange::none:
    case Exchange::failed:
      return answer(ApduStatus::failed);
    case Exchange::running:
    case Exchange::extended:
      if (state == Exchange::extended && extensions_ < exchange_extensions &&
          now >= deadline_ - extension_notice) {
        ++extensions_;
        deadline_ += exchange_extension;
        wait_due_ = true;
      }
      if (now < deadline_) return;
      reader_.cancel_exchange();
      return answer(ApduStatus::timed_out);
  }
}

void CardExchange::answer(ApduStatus status, Bytes data) {
  response_ = {request_.exchange, status, {}};
  response_.data.assign(data);
  stage_ = Stage::answered;
  wait_due_ = false;
}

void CardExchange::cancel() {
  if (stage_ == Stage::running) reader_.cancel_exchange();
  stage_ = Stage::idle;
  wait_due_ = false;
  refusals_.clear();
}

Millis CardExchange::next_deadline(Millis now) const {
  if (stage_ != Stage::requested && stage_ != Stage::running) return Millis::max();
  const Millis notice = deadline_ - extension_notice;
  return now < notice ? notice : deadline_;
}

protocol::ApduWait CardExchange::wait() const {
  return {request_.exchange, static_cast<std::uint16_t>(exchange_extension.count())};
}

protocol::ApduResponse CardExchange::response() const {
  if (stage_ == Stage::answered) return response_;
  return {refusals_.front().exchange, refusals_.front().status, {}};
}

void CardExchange::response_told() {
  if (stage_ == Stage::answered) {
    stage_ = Stage::idle;
  } else {
    refusals_.pop();
  }
}

}  // namespace rollcall::firmware
