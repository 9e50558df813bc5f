// What follows the answer to a tap, at the panel: one flow after the other, until somebody else
// taps.
#include <utility>

#include "daemon/attendance/local_time.hpp"
#include "daemon/flows/offer_assessment.hpp"
#include "daemon/terminals/session.hpp"

namespace rollcall::terminals {

namespace asio = boost::asio;
using flows::Interruption;

// On a small panel by a key, else by a finger.
bool Session::may_turn_round(const attendance::TapResult& result) const {
  return result.turnable &&
         (has_panel() || (screens::drawable(panel_size()) && screens::is_small(panel_size())));
}

// Nobody waits behind the person.
bool Session::may_be_asked(const cards::LiveTap& live, const attendance::TapResult& result) const {
  return result.outcome == protocol::Outcome::arrived && has_panel() && live.alone &&
         live_in_flight_ == 0 && result.person.has_value() && services_.assessments.size() > 0;
}

void Session::follow(const cards::LiveTap& live, const attendance::TapResult& result) {
  const bool in_time = Clock::now() - live.arrived < protocol::answer_deadline &&
                       !gave_up({live.tap.epoch, live.tap.number});
  if (result.resend || result.conflict || !in_time || finish_by_) return;
  const bool asked = may_be_asked(live, result);
  if (asked || may_turn_round(result) || may_sign(result))
    spawn(after_answer(live.tap, result, asked));
}

asio::awaitable<void> Session::after_answer(protocol::Tap tap, attendance::TapResult result,
                                            bool may_be_asked) {
  // What followed the tap before is on its way out.
  const TapKey own{tap.epoch, tap.number};
  while (kiosk_ != nullptr && newest_tap_ == own) co_await flow_over_signal_.wait();
  if (newest_tap_ != own || gave_up(own)) co_return;

  TerminalKiosk kiosk(*this, services_.screens, panel_size(), tap.monotonic_ms, executor_);
  struct PanelInUse {
    Session& session;
    PanelInUse(Session& of, TerminalKiosk& by) : session(of) { session.kiosk_ = &by; }
    ~PanelInUse() {
      session.kiosk_ = nullptr;
      session.transfers_.hold_firmware(false);
      session.pump();
      session.flow_over_signal_.notify();
    }
  } const in_use(*this, kiosk);
  if (stage_ == Stage::closed) kiosk.interrupt(Interruption::link_lost);

  // Who has something to sign is asked for that at once: at the end of a half-day a line waits.
  auto signing = flows::SigningEnd::nothing_to_sign;
  if (may_sign(result)) signing = co_await offer_signing(kiosk, tap, result);
  const bool goes_on = signing == flows::SigningEnd::nothing_to_sign;
  auto said = flows::OtherWay::stands;
  if (goes_on && may_turn_round(result)) said = co_await offer_other_way(kiosk, tap, result);
  if (!goes_on && signing != flows::SigningEnd::all_signed) said = flows::OtherWay::interrupted;
  if (said == flows::OtherWay::stands && may_be_asked)
    co_await offer_assessment(kiosk, tap, result);
  co_await kiosk.finish();
}

attendance::TurnRequest Session::turn_of(const protocol::Tap& tap,
                                         const attendance::TapResult& result) const {
  using attendance::Direction;
  const bool arrived = result.turnable->direction == Direction::in;
  return {.tap = {serial_, tap.epoch, tap.number},
          .to = arrived ? Direction::out : Direction::in,
          .answered_ms = result.turnable->answered_ms};
}

asio::awaitable<flows::OtherWay> Session::offer_other_way(TerminalKiosk& kiosk,
                                                          const protocol::Tap& tap,
                                                          const attendance::TapResult& result) {
  const bool arrived = result.turnable->direction == attendance::Direction::in;
  attendance::WriterTurn turn(services_.writer, services_.config, turn_of(tap, result),
                              services_.now);
  const attendance::TimeZone zone(services_.config.site.timezone);
  screens::Moved moved{.language = services_.screens.language_for(result.language),
                       .arrived = arrived,
                       .time = attendance::clock_of(zone, result.turnable->time_ms)};
  co_return co_await flows::offer_other_way(kiosk, turn, std::move(moved),
                                            services_.own_answer + services_.pace.other_way);
}

asio::awaitable<void> Session::offer_assessment(TerminalKiosk& kiosk, const protocol::Tap& tap,
                                                const attendance::TapResult& result) {
  std::string today =
      attendance::TimeZone(services_.config.site.timezone).at(services_.now().wall_ms).day;
  std::optional<assessments::Due> due =
      co_await services_.assessments.due(services_.readers, *result.person, today);
  if (!due) co_return;
  ++owner_.counters().flows;
  const assessments::Occasion occasion{
      .organisation = services_.config.site.organisation,
      .site = services_.config.site.id,
      .room = terminal_->room,
      .tap = {serial_, tap.epoch, tap.number},
      .reading = tap.kind,
      .assurance = std::string(attendance::assurance_text(result.card.assurance, true)),
      .language = services_.screens.language_for(result.language),
      .due = std::move(*due),
  };
  assessments::WriterRecord record(services_.writer, occasion,
                                   [this] { return services_.now().time_block(); });
  transfers_.hold_firmware(true);
  flows::Pace pace = services_.pace;
  if (may_turn_round(result)) pace.settle = {};  // the answer was up long enough
  co_await flows::offer_assessment(kiosk, record, *occasion.due.instrument, occasion.language,
                                   pace);
}

}  // namespace rollcall::terminals
