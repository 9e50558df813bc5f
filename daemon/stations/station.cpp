#include "daemon/stations/station.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>

#include "daemon/events/event.hpp"
#include "daemon/log/log.hpp"
#include "daemon/metrics/metrics.hpp"
#include "daemon/screens/texts.hpp"
#include "daemon/stations/page_kiosk.hpp"
#include "hal/host/system.hpp"

namespace rollcall::stations {
namespace {

namespace asio = boost::asio;
using flows::Interruption;
using hal::Sight;
using protocol::Outcome;

protocol::StorageEpoch random_epoch() {
  protocol::StorageEpoch epoch{};
  hal::host::SystemEntropy().fill(epoch);
  return epoch;
}

std::vector<std::string> known_languages(const std::vector<std::string>& wanted) {
  std::vector<std::string> known;
  for (const std::string& language : wanted)
    if (screens::has_language(language)) known.push_back(language);
  if (known.empty()) known.push_back(screens::languages().front());
  return known;
}

}  // namespace

// What is kept of a card or code, as terminals keep it.
struct Station::Reading {
  protocol::ReadingKind kind = protocol::ReadingKind::uid;
  std::vector<std::uint8_t> bytes;
  bool talks = false;  // a card that exchanges APDUs

  // In place of a bank card's number stands a random one, new each time, in the form of a phone's
  // (ISO/IEC 14443-3 6.5.4).
  static Reading of(const Sight& seen) {
    if (seen.what == Sight::What::bank_card) {
      std::vector<std::uint8_t> drawn(4);
      hal::host::SystemEntropy().fill(drawn);
      drawn[0] = 0x08;
      return {protocol::ReadingKind::uid_random, std::move(drawn)};
    }
    const hal::Bytes number = seen.card.view();
    return {
        seen.card.random_number() ? protocol::ReadingKind::uid_random : protocol::ReadingKind::uid,
        {number.begin(), number.end()},
        seen.card.speaks_iso_dep()};
  }
  static Reading of(const readers::LineReading& line) {
    using What = readers::LineReading::What;
    switch (line.what) {
      case What::card:
        return {protocol::ReadingKind::uid, line.bytes};
      case What::random_card:
        return {protocol::ReadingKind::uid_random, line.bytes};
      case What::code:
        break;
    }
    return {protocol::ReadingKind::code, line.bytes};
  }
};

struct Station::InFlight {
  explicit InFlight(const asio::any_io_executor& reactor) : deadline(reactor) {}

  protocol::Tap tap;
  Clock::time_point taken = Clock::now();
  bool alone = false;                // nobody else is in line
  std::optional<std::string> asked;  // who was asked for their own card then
  bool gave_up = false;              // at the deadline: a late answer changes nothing that is shown
  asio::steady_timer deadline;
};

Station::Station(const asio::any_io_executor& reactor, const Services& services,
                 const config::Reader& reader, std::function<void()> changed)
    : reactor_(reactor),
      services_(services),
      reader_(reader),
      changed_(std::move(changed)),
      languages_(known_languages(services.config.site.languages)),
      epoch_(random_epoch()),
      visits_(services.cards, services.issuing, services.sign_ins, card_hooks()),
      visit_over_(reactor),
      run_(events::hex(hal::Bytes(epoch_).first(4))),
      answer_over_(reactor),
      language_over_(reactor),
      typing_over_(reactor),
      flow_over_(reactor),
      idle_(reactor) {
  refresh();
}

// The reader -------------------------------------------------------------------------------------

void Station::state(bool working, const std::string& what) {
  if (working_ || working) last_worked_ms_ = services_.now().wall_ms;
  working_ = working;
  what_ = what;
  if (working) {
    logging::info("reader is ready", {{"reader", id()}, {"room", reader_.room}, {"device", what}});
  } else {
    logging::warning("reader is away; nobody can tap there",
                     {{"reader", id()}, {"room", reader_.room}, {"why", what}});
  }
  refresh();
  changed_();
}

void Station::seen(const Sight& sight) {
  const auto now =
      std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now().time_since_epoch());
  const auto fresh = debounce_.update(sight, now);
  if (!fresh || stopping_) return;
  if (fresh->what == Sight::What::several) return show_answer(one_card(languages(language_)));
  take(Reading::of(*fresh));
}

