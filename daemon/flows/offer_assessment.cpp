#include "daemon/flows/offer_assessment.hpp"

#include <expected>
#include <utility>

namespace rollcall::flows {
namespace {

namespace asio = boost::asio;
using assessments::Cause;
using Clock = std::chrono::steady_clock;

using Reply = std::expected<std::string, Interruption>;

// Shows a screen until it is answered. Someone who needs longer says so with one touch, any number
// of times; who says "later" there has answered "later".
asio::awaitable<Reply> ask(Kiosk& kiosk, screens::Live screen, const std::string& language,
                           const Pace& pace) {
  // Named, because GCC 12 destroys some temporaries of a co_await expression twice.
  const screens::Live more_time = screens::MoreTime{language};
  for (;;) {
    co_await kiosk.show(screen);
    Reply reply = co_await kiosk.choice(pace.patience);
    if (reply || reply.error() != Interruption::timeout) co_return reply;

    co_await kiosk.show(more_time);
    reply = co_await kiosk.choice(pace.more_time);
    if (!reply || *reply == screens::choice::later) co_return reply;
  }
}

// Why there is no answer to go on with; nothing when there is one.
std::optional<Cause> ended(const Reply& reply) {
  if (reply) return *reply == screens::choice::later ? std::optional(Cause::later) : std::nullopt;
  switch (reply.error()) {
    case Interruption::timeout:
      return Cause::no_answer;
    case Interruption::another_person:
      return Cause::next_person;
    case Interruption::link_lost:
      return Cause::link_lost;
    case Interruption::shutdown:
      return Cause::shutdown;
  }
  return Cause::link_lost;
}

std::chrono::milliseconds since(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
}

screens::QuestionScreen question_screen(const assessments::Attempt& attempt,
                                        const assessments::Instrument& instrument,
                                        const std::string& language) {
  const assessments::Question& question = *attempt.next();
  screens::QuestionScreen screen{.language = language,
                                 .text = question.text.in(language),
                                 .options = {},
                                 .number = attempt.number(),
                                 .count = instrument.questions.size()};
  for (const auto& option : question.options)
    screen.options.push_back({option.id, option.text.in(language)});
  return screen;
}

}  // namespace

asio::awaitable<Ending> offer_assessment(Kiosk& kiosk, assessments::Record& record,
                                         const assessments::Instrument& instrument,
                                         std::string language, Pace pace) {
  if (co_await kiosk.pause(pace.settle)) co_return Ending::not_offered;
  if (!co_await record.offered()) co_return Ending::not_offered;

  screens::Live offer = screens::AssessmentOffer{language, instrument.title.in(language),
                                                 instrument.questions.size()};
  Reply reply = co_await ask(kiosk, std::move(offer), language, pace);
  if (const auto cause = ended(reply)) {
    co_await record.declined(*cause);
    co_await kiosk.finish();
    co_return Ending::declined;
  }

  assessments::Attempt attempt(instrument);
  const auto started = Clock::now();
  while (!attempt.complete()) {
    const auto shown = Clock::now();
    screens::Live question = question_screen(attempt, instrument, language);
    reply = co_await ask(kiosk, std::move(question), language, pace);
    if (const auto cause = ended(reply)) {
      co_await record.abandoned(attempt, *cause, since(started));
      co_await kiosk.finish();
      co_return Ending::abandoned;
    }
    attempt.answer(*reply, since(shown));
  }

  const bool durable = co_await record.completed(attempt, since(started));
  screens::Live goodbye = screens::ThankYou{language};
  if (!durable) goodbye = screens::PleaseSeeDesk{language};
  co_await kiosk.show(goodbye);
  co_await kiosk.pause(pace.thanks);
  co_await kiosk.finish();
  co_return durable ? Ending::completed : Ending::not_recorded;
}

}  // namespace rollcall::flows
