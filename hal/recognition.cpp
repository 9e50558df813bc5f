#include "hal/recognition.hpp"

#include <algorithm>

namespace rollcall::hal {

using What = Sight::What;

namespace {

bool runs(Exchange state) {
  return state == Exchange::running || state == Exchange::extended;
}

// A copy has the number of another card, and may be of another kind.
bool is_known(const Card& now, const Card& before) {
  const auto answer = [](const Card& card) { return Bytes(card.ats).first(card.ats_size); };
  return now == before && now.sak == before.sak && std::ranges::equal(answer(now), answer(before));
}

}  // namespace

bool is_payment_directory(Bytes response) {
  const std::size_t size = response.size();
  return size >= 2 && response[size - 2] == 0x90 && response[size - 1] == 0x00;
}

Sight Recognition::look(const InField& field, Millis now) {
  if (asked_) hear(now);
  if (asked_) return {};
  if (field.count == InField::Count::none) return {};
  if (field.count == InField::Count::several) return {What::several, {}};
  if (known_.is_card() && is_known(field.card, known_.card)) return known_;
  const bool ask = may_be_bank_card(field.card);
  if (ask && runs(reader_.exchange())) return {};  // the host's, to be over in a moment
  if (ask && reader_.begin_exchange(select_payment_directory)) {
    asked_ = field.card;
    asked_until_ = now + bank_answer;
    return {};
  }
  known_ = {What::card, field.card};
  return known_;
}

void Recognition::hear(Millis now) {
  const Exchange state = reader_.exchange();
  if (runs(state) && now < asked_until_) return;
  const bool bank = state == Exchange::done && is_payment_directory(reader_.response());
  if (runs(state)) reader_.cancel_exchange();
  // One that has gone is asked again when it comes back.
  if (state != Exchange::card_gone) {
    known_ = {bank ? What::bank_card : What::card, *asked_};
  }
  asked_.reset();
}

}  // namespace rollcall::hal