void Station::read(const std::expected<readers::LineReading, std::string>& line) {
  if (stopping_) return;
  if (!line) {
    static logging::Limited log(1, std::chrono::seconds{1});
    log.warning("reader printed a line that is none of its format; nothing was recorded",
                {{"reader", id()}, {"format", reader_.format}, {"why", line.error()}});
    return show_answer(answer(Outcome::not_recorded, languages(language_)));
  }
  const auto now = Clock::now();
  const bool still_here = *line == last_line_ && now - last_line_at_ < line_away;
  last_line_ = *line;
  last_line_at_ = now;
  if (!still_here) take(Reading::of(*line));
}

void Station::take(const Reading& reading) {
  typing_ = false;
  const auto tap = std::make_shared<InFlight>(reactor_);
  tap->asked = asked_for_card();
  const attendance::HostTime now = services_.now();
  tap->tap.epoch = epoch_;
  tap->tap.number = next_number_++;
  tap->tap.boot = now.boot;
  tap->tap.monotonic_ms = now.monotonic_ms;
  tap->tap.wall_ms = now.wall_ms;
  tap->tap.trust = now.trust;
  tap->tap.kind = reading.kind;
  tap->tap.reading.assign(reading.bytes);
  tap->alone = in_flight_.empty() && tap->taken - last_tap_ >= line_gap;
  last_tap_ = tap->taken;
  ++taps_;
  in_flight_.emplace(tap->tap.number, tap);
  tap->deadline.expires_after(protocol::answer_deadline);
  tap->deadline.async_wait([self = shared_from_this(), tap](boost::system::error_code error) {
    if (error) return;
    tap->gave_up = true;
    if (tap->asked && self->kiosk_ != nullptr)
      self->kiosk_->waiting.interrupt(Interruption::another_person);
    self->show_answer(answer(Outcome::not_recorded, self->languages(self->language_)));
  });
  talks_ = reading.talks;
  visits_.take({tap->tap, tap->taken, tap->alone, tap->asked}, id(), reader_.room,
               reader_of_cards_ != nullptr);
  keep_time();
}

void Station::answered(std::uint64_t number, const attendance::TapResult& result) {
  const std::shared_ptr<InFlight> tap = std::move(in_flight_.extract(number).mapped());
  tap->deadline.cancel();
  if (result.outcome == Outcome::not_recorded) {
    static logging::Limited log(1, std::chrono::seconds{1});
    log.warning("tap not recorded; the person was asked to see the desk",
                {{"reader", id()}, {"number", tap->tap.number}, {"why", result.error}});
  }
  metrics::observe(metrics::Histogram::tap_answer, Clock::now() - tap->taken);
  if (tap->gave_up) {
    metrics::add(metrics::Counter::late_answers);
  } else {
    if (tap->asked) heard_of_card(tap->tap, tap->taken, result);
    const bool turnable = follow(tap->tap, tap->alone, result);
    show_answer(turnable ? page_of(moved_of(result))
                         : answer(result.outcome, languages(spoken_to(result))));
  }
  changed_();
  idle_.notify();
}

// The page ---------------------------------------------------------------------------------------

void Station::show_answer(Page page) {
  answer_ = std::move(page);
  answer_over_.expires_after(services_.answer_shown);
  answer_over_.async_wait([self = shared_from_this()](boost::system::error_code error) {
    if (error) return;
    self->answer_.reset();
    self->refresh();
  });
  refresh();
  keep_language();
}

