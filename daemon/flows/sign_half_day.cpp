#include "daemon/flows/sign_half_day.hpp"

#include <expected>
#include <utility>
#include <variant>
#include <vector>

#include "daemon/flows/other_way.hpp"
#include "daemon/sheets/words.hpp"

namespace rollcall::flows {
namespace {

namespace asio = boost::asio;
using halfdays::Signed;
using halfdays::ToSign;

using Reply = std::expected<Sign, Interruption>;

std::string when_of(const ToSign& half_day, const sheets::Words& words) {
  std::string when = words.near_date(half_day.date) + ", " + words.half_day(half_day.part);
  if (when.front() >= 'a' && when.front() <= 'z') when.front() += 'A' - 'a';
  return when;
}

screens::SignHalfDay screen_of(const ToSign& half_day, const sheets::Words& words) {
  return {.language = words.language(),
          .title = half_day.title,
          .when = when_of(half_day, words),
          .hours = words.time(half_day.start_ms) + "\u2013" + words.time(half_day.end_ms) + " · " +
                   words.duration(half_day.minutes),
          .by_card = half_day.forms.tap,
          .by_drawing = half_day.forms.drawn,
          .other_way = {}};
}

// Whether it says something about what is shown: a card that came before it could be read does not,
// nor one where a drawing is asked for.
bool counts(const Sign& given, const ToSign& half_day, const SigningPace& pace) {
  const auto* card = std::get_if<OwnCard>(&given);
  return card == nullptr || (half_day.forms.tap && card->seen >= pace.read);
}

bool is_choice(const Reply& reply, const char* id) {
  const auto* choice = reply ? std::get_if<std::string>(&*reply) : nullptr;
  return choice != nullptr && *choice == id;
}

// Shows it until it is signed or left. Someone who needs longer says so with one touch or with
// their card, any number of times.
asio::awaitable<Reply> ask(Kiosk& kiosk, const ToSign& half_day, screens::SignHalfDay screen,
                           const SigningPace& pace) {
  // Named, because GCC 12 destroys some temporaries of a co_await expression twice.
  const screens::Live more_time = screens::MoreTime{screen.language};
  for (;;) {
    const screens::Live live = screen;
    co_await kiosk.show(live);
    const bool turns = !screen.other_way.empty();
    Reply reply = co_await kiosk.signature(turns ? pace.other_way : pace.patience);
    if (reply && !counts(*reply, half_day, pace)) continue;
    if (turns && !reply && reply.error() == Interruption::timeout) {
      screen.other_way.clear();
      continue;
    }
    if (reply || reply.error() != Interruption::timeout) co_return reply;

    co_await kiosk.show(more_time);
    reply = co_await kiosk.signature(pace.more_time);
    if (!reply || is_choice(reply, screens::choice::later)) co_return reply;
  }
}

// While the answer to the tap is up, which may have the way to turn it round.
asio::awaitable<std::optional<SigningEnd>> settle(Kiosk& kiosk, bool turns,
                                                  const SigningPace& pace) {
  if (!turns) {
    const auto interrupted = co_await kiosk.pause(pace.settle);
    co_return interrupted ? std::optional(SigningEnd::ended) : std::nullopt;
  }
  const auto reply = co_await kiosk.choice(pace.settle);
  if (reply && *reply == screens::choice::other_way) co_return SigningEnd::other_way;
  const bool goes_on = reply || reply.error() == Interruption::timeout;
  co_return goes_on ? std::nullopt : std::optional(SigningEnd::ended);
}

asio::awaitable<void> end_with(Kiosk& kiosk, screens::Live screen, const SigningPace& pace) {
  co_await kiosk.show(screen);
  co_await kiosk.pause(pace.goodbye);
  co_await kiosk.finish();
}

}  // namespace

asio::awaitable<SigningEnd> sign_half_days(Kiosk& kiosk, halfdays::Signing& signing,
                                           SigningWords texts, SigningPace pace) {
  const std::vector<ToSign> open = co_await signing.open();
  if (open.empty()) co_return SigningEnd::nothing_to_sign;
  const auto settled = co_await settle(kiosk, !texts.other_way.empty(), pace);
  if (settled) co_return *settled;

  const sheets::Words words(texts.language, texts.time_zone);
  const screens::Live see_desk = screens::PleaseSeeDesk{texts.language};
  const screens::Live ask_trainer = screens::AskTrainer{texts.language};
  for (const ToSign& half_day : open) {
    screens::SignHalfDay screen = screen_of(half_day, words);
    screen.other_way = std::exchange(texts.other_way, {});
    const Reply reply = co_await ask(kiosk, half_day, std::move(screen), pace);
    if (!reply) {
      co_await kiosk.finish();
      co_return SigningEnd::ended;
    }
    if (is_choice(reply, screens::choice::cannot_draw)) {
      co_await end_with(kiosk, ask_trainer, pace);
      co_return SigningEnd::later;
    }
    if (is_choice(reply, screens::choice::other_way)) co_return SigningEnd::other_way;
    if (std::holds_alternative<std::string>(*reply)) {
      co_await kiosk.finish();
      co_return SigningEnd::later;
    }
    Signed done = Signed::refused;
    if (const auto* card = std::get_if<OwnCard>(&*reply)) {
      done = co_await signing.by_tap(half_day, card->tap);
    } else {
      done = co_await signing.drawn(half_day, std::get<sheets::Drawing>(*reply));
    }
    if (done != Signed::yes) {
      co_await end_with(kiosk, see_desk, pace);
      co_return SigningEnd::not_recorded;
    }
    const screens::Live has_signed = screens::HasSigned{texts.language, when_of(half_day, words)};
    co_await kiosk.show(has_signed);
    if (co_await kiosk.pause(pace.goodbye)) co_return SigningEnd::ended;
  }
  co_await kiosk.finish();
  co_return SigningEnd::all_signed;
}

asio::awaitable<SigningEnd> sign_after_tap(Kiosk& kiosk, halfdays::Signing& signing,
                                           SigningWords texts, SigningPace pace, Turning turning) {
  const SigningEnd end = co_await sign_half_days(kiosk, signing, texts, pace);
  if (end != SigningEnd::other_way) co_return end;
  const OtherWay said = co_await go_other_way(kiosk, turning.turn, turning.arrived);
  if (said != OtherWay::turned) co_return SigningEnd::ended;
  texts.other_way.clear();
  pace.settle = turning.answer;
  co_await sign_half_days(kiosk, turning.signing, std::move(texts), pace);
  co_return SigningEnd::ended;
}

}  // namespace rollcall::flows
