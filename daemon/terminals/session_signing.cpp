// Half-days that are signed at the panel, and whose card it is that comes meanwhile.
#include <utility>

#include "daemon/screens/texts.hpp"
#include "daemon/terminals/session.hpp"

namespace rollcall::terminals {

namespace asio = boost::asio;
using flows::Interruption;
using protocol::Outcome;

namespace {

// Whether the tap says who is there, accepted.
bool knows_who(const attendance::TapResult& result) {
  return result.person && !result.card.aside() && result.outcome != Outcome::see_staff &&
         result.outcome != Outcome::not_recorded;
}

}  // namespace

attendance::SigningForms Session::signing_forms() const {
  const bool can = has_panel() && terminal_->mode != protocol::TerminalMode::childcare;
  return {.drawn = false, .tap = can};
}

bool Session::may_sign(const attendance::TapResult& result) const {
  return signing_forms().any() && !result.answers && knows_who(result);
}

halfdays::OwnTap Session::own_tap(const protocol::Tap& tap,
                                  const attendance::TapResult& result) const {
  return {.tap = {serial_, tap.epoch, tap.number},
          .method = tap.kind == protocol::ReadingKind::code ? "code" : "card",
          .assurance = std::string(attendance::assurance_text(result.card.assurance, true))};
}

// A tap while something is on the panel: whoever is asked for their card may be who taps.
std::optional<std::string> Session::asked_for_card() {
  if (kiosk_ == nullptr) return std::nullopt;
  if (kiosk_->wants_card()) return signer_;
  kiosk_->interrupt(Interruption::another_person);
  return std::nullopt;
}

void Session::heard_of_card(const cards::LiveTap& live, const attendance::TapResult& result) {
  if (!live.asked || kiosk_ == nullptr) return;
  const bool in_time = Clock::now() - live.arrived < protocol::answer_deadline &&
                       !gave_up({live.tap.epoch, live.tap.number});
  if (result.answers && in_time && live.asked == signer_) {
    kiosk_->held(own_tap(live.tap, result), live.arrived);
  } else {
    kiosk_->interrupt(Interruption::another_person);
  }
}

asio::awaitable<flows::SigningEnd> Session::offer_signing(TerminalKiosk& kiosk,
                                                          const protocol::Tap& tap,
                                                          const attendance::TapResult& result) {
  using attendance::Direction;
  signer_ = *result.person;
  halfdays::WriterSigning::Signer signer{.person = signer_,
                                         .known_by = own_tap(tap, result),
                                         .offered = signing_forms(),
                                         .stays = false};
  flows::SigningWords texts{services_.screens.language_for(result.language),
                            services_.config.site.timezone, ""};
  const halfdays::Rules rules{services_.config, services_.holidays};
  halfdays::WriterSigning signing(services_.writer, services_.readers, rules, signer,
                                  services_.now);
  if (!may_turn_round(result))
    co_return co_await flows::sign_half_days(kiosk, signing, texts, services_.signing);

  const bool arrived = result.turnable->direction == Direction::in;
  const auto other = arrived ? screens::Text::am_leaving : screens::Text::am_arriving;
  texts.other_way = screens::text(other, texts.language);
  signer.stays = !arrived;
  halfdays::WriterSigning turned(services_.writer, services_.readers, rules, signer, services_.now);
  attendance::WriterTurn turn(services_.writer, services_.config, turn_of(tap, result),
                              services_.now);
  const flows::Turning turning{turn, arrived, turned, other_answer};
  co_return co_await flows::sign_after_tap(kiosk, signing, texts, services_.signing, turning);
}

}  // namespace rollcall::terminals