void Station::refresh() {
  Page now = answer_ ? *answer_ : flow_page_ ? *flow_page_ : page_at_rest();
  const std::string next = run_ + "-" + std::to_string(screens_ + 1);
  // The same page under another name is no news, unless it is an answer: each tap has its own.
  if (screens_ > 0 && !answer_ && to_json(now, next) == to_json(shown_, next)) return;
  ++screens_;
  screen_ = next;
  shown_ = std::move(now);
  publish();
}

void Station::publish() {
  stream_->publish(to_json(shown_, screen_));
}

Page Station::page_at_rest() const {
  if (typing_) return type_code(languages(language_));
  const bool scanner = readers::line_format_from(reader_.format) == readers::LineFormat::code;
  return working_ ? at_rest(languages(language_), scanner ? Takes::codes : Takes::cards)
                  : out_of_order(languages(language_));
}

std::vector<std::string> Station::languages(const std::string& first) const {
  std::vector<std::string> all = languages_;
  const auto found = std::ranges::find(all, first);
  if (found != all.end()) std::rotate(all.begin(), found, found + 1);
  return all;
}

Station::Chosen Station::choose(const std::string& screen, const std::string& choice) {
  if (screen != screen_ || stopping_) return Chosen::stale;
  if (!shown_.offers(choice)) return Chosen::not_offered;
  if (choice.starts_with(language_choice)) {
    language_ = choice.substr(language_choice.size());
    refresh();
  } else if (shown_.code_digits > 0) {
    if (!typing_) return Chosen::stale;  // one was sent from here and is not answered yet
    typed(choice);
  } else if (choice == have_code && !flow_page_) {
    ask_for_code();
  } else if (kiosk_ != nullptr && kiosk_->waiting.wants_choice()) {
    kiosk_->waiting.choose(choice);
  } else {
    return Chosen::stale;  // nobody waits for it, not yet or no more
  }
  keep_language();
  return Chosen::taken;
}

// Whoever types is another person than the one who is asked something.
void Station::ask_for_code() {
  if (kiosk_ != nullptr) kiosk_->waiting.interrupt(Interruption::another_person);
  typing_ = true;
  typing_over_.expires_after(services_.code_patience);
  typing_over_.async_wait([self = shared_from_this()](boost::system::error_code error) {
    if (error) return;
    self->typing_ = false;
    self->refresh();
  });
  refresh();
}

// The keys stay until the answer takes their place.
void Station::typed(const std::string& choice) {
  typing_ = false;
  typing_over_.cancel();
  if (choice == no_code) return refresh();
  const std::string digits = choice.substr(code_choice.size());
  take({protocol::ReadingKind::code, {digits.begin(), digits.end()}});
}

// It is the choice of one person: whoever comes later begins anew.
void Station::keep_language() {
  if (language_.empty()) return;
  language_over_.expires_after(services_.language_kept);
  language_over_.async_wait([self = shared_from_this()](boost::system::error_code error) {
    if (error) return;
    if (self->flow_page_ || self->typing_) return self->keep_language();
    self->language_.clear();
    self->refresh();
  });
}

// ------------------------------------------------------------------------------------------------

StationStatus Station::status() const {
  return {.id = id(),
          .room = reader_.room,
          .mode = reader_.mode,
          .working = working_,
          .reader = what_,
          .last_seen_ms = working_ ? services_.now().wall_ms : last_worked_ms_,
          .taps = taps_};
}

asio::awaitable<void> Station::stop() {
  stopping_ = true;
  if (kiosk_ != nullptr) kiosk_->waiting.interrupt(Interruption::shutdown);
  visits_.interrupt();
  while (!in_flight_.empty() || flows_ > 0 || exchanging_) co_await idle_.wait();
  visit_over_.cancel();
  answer_over_.cancel();
  language_over_.cancel();
  typing_over_.cancel();
}

}  // namespace rollcall::stations
