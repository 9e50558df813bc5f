// What follows the answer to a tap, at the page: one flow after the other, until somebody else
// taps.
#include <utility>

#include <boost/asio/co_spawn.hpp>

#include "daemon/assessments/record.hpp"
#include "daemon/attendance/local_time.hpp"
#include "daemon/log/log.hpp"
#include "daemon/stations/page_kiosk.hpp"

namespace rollcall::stations {

namespace asio = boost::asio;
using protocol::Outcome;

// Nobody waits behind the person.
bool Station::may_be_asked(bool alone, const attendance::TapResult& result) const {
  return result.outcome == Outcome::arrived && alone && in_flight_.empty() &&
         result.person.has_value() && services_.assessments.size() > 0;
}

// Only while a page is open to answer at. Whether the answer can be turned round at it.
bool Station::follow(const protocol::Tap& tap, bool alone, const attendance::TapResult& result) {
  if (result.resend || result.conflict || stopping_ || stream_->clients() == 0) return false;
  const bool asked = may_be_asked(alone, result);
  if (!asked && !result.turnable && !may_sign(tap, result)) return false;
  ++flows_;
  asio::co_spawn(
      reactor_,
      [self = shared_from_this(), tap, result, asked] {
        return self->after_answer(tap, result, asked);
      },
      [self = shared_from_this()](const std::exception_ptr& failure) {
        if (failure) logging::error("what followed a tap ended in an unexpected fault");
        --self->flows_;
        self->idle_.notify();
      });
  return result.turnable.has_value();
}

asio::awaitable<void> Station::after_answer(protocol::Tap tap, attendance::TapResult result,
                                            bool may_be_asked) {
  // What followed the tap before is on its way out.
  const auto newest = [this, &tap] { return tap.number + 1 == next_number_; };
  while (kiosk_ != nullptr && newest()) co_await flow_over_.wait();
  if (!newest() || stopping_) co_return;

  PageKiosk kiosk(*this);
  struct InUse {
    Station& station;
    InUse(Station& of, PageKiosk& by) : station(of) { station.kiosk_ = &by; }
    ~InUse() {
      station.kiosk_ = nullptr;
      station.flow_page_.reset();
      station.refresh();
      station.flow_over_.notify();
    }
  } const in_use(*this, kiosk);

  // Who has something to sign is asked for that at once: at the end of a half-day a line waits.
  auto signing = flows::SigningEnd::nothing_to_sign;
  if (may_sign(tap, result)) signing = co_await offer_signing(kiosk, tap, result);
  const bool goes_on = signing == flows::SigningEnd::nothing_to_sign;
  auto said = flows::OtherWay::stands;
  if (!goes_on && signing != flows::SigningEnd::all_signed) said = flows::OtherWay::interrupted;
  if (goes_on && result.turnable) said = co_await offer_other_way(kiosk, tap, result);
  if (said == flows::OtherWay::stands && may_be_asked)
    co_await offer_assessment(kiosk, tap, result);
  co_await kiosk.finish();
}

screens::Moved Station::moved_of(const attendance::TapResult& result) const {
  const attendance::TimeZone zone(services_.config.site.timezone);
  return {.language = languages(spoken_to(result)).front(),
          .arrived = result.turnable->direction == attendance::Direction::in,
          .time = attendance::clock_of(zone, result.turnable->time_ms)};
}

attendance::TurnRequest Station::turn_of(const protocol::Tap& tap,
                                         const attendance::TapResult& result) const {
  using attendance::Direction;
  const bool arrived = result.turnable->direction == Direction::in;
  return {.tap = {id(), tap.epoch, tap.number},
          .to = arrived ? Direction::out : Direction::in,
          .answered_ms = result.turnable->answered_ms};
}

asio::awaitable<flows::OtherWay> Station::offer_other_way(PageKiosk& kiosk,
                                                          const protocol::Tap& tap,
                                                          const attendance::TapResult& result) {
  attendance::WriterTurn turn(services_.writer, services_.config, turn_of(tap, result),
                              services_.now);
  screens::Moved moved = moved_of(result);
  co_return co_await flows::offer_other_way(kiosk, turn, std::move(moved),
                                            services_.pace.other_way);
}

asio::awaitable<void> Station::offer_assessment(PageKiosk& kiosk, const protocol::Tap& tap,
                                                const attendance::TapResult& result) {
  std::string today =
      attendance::TimeZone(services_.config.site.timezone).at(services_.now().wall_ms).day;
  std::optional<assessments::Due> due =
      co_await services_.assessments.due(services_.readers, *result.person, today);
  if (!due) co_return;
  const assessments::Occasion occasion{
      .organisation = services_.config.site.organisation,
      .site = services_.config.site.id,
      .room = reader_.room,
      .tap = {id(), tap.epoch, tap.number},
      .reading = tap.kind,
      .assurance = std::string(attendance::assurance_text(result.card.assurance, true)),
      .language = languages(spoken_to(result)).front(),
      .due = std::move(*due),
  };
  assessments::WriterRecord record(services_.writer, occasion,
                                   [this] { return services_.now().time_block(); });
  flows::Pace pace = services_.pace;
  if (result.turnable) pace.settle = {};  // the answer was up long enough
  co_await flows::offer_assessment(kiosk, record, *occasion.due.instrument, occasion.language,
                                   pace);
}

}  // namespace rollcall::stations
