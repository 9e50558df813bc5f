// Half-days that are signed at the page, and whose card it is that comes meanwhile.
#include <utility>

#include "daemon/screens/texts.hpp"
#include "daemon/stations/page_kiosk.hpp"

namespace rollcall::stations {

namespace asio = boost::asio;
using flows::Interruption;
using protocol::Outcome;

// Who was known by a code has no card to hold there again.
attendance::SigningForms Station::signing_forms(protocol::ReadingKind kind) const {
  const bool can = stream_->clients() > 0 && reader_.mode != "childcare";
  return {.drawn = can, .tap = can && kind != protocol::ReadingKind::code};
}

bool Station::may_sign(const protocol::Tap& tap, const attendance::TapResult& result) const {
  return signing_forms(tap.kind).any() && !result.answers && result.person &&
         !result.card.aside() && result.outcome != Outcome::see_staff &&
         result.outcome != Outcome::not_recorded;
}

halfdays::OwnTap Station::own_tap(const protocol::Tap& tap,
                                  const attendance::TapResult& result) const {
  return {.tap = {id(), tap.epoch, tap.number},
          .method = tap.kind == protocol::ReadingKind::code ? "code" : "card",
          .assurance = std::string(attendance::assurance_text(result.card.assurance, true))};
}

// A tap while something is on the page: whoever is asked for their card may be who taps.
std::optional<std::string> Station::asked_for_card() {
  if (kiosk_ == nullptr) return std::nullopt;
  if (kiosk_->waiting.wants_signature()) return signer_;
  kiosk_->waiting.interrupt(Interruption::another_person);
  return std::nullopt;
}

void Station::heard_of_card(const protocol::Tap& tap, Clock::time_point taken,
                            const attendance::TapResult& result) {
  if (kiosk_ == nullptr) return;
  if (result.answers && kiosk_->waiting.wants_signature()) {
    kiosk_->held(own_tap(tap, result), taken);
  } else {
    kiosk_->waiting.interrupt(Interruption::another_person);
  }
}

Station::Chosen Station::sign(const std::string& screen, sheets::Drawing drawing) {
  if (screen != screen_ || stopping_) return Chosen::stale;
  if (!shown_.to_sign || !shown_.to_sign->field) return Chosen::not_offered;
  if (kiosk_ == nullptr || !kiosk_->waiting.wants_signature()) return Chosen::stale;
  kiosk_->waiting.give(std::move(drawing));
  keep_language();
  return Chosen::taken;
}

asio::awaitable<flows::SigningEnd> Station::offer_signing(PageKiosk& kiosk,
                                                          const protocol::Tap& tap,
                                                          const attendance::TapResult& result) {
  using attendance::Direction;
  signer_ = *result.person;
  halfdays::WriterSigning::Signer signer{.person = signer_,
                                         .known_by = own_tap(tap, result),
                                         .offered = signing_forms(tap.kind),
                                         .stays = false};
  flows::SigningWords texts{languages(spoken_to(result)).front(), services_.config.site.timezone,
                            ""};
  const halfdays::Rules rules{services_.config, services_.holidays};
  halfdays::WriterSigning signing(services_.writer, services_.readers, rules, signer,
                                  services_.now);
  if (!result.turnable)
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

}  // namespace rollcall::stations
