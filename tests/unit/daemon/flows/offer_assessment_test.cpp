#include "daemon/flows/offer_assessment.hpp"

#include <algorithm>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include "tests/unit/daemon/flows/fake_kiosk.hpp"

namespace rollcall::flows {
namespace {

namespace asio = boost::asio;
using assessments::Attempt;
using assessments::Cause;
using std::chrono::milliseconds;

class FakeRecord final : public assessments::Record {
 public:
  bool durable = true;
  std::vector<std::string> events;

  asio::awaitable<bool> offered() override { co_return keep("offered"); }
  asio::awaitable<bool> declined(Cause cause) override {
    co_return keep("declined " + word(cause));
  }
  asio::awaitable<bool> completed(const Attempt& attempt, milliseconds elapsed) override {
    std::string answers;
    for (const auto& answer : attempt.answers())
      answers += " " + answer.question + "=" + answer.option;
    EXPECT_GE(elapsed, milliseconds{0});
    co_return keep("completed" + answers);
  }
  asio::awaitable<bool> abandoned(const Attempt& attempt, Cause cause, milliseconds) override {
    co_return keep("abandoned after " + std::to_string(attempt.answers().size()) + " " +
                   word(cause));
  }

 private:
  static std::string word(Cause cause) {
    switch (cause) {
      case Cause::later:
        return "later";
      case Cause::no_answer:
        return "no_answer";
      case Cause::next_person:
        return "next_person";
      case Cause::link_lost:
        return "link_lost";
      case Cause::shutdown:
        return "shutdown";
    }
    return "?";
  }
  bool keep(std::string event) {
    if (durable) events.push_back(std::move(event));
    return durable;
  }
};

assessments::Instrument instrument() {
  const auto text = [](const char* en, const char* fr) {
    return assessments::Text({{"en", en}, {"fr", fr}});
  };
  assessments::Instrument i;
  i.id = "start";
  i.version = "1.0.0";
  i.title = text("Start", "Départ");
  i.questions = {
      {"q1",
       text("Computer?", "Ordinateur ?"),
       {{"no", text("No", "Non"), 0}, {"yes-often", text("Yes", "Oui"), 1}}},
      {"q2",
       text("E-mail?", "Courriel ?"),
       {{"never", text("Never", "Jamais"), 0},
        {"prefer-not", text("Rather not say", "Sans réponse"), {}}}},
  };
  return i;
}

struct OfferAssessment : ::testing::Test {
  Ending run(const std::string& language) {
    asio::io_context io;
    auto ending =
        asio::co_spawn(io, offer_assessment(kiosk, record, questions, language), asio::use_future);
    io.run();
    return ending.get();
  }
  FakeKiosk kiosk;
  FakeRecord record;
  const assessments::Instrument questions = instrument();
};

TEST_F(OfferAssessment, IsPlayedToTheEndInEnglish) {
  kiosk.moves = {"yes", "yes-often", "prefer-not"};
  EXPECT_EQ(run("en"), Ending::completed);
  EXPECT_EQ(kiosk.shown, (std::vector<std::string>{
                             "offer en Start 2",
                             "question en Computer? 1/2 [no=No yes-often=Yes]",
                             "question en E-mail? 2/2 [never=Never prefer-not=Rather not say]",
                             "thank you en",
                         }));
  EXPECT_EQ(record.events,
            (std::vector<std::string>{"offered", "completed q1=yes-often q2=prefer-not"}));
  EXPECT_TRUE(kiosk.idle);
}

TEST_F(OfferAssessment, IsPlayedToTheEndInFrench) {
  kiosk.moves = {"yes", "no", "never"};
  EXPECT_EQ(run("fr"), Ending::completed);
  EXPECT_EQ(kiosk.shown, (std::vector<std::string>{
                             "offer fr Départ 2",
                             "question fr Ordinateur ? 1/2 [no=Non yes-often=Oui]",
                             "question fr Courriel ? 2/2 [never=Jamais prefer-not=Sans réponse]",
                             "thank you fr",
                         }));
}

TEST_F(OfferAssessment, LaterAtTheOfferDeclines) {
  kiosk.moves = {"later"};
  EXPECT_EQ(run("en"), Ending::declined);
  EXPECT_EQ(record.events, (std::vector<std::string>{"offered", "declined later"}));
  EXPECT_TRUE(kiosk.idle);
}

TEST_F(OfferAssessment, LaterInTheMiddleAbandonsAndKeepsNoAnswers) {
  kiosk.moves = {"yes", "no", "later"};
  EXPECT_EQ(run("fr"), Ending::abandoned);
  EXPECT_EQ(record.events, (std::vector<std::string>{"offered", "abandoned after 1 later"}));
}

TEST_F(OfferAssessment, WhoeverNeedsMoreTimeGetsItAsOftenAsWanted) {
  const auto timeout = std::unexpected(Interruption::timeout);
  kiosk.moves = {"yes"};
  constexpr int extensions = 12;  // WCAG 2.2.1 asks for at least ten
  for (int i = 0; i < extensions; ++i) {
    kiosk.moves.emplace_back(timeout);
    kiosk.moves.emplace_back("yes");
  }
  kiosk.moves.emplace_back("no");
  kiosk.moves.emplace_back("never");
  EXPECT_EQ(run("en"), Ending::completed);
  EXPECT_EQ(std::ranges::count(kiosk.shown, "more time en"), extensions);
  for (const milliseconds limit : kiosk.limits) EXPECT_GE(limit, std::chrono::seconds{20});
}

TEST_F(OfferAssessment, NobodyAtTheOfferIsDeclinedWithoutAnAnswer) {
  kiosk.moves = {std::unexpected(Interruption::timeout), std::unexpected(Interruption::timeout)};
  EXPECT_EQ(run("en"), Ending::declined);
  EXPECT_EQ(record.events, (std::vector<std::string>{"offered", "declined no_answer"}));
}

TEST_F(OfferAssessment, NobodyAtAQuestionIsAbandoned) {
  kiosk.moves = {"yes", std::unexpected(Interruption::timeout),
                 std::unexpected(Interruption::timeout)};
  EXPECT_EQ(run("en"), Ending::abandoned);
  EXPECT_EQ(record.events, (std::vector<std::string>{"offered", "abandoned after 0 no_answer"}));
}

TEST_F(OfferAssessment, TheNextPersonInLineIsNotKeptWaiting) {
  kiosk.taken_while_settling = Interruption::another_person;
  EXPECT_EQ(run("en"), Ending::not_offered);
  EXPECT_TRUE(record.events.empty());
  EXPECT_TRUE(kiosk.shown.empty());
}

TEST_F(OfferAssessment, ATapDuringAQuestionEndsIt) {
  kiosk.moves = {"yes", std::unexpected(Interruption::another_person)};
  EXPECT_EQ(run("en"), Ending::abandoned);
  EXPECT_EQ(record.events, (std::vector<std::string>{"offered", "abandoned after 0 next_person"}));
}

TEST_F(OfferAssessment, ALostLinkAndAShutdownAreSaidApart) {
  kiosk.moves = {"yes", std::unexpected(Interruption::link_lost)};
  EXPECT_EQ(run("en"), Ending::abandoned);
  kiosk.moves = {"yes", std::unexpected(Interruption::shutdown)};
  EXPECT_EQ(run("en"), Ending::abandoned);
  EXPECT_EQ(record.events, (std::vector<std::string>{"offered", "abandoned after 0 link_lost",
                                                     "offered", "abandoned after 0 shutdown"}));
}

TEST_F(OfferAssessment, AnOfferThatCannotBeRecordedIsNotMade) {
  record.durable = false;
  EXPECT_EQ(run("en"), Ending::not_offered);
  EXPECT_TRUE(kiosk.shown.empty());
}

TEST_F(OfferAssessment, ThanksAreGivenOnlyForWhatIsDurable) {
  class LastFails final : public assessments::Record {
    asio::awaitable<bool> offered() override { co_return true; }
    asio::awaitable<bool> declined(Cause) override { co_return true; }
    asio::awaitable<bool> completed(const Attempt&, milliseconds) override { co_return false; }
    asio::awaitable<bool> abandoned(const Attempt&, Cause, milliseconds) override {
      co_return true;
    }
  } failing;
  kiosk.moves = {"yes", "no", "never"};
  asio::io_context io;
  auto ending =
      asio::co_spawn(io, offer_assessment(kiosk, failing, questions, "fr"), asio::use_future);
  io.run();
  EXPECT_EQ(ending.get(), Ending::not_recorded);
  EXPECT_EQ(kiosk.shown.back(), "see desk fr");
}

}  // namespace
}  // namespace rollcall::flows
