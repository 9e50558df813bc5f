// The way of a tap, from what the reader sees to what is shown.
#include <optional>
#include <utility>

#include "firmware/terminal/terminal.hpp"

namespace rollcall::firmware {

using namespace terminal_timing;

namespace {

struct Reading {
  protocol::ReadingKind kind = protocol::ReadingKind::uid;
  Bounded<protocol::max_reading> bytes;
};

// What is kept of a card. A bank card's number goes nowhere: in its place stands a random one, new
// each time, in the form of a phone's (ISO/IEC 14443-3 6.5.4).
Reading reading_of(const Sight& seen, hal::Entropy& entropy) {
  Reading reading;
  if (seen.what == Sight::What::bank_card) {
    std::uint8_t drawn[4] = {};
    entropy.fill(drawn);
    drawn[0] = 0x08;
    reading.kind = protocol::ReadingKind::uid_random;
    reading.bytes.assign(drawn);
    return reading;
  }
  if (seen.card.random_number()) reading.kind = protocol::ReadingKind::uid_random;
  reading.bytes.assign(seen.card.view());
  return reading;
}

}  // namespace

void Terminal::run_deadline() {
  if (waiting_ && now_ - waiting_->taken_at >= protocol::answer_deadline) give_up();
}

void Terminal::run_reader() {
  const hal::InField field = devices_.reader.poll();
  exchange_.hear(now_);
  const Sight seen = recognition_.look(field, now_);
  exchange_.begin(seen, recognition_.asking(), now_);
  if (watching_cards_) watch(seen);
  // Who comes while a tap waits is taken after it, also when the card is gone by then.
  if (!next_) next_ = debounce_.update(seen, now_);
  if (next_ && !waiting_) take(*std::exchange(next_, std::nullopt));
}

// What comes and goes is told as it is, without debouncing.
void Terminal::watch(const Sight& seen) {
  if (seen.same_card(watched_) || (!seen.is_card() && !watched_.is_card())) return;
  protocol::Card card;
  card.monotonic_ms = static_cast<std::uint64_t>(now_.count());
  if (watched_.is_card()) {
    cards_.push(card);
    watched_ = {};
  }
  if (!seen.is_card()) return;
  const Reading reading = reading_of(seen, devices_.entropy);
  card.present = true;
  card.kind = reading.kind;
  card.reading.assign(reading.bytes.view());
  if (cards_.push(card)) watched_ = seen;
}

void Terminal::take(const Sight& seen) {
  const bool several = seen.what == Sight::What::several;
  if (!several) live_wanted_ = 0;
  ++counters_.cards;
  answer_.reset();
  set_rest_light();
  const auto refuse = [&](Shown shown) {
    ++counters_.not_accepted;
    show(seen.card, nullptr, shown, now_);
  };
  if (!recovered_) return refuse(Shown::not_accepted);
  if (!in_service()) {
    prepare_due_ = true;  // a queue that could not go to its site tries again
    return refuse(Shown::out_of_service);
  }
  if (several) return refuse(Shown::one_card);
  const Reading reading = reading_of(seen, devices_.entropy);
  const SiteClock::Reading time = clock_.now();
  TapFacts facts;
  facts.monotonic_ms = static_cast<std::uint64_t>(now_.count());
  facts.wall_ms = time.wall_ms;
  facts.trust = time.trust;
  facts.kind = reading.kind;
  facts.reading = reading.bytes.view();
  const auto tap = queue_.append(facts);
  prepare_due_ = true;
  if (!tap) {
    if (tap.error() == QueueError::storage) ++counters_.storage_errors;
    if (not_accepted_logged_ != tap.error()) {
      log(Event::not_accepted, static_cast<std::uint32_t>(tap.error()),
          static_cast<std::uint32_t>(queue_.waiting()));
    }
    not_accepted_logged_ = tap.error();
    return refuse(Shown::not_accepted);
  }
  ++counters_.taps;
  not_accepted_logged_.reset();
  if (observer_) observer_->on_taken(seen.card, *tap);
  if (welcomed_) {
    waiting_ = Waiting{seen.card, *tap, queue_.next_index() - 1, now_, false};
  } else {
    show(seen.card, &*tap, Shown::recorded_offline, now_);
  }
}

// The person has waited long enough, or the host is gone: the tap is safe in the queue.
void Terminal::give_up() {
  const Waiting waiting = *waiting_;
  waiting_.reset();
  ++counters_.gave_up;
  // A tap that never left needs no word to the host.
  if (welcomed_ && waiting.sent) gave_up_.push({waiting.tap.epoch, waiting.tap.number});
  show(waiting.card, &waiting.tap, Shown::recorded_offline, waiting.taken_at);
}

void Terminal::show(const hal::Card& card, const protocol::Tap* tap, Shown shown, Millis taken_at) {
  show_outcome(shown, now_ + answer_shown);
  if (observer_) observer_->on_shown(card, tap, shown, devices_.clock.monotonic() - taken_at);
}

}  // namespace rollcall::firmware
