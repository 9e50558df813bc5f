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

// Who says that it was the other way is answered anew, and signs then: as somebody who stays, what
// is over by now.
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
  const bool arrived = result.turnable && result.turnable->direction == Direction::in;
  if (result.turnable) {
    const auto other = arrived ? screens::Text::am_leaving : screens::Text::am_arriving;
    texts.other_way = screens::text(other, texts.language);
  }
  const halfdays::Rules rules{services_.config, services_.holidays};
  halfdays::WriterSigning signing(services_.writer, services_.readers, rules, signer,
                                  services_.now);
  const auto end = co_await flows::sign_half_days(kiosk, signing, texts, services_.signing);
  if (end != flows::SigningEnd::other_way) co_return end;

  attendance::WriterTurn turn(services_.writer, services_.config, turn_of(tap, result),
                              services_.now);
  const auto said = co_await flows::go_other_way(kiosk, turn, arrived);
  if (said != flows::OtherWay::turned) co_return flows::SigningEnd::ended;
  signer.stays = !arrived;
  halfdays::WriterSigning once_more(services_.writer, services_.readers, rules, signer,
                                    services_.now);
  texts.other_way.clear();
  flows::SigningPace pace = services_.signing;
  pace.settle = other_answer;
  co_await flows::sign_half_days(kiosk, once_more, texts, pace);
  co_return flows::SigningEnd::ended;
}

}  // namespace rollcall::stations
