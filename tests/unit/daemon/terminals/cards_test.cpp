// Taps of cards that prove a key, through a hub and a terminal whose reader has a simulated card.
#include <algorithm>

#include "daemon/terminals/session.hpp"
#include "tests/unit/daemon/credentials/card_bench.hpp"
#include "tests/unit/daemon/terminals/running_hub.hpp"

namespace rollcall::terminals {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using attendance::CardState;
using cards::CardVisit;
using cards::IssueState;
using cards::IssueView;
using cards::IssueWish;
using credentials::CardBench;
using hal::sim::ByteVector;
using protocol::ApduStatus;
using protocol::Outcome;
using test::TestTerminal;

constexpr std::int64_t at = test::monday_0850;

struct CardsTest : test::RunningHub {
  // What the reader says to one request; nothing = it is silent.
  using Reader = std::function<std::optional<protocol::ApduResponse>(const protocol::ApduRequest&)>;

  CardsTest() {
    const auto bytes = hal::sim::hex(credentials::uid);
    uid.assign(bytes);
  }

  bool enter(TestTerminal& terminal) { return terminal.connect_tcp(port) && terminal.enter(); }

  protocol::Tap tap(const TestTerminal& terminal, std::uint64_t number, std::int64_t wall_ms = at) {
    protocol::Tap made = terminal.tap(number, 0, wall_ms);
    made.reading = uid;
    return made;
  }

  static protocol::ApduResponse says(std::uint32_t exchange, ApduStatus status,
                                     const ByteVector& data = {}) {
    protocol::ApduResponse response{exchange, status, {}};
    response.data.assign(data);
    return response;
  }

  Reader card_at_reader() {
    bench.tap();
    return [this](const protocol::ApduRequest& request) {
      const ByteVector data = bench.exchange(request.command.view());
      recorded.push_back(data);
      return says(request.exchange, ApduStatus::ok, data);
    };
  }

  // Serves the reader until there are `answers` answers to taps.
  bool serve(TestTerminal& terminal, const Reader& reader, std::size_t answers,
             TestTerminal::Millis limit = TestTerminal::patience) {
    return serve_until(
        terminal, reader, [&] { return terminal.received<protocol::Answer>().size() >= answers; },
        limit);
  }
  bool serve_until(TestTerminal& terminal, const Reader& reader, const std::function<bool()>& done,
                   TestTerminal::Millis limit = TestTerminal::patience) {
    const auto until = std::chrono::steady_clock::now() + limit;
    while (!done()) {
      if (std::chrono::steady_clock::now() >= until || terminal.closed()) return false;
      const auto requests = terminal.received<protocol::ApduRequest>();
      if (requests.size() == served) {
        terminal.run_until(
            [&] { return terminal.received<protocol::ApduRequest>().size() > served || done(); },
            50ms);
        continue;
      }
      const auto response = reader(requests[served++]);
      if (response) terminal.send(*response);
    }
    return true;
  }

  std::expected<void, std::string> begin_issue(const Hub& at_hub, const IssueWish& wish) {
    const auto able = at_hub.can_issue(wish.serial);
    return able ? issuing.open(wish) : able;
  }
  // The card in `bench` becomes this person's, as the desk has it done.
  void issue(TestTerminal& terminal, std::uint64_t number, const char* person = "p-2",
             bool replaces = false) {
    const IssueWish wish{.serial = "TC-1",
                         .person = person,
                         .replaces = replaces,
                         .actor = "desk-1",
                         .reason = "First card."};
    ASSERT_TRUE(ask([&](Hub& h) { return begin_issue(h, wish); }));
    ASSERT_TRUE(terminal.send(tap(terminal, number, at - 3'600'000)));
    const auto over = [&] {
      const auto answers = terminal.received<protocol::Answer>();
      return is_over(issued().state) && !answers.empty() && answers.back().number == number;
    };
    ASSERT_TRUE(serve_until(terminal, card_at_reader(), over));
  }
  IssueView issued() {
    return *ask([this](Hub&) { return issuing.view(); });
  }
  Outcome answered(const TestTerminal& terminal) {
    return terminal.received<protocol::Answer>().back().outcome;
  }
  void withdraw(CardState to) {
    attendance::Withdrawal lost{.person = "p-2", .to = to, .actor = "desk-1", .reason = "Gone."};
    ASSERT_TRUE(asio::co_spawn(io, cards.withdraw(std::move(lost)), asio::use_future).get());
  }
  nlohmann::json newest(const std::string& type) {
    return rollcall::testing::newest_event(scratch.path(), type);
  }

  Bounded<protocol::max_reading> uid;
  CardBench bench;
  std::size_t served = 0;
  std::vector<ByteVector> recorded;  // what the card has said so far
  test::TerminalOptions talking{.apdu = true};
};

TEST_F(CardsTest, ACardThatSignsInAtTheConsoleIsGreenAndNobodyArrives) {
  start();
  TestTerminal terminal(talking);
  ASSERT_TRUE(enter(terminal));
  issue(terminal, 1);
  const auto now = std::chrono::steady_clock::now();
  ask([&](Hub&) { return sign_ins.open("ticket", "account:a", "p-2", now); });
  ASSERT_TRUE(terminal.send(tap(terminal, 2, at)));
  ASSERT_TRUE(serve(terminal, card_at_reader(), 2));
  EXPECT_EQ(answered(terminal), Outcome::recorded);
  EXPECT_TRUE(ask([&](Hub&) { return sign_ins.find("ticket", now)->shown; }));
  EXPECT_EQ(newest("tap.recorded")["data"]["credential"], "desfire");
  expect_contract("tap.recorded");
  EXPECT_EQ(count("presence"), 0);
}

TEST_F(CardsTest, ACardThatTheDeskIssuesIsGreenAndProven) {
  start();
  TestTerminal terminal(talking);
  ASSERT_TRUE(enter(terminal));
  issue(terminal, 1);
  EXPECT_EQ(static_cast<int>(issued().state), static_cast<int>(IssueState::done));
  EXPECT_EQ(answered(terminal), Outcome::recorded);
  EXPECT_EQ(newest("card.issued")["subject"], "p-2");
  EXPECT_EQ(newest("card.issued")["data"]["terminal"], "TC-1");
  expect_contract("card.issued");
  expect_contract("tap.recorded");

  ASSERT_TRUE(terminal.send(tap(terminal, 2)));
  ASSERT_TRUE(serve(terminal, card_at_reader(), 2));
  EXPECT_EQ(answered(terminal), Outcome::arrived);
  const auto arrived = newest("attendance.arrived");
  EXPECT_EQ(arrived["subject"], "p-2");
  EXPECT_EQ(arrived["data"]["assurance"], "authenticated");
  EXPECT_EQ(arrived["data"]["credential"], "desfire");
  expect_contract("attendance.arrived");
  expect_contract("tap.recorded");
  EXPECT_EQ(counters().misplaced, 0u);
}

TEST_F(CardsTest, TheNumberOfAnIssuedCardAloneIsNotAccepted) {
  start();
  TestTerminal terminal(talking);
  ASSERT_TRUE(enter(terminal));
  issue(terminal, 1);
  const auto blank = [](const protocol::ApduRequest& request) {
    return says(request.exchange, ApduStatus::ok, hal::sim::hex("91a0"));  // no such application
  };
  ASSERT_TRUE(terminal.send(tap(terminal, 2)));
  ASSERT_TRUE(serve(terminal, blank, 2));
  EXPECT_EQ(answered(terminal), Outcome::see_staff);
  const auto other_kind = [](const protocol::ApduRequest& request) {
    return says(request.exchange, ApduStatus::unsupported);
  };
  ASSERT_TRUE(terminal.send(tap(terminal, 3)));
  ASSERT_TRUE(serve(terminal, other_kind, 3));
  EXPECT_EQ(answered(terminal), Outcome::see_staff);
  EXPECT_EQ(count("log WHERE type = 'security.card_refused'"), 2);
  EXPECT_EQ(newest("security.card_refused")["data"]["reason"], "not_authentic");
  EXPECT_EQ(newest("security.card_refused")["data"]["holder"], "p-2");
  expect_contract("security.card_refused");
  expect_contract("tap.recorded");
  EXPECT_EQ(count("inbox WHERE kind = 'card-not-authentic'"), 1) << "one matter, however often";
  EXPECT_EQ(count("log WHERE type = 'attendance.arrived'"), 0);
  // The holder's own card is no worse for it, and no repeat.
  ASSERT_TRUE(terminal.send(tap(terminal, 4)));
  ASSERT_TRUE(serve(terminal, card_at_reader(), 4));
  EXPECT_EQ(answered(terminal), Outcome::arrived);
}

TEST_F(CardsTest, AnExchangeThatWasRecordedIsNoProof) {
  start();
  TestTerminal terminal(talking);
  ASSERT_TRUE(enter(terminal));
  issue(terminal, 1);
  recorded.clear();
  ASSERT_TRUE(terminal.send(tap(terminal, 2)));
  ASSERT_TRUE(serve(terminal, card_at_reader(), 2));
  ASSERT_EQ(recorded.size(), 4u);
  std::size_t next = 0;
  const auto replay = [&](const protocol::ApduRequest& request) {
    return says(request.exchange, ApduStatus::ok, recorded[next++]);
  };
  ASSERT_TRUE(terminal.send(tap(terminal, 3, at + 600'000)));
  ASSERT_TRUE(serve(terminal, replay, 3));
  EXPECT_EQ(next, 3u) << "ends at the proof";
  EXPECT_EQ(answered(terminal), Outcome::see_staff);
  EXPECT_EQ(newest("security.card_refused")["data"]["reason"], "not_authentic");
  EXPECT_EQ(count("log WHERE type = 'attendance.left'"), 0);
  ASSERT_TRUE(terminal.send(tap(terminal, 4, at + 1'200'000)));
  ASSERT_TRUE(serve(terminal, card_at_reader(), 4));
  EXPECT_EQ(answered(terminal), Outcome::left) << "the card itself is served as before";
}

TEST_F(CardsTest, ACardThatLeavesAtAnyExchangeIsAskedAgainTheNextTime) {
  start();
  TestTerminal terminal(talking);
  ASSERT_TRUE(enter(terminal));
  issue(terminal, 1);
  std::uint64_t number = 1;
  std::size_t answers = 1;
  for (unsigned leaves_at = 0; leaves_at < 4; ++leaves_at) {
    unsigned exchange = 0;
    const auto card = card_at_reader();
    const auto leaving = [&](const protocol::ApduRequest& request) {
      return exchange++ == leaves_at ? says(request.exchange, ApduStatus::card_gone)
                                     : card(request);
    };
    ASSERT_TRUE(terminal.send(tap(terminal, ++number)));
    ASSERT_TRUE(serve(terminal, leaving, ++answers));
    EXPECT_EQ(answered(terminal), Outcome::see_staff) << "at exchange " << leaves_at;
  }
  EXPECT_EQ(newest("tap.recorded")["data"]["refused"], "interrupted");
  EXPECT_EQ(count("log WHERE type = 'security.card_refused'"), 0);
  EXPECT_EQ(count("inbox"), 0);
  ASSERT_TRUE(terminal.send(tap(terminal, ++number)));
  ASSERT_TRUE(serve(terminal, card_at_reader(), ++answers));
  EXPECT_EQ(answered(terminal), Outcome::arrived) << "within the double-tap window of the others";
}

TEST_F(CardsTest, AReaderThatFallsSilentIsWaitedForALittleOnly) {
  start();
  TestTerminal terminal(talking);
  ASSERT_TRUE(enter(terminal));
  issue(terminal, 1);
  const auto silent = [](const protocol::ApduRequest&) -> std::optional<protocol::ApduResponse> {
    return std::nullopt;
  };
  const auto before = std::chrono::steady_clock::now();
  ASSERT_TRUE(terminal.send(tap(terminal, 2)));
  ASSERT_TRUE(serve(terminal, silent, 2));
  EXPECT_LT(std::chrono::steady_clock::now() - before, 5s);
  EXPECT_EQ(answered(terminal), Outcome::see_staff);
  // Its late answer is no fault, and no part of the next person's visit.
  const auto asked = terminal.received<protocol::ApduRequest>().back().exchange;
  ASSERT_TRUE(terminal.send(says(asked, ApduStatus::timed_out)));
  ASSERT_TRUE(terminal.send(tap(terminal, 3)));
  ASSERT_TRUE(serve(terminal, card_at_reader(), 3));
  EXPECT_EQ(answered(terminal), Outcome::arrived);
  EXPECT_EQ(counters().misplaced, 0u);
}

TEST_F(CardsTest, TheNextTapEndsAVisitAndKeepsItsPlace) {
  start();
  TestTerminal terminal(talking);
  ASSERT_TRUE(enter(terminal));
  issue(terminal, 1);
  ASSERT_TRUE(terminal.send(tap(terminal, 2)));
  const std::size_t before = terminal.received<protocol::ApduRequest>().size();
  ASSERT_TRUE(terminal.wait_for<protocol::ApduRequest>(before > served ? before : served + 1));
  served = terminal.received<protocol::ApduRequest>().size();
  ASSERT_TRUE(terminal.send(terminal.tap(3, 1, at)));  // p-1's, without a key
  ASSERT_TRUE(terminal.wait_for<protocol::Answer>(3));
  const auto answers = terminal.received<protocol::Answer>();
  EXPECT_EQ(answers[1].number, 2u);
  EXPECT_EQ(answers[1].outcome, Outcome::see_staff);
  EXPECT_EQ(answers[2].number, 3u);
  EXPECT_EQ(answers[2].outcome, Outcome::arrived);
}

TEST_F(CardsTest, ATapThatWasGivenUpCountsAsOneThatCouldNotBeAsked) {
  start();
  TestTerminal terminal(talking);
  ASSERT_TRUE(enter(terminal));
  issue(terminal, 1);
  ASSERT_TRUE(terminal.send(tap(terminal, 2)));
  ASSERT_TRUE(terminal.send(protocol::GaveUp{terminal.epoch, 2}));
  ASSERT_TRUE(terminal.wait_for<protocol::Answer>(2));
  EXPECT_EQ(answered(terminal), Outcome::arrived);
  EXPECT_EQ(newest("attendance.arrived")["data"]["credential"], "unverified");
}

TEST_F(CardsTest, AReaderThatIsBusyIsAskedAgain) {
  start();
  TestTerminal terminal(talking);
  ASSERT_TRUE(enter(terminal));
  issue(terminal, 1);
  unsigned asked = 0;
  const auto card = card_at_reader();
  const auto busy_first = [&](const protocol::ApduRequest& request) {
    return ++asked < 3 ? says(request.exchange, ApduStatus::busy) : card(request);
  };
  ASSERT_TRUE(terminal.send(tap(terminal, 2)));
  ASSERT_TRUE(serve(terminal, busy_first, 2));
  EXPECT_EQ(answered(terminal), Outcome::arrived);
}

TEST_F(CardsTest, ACardThatIsNoLongerInForceIsNotAcceptedThoughItHasTheKey) {
  start();
  TestTerminal terminal(talking);
  ASSERT_TRUE(enter(terminal));
  issue(terminal, 1);
  withdraw(CardState::lost);
  expect_contract("card.revoked");
  ASSERT_TRUE(terminal.send(tap(terminal, 2)));
  ASSERT_TRUE(serve(terminal, card_at_reader(), 2));
  EXPECT_EQ(answered(terminal), Outcome::see_staff);
  EXPECT_EQ(newest("security.card_refused")["data"]["reason"], "lost");
  EXPECT_EQ(newest("tap.recorded")["data"]["credential"], "desfire");
  EXPECT_EQ(count("inbox WHERE kind = 'card-withdrawn'"), 1);
}

TEST_F(CardsTest, ATerminalThatCannotAskRecordsWhatCouldNotBeAsked) {
  start();
  {
    TestTerminal terminal(talking);
    ASSERT_TRUE(enter(terminal));
    issue(terminal, 1);
  }
  TestTerminal plain({.serial = "TC-2"});
  plain.epoch.fill(0xe2);
  ASSERT_TRUE(plain.connect_tcp(port) && plain.enter());
  ASSERT_TRUE(plain.send(tap(plain, 1)));
  ASSERT_TRUE(plain.wait_for<protocol::Answer>());
  EXPECT_EQ(answered(plain), Outcome::arrived);
  EXPECT_EQ(newest("attendance.arrived")["data"]["credential"], "unverified");
  EXPECT_EQ(newest("attendance.arrived")["data"]["assurance"], "uid");
  ASSERT_TRUE(plain.send(test::sealed(tap(plain, 2, at + 7'200'000), keys.public_key)));
  ASSERT_TRUE(plain.wait_for<protocol::TapAck>());
  EXPECT_EQ(newest("attendance.left")["data"]["assurance"], "uid_offline");
  EXPECT_EQ(newest("attendance.left")["data"]["credential"], "unverified");
  EXPECT_TRUE(plain.received<protocol::ApduRequest>().empty());
}

TEST_F(CardsTest, AnswersThatNobodyAskedForAreFaultsAndAFloodEndsTheConnection) {
  start();
  TestTerminal terminal(talking);
  ASSERT_TRUE(enter(terminal));
  issue(terminal, 1);
  ASSERT_TRUE(terminal.send(tap(terminal, 2)));
  ASSERT_TRUE(terminal.wait_for<protocol::ApduRequest>(served + 1));
  const auto wrong = terminal.received<protocol::ApduRequest>().back().exchange + 7;
  ASSERT_TRUE(terminal.send(says(wrong, ApduStatus::ok, hal::sim::hex("9100"))));
  ASSERT_TRUE(terminal.send(protocol::ApduWait{wrong, 60'000}));
  EXPECT_TRUE(terminal.run_until([&] { return counters().misplaced == 2; }));
  // The visit has not noticed.
  ASSERT_TRUE(serve(terminal, card_at_reader(), 2));
  EXPECT_EQ(answered(terminal), Outcome::arrived);
  for (std::uint32_t i = 0; i < 2 * Session::max_faults && !terminal.closed(); ++i)
    terminal.send(says(1000 + i, ApduStatus::ok));
  EXPECT_TRUE(terminal.wait_closed());
}

TEST_F(CardsTest, ATerminalThatKeepsAskingForTimeDoesNotHoldThePersonLonger) {
  start();
  TestTerminal terminal(talking);
  ASSERT_TRUE(enter(terminal));
  issue(terminal, 1);
  const auto slow =
      [&](const protocol::ApduRequest& request) -> std::optional<protocol::ApduResponse> {
    for (int i = 0; i < 5; ++i) terminal.send(protocol::ApduWait{request.exchange, 60'000});
    return std::nullopt;
  };
  const auto before = std::chrono::steady_clock::now();
  ASSERT_TRUE(terminal.send(tap(terminal, 2)));
  ASSERT_TRUE(serve(terminal, slow, 2));
  EXPECT_LT(std::chrono::steady_clock::now() - before, 5s);
  EXPECT_GE(std::chrono::steady_clock::now() - before, CardVisit::of_tap.whole);
  EXPECT_EQ(answered(terminal), Outcome::see_staff);
}

TEST_F(CardsTest, ASiteMayAcceptNoCardByItsNumberAlone) {
  config.cards.chip_numbers = "refused";
  recorder.emplace(writer, config, card_key, [this] { return host; });
  start();
  TestTerminal terminal(talking);
  ASSERT_TRUE(enter(terminal));
  ASSERT_TRUE(terminal.send(terminal.tap(1, 1, at)));
  ASSERT_TRUE(terminal.wait_for<protocol::Answer>());
  EXPECT_EQ(answered(terminal), Outcome::see_staff);
  EXPECT_EQ(newest("tap.recorded")["data"]["refused"], "chip_number");
  EXPECT_EQ(count("inbox WHERE kind = 'card-by-number'"), 1);
  issue(terminal, 2);
  ASSERT_TRUE(terminal.send(tap(terminal, 3)));
  ASSERT_TRUE(serve(terminal, card_at_reader(), 3));
  EXPECT_EQ(answered(terminal), Outcome::arrived);
}

TEST_F(CardsTest, AnIssueEndsInWordsWhateverTheCardDoes) {
  start();
  TestTerminal terminal(talking);
  ASSERT_TRUE(enter(terminal));
  const IssueWish wish{
      .serial = "TC-1", .person = "p-2", .replaces = false, .actor = "desk-1", .reason = "First."};
  const auto begin = [&] { return ask([&](Hub& h) { return begin_issue(h, wish); }).has_value(); };
  const auto state = [&] { return issued().state; };
  const auto over = [&] { return is_over(state()); };
  std::uint64_t number = 0;

  ASSERT_TRUE(begin());
  EXPECT_FALSE(begin()) << "one at a time";
  EXPECT_TRUE(ask([this](Hub&) { return issuing.cancel(); }));
  EXPECT_EQ(static_cast<int>(state()), static_cast<int>(IssueState::cancelled));

  ASSERT_TRUE(begin());  // pulled away half way
  unsigned exchange = 0;
  const auto card = card_at_reader();
  const auto leaving = [&](const protocol::ApduRequest& request) {
    return exchange++ == 6 ? says(request.exchange, ApduStatus::card_gone) : card(request);
  };
  ASSERT_TRUE(terminal.send(tap(terminal, ++number)));
  ASSERT_TRUE(serve_until(terminal, leaving, over));
  EXPECT_EQ(static_cast<int>(state()), static_cast<int>(IssueState::card_gone));
  EXPECT_EQ(count("issued_card"), 0);

  ASSERT_TRUE(begin());  // another kind of card
  const auto other = [](const protocol::ApduRequest& request) {
    return says(request.exchange, ApduStatus::unsupported);
  };
  ASSERT_TRUE(terminal.send(tap(terminal, ++number)));
  ASSERT_TRUE(serve_until(terminal, other, over));
  EXPECT_EQ(static_cast<int>(state()), static_cast<int>(IssueState::refused));

  issue(terminal, ++number);  // what was begun is begun anew
  EXPECT_EQ(static_cast<int>(state()), static_cast<int>(IssueState::done));

  // The card of somebody else is theirs, and their tap counts.
  const IssueWish for_another{
      .serial = "TC-1", .person = "p-1", .replaces = false, .actor = "desk-1", .reason = "First."};
  ASSERT_TRUE(ask([&](Hub& h) { return begin_issue(h, for_another); }));
  ASSERT_TRUE(terminal.send(tap(terminal, ++number)));
  ASSERT_TRUE(serve(terminal, card_at_reader(), number));
  EXPECT_EQ(static_cast<int>(state()), static_cast<int>(IssueState::taken));
  EXPECT_EQ(answered(terminal), Outcome::arrived);
}

TEST_F(CardsTest, ACardThatIsBeingWrittenIsNotAnsweredBeforeTheTerminalGivesItUp) {
  start();
  TestTerminal terminal(talking);
  ASSERT_TRUE(enter(terminal));
  const IssueWish wish{
      .serial = "TC-1", .person = "p-2", .replaces = false, .actor = "desk-1", .reason = "First."};
  ASSERT_TRUE(ask([&](Hub& h) { return begin_issue(h, wish); }));
  const auto card = card_at_reader();
  const auto answers = [&] { return terminal.received<protocol::Answer>().size(); };
  unsigned exchange = 0;
  const auto slow = [&](const protocol::ApduRequest& request) {
    if (exchange++ == 3) {
      EXPECT_FALSE(terminal.run_until([&] { return answers() > 0; }, CardVisit::of_tap.whole));
      terminal.send(protocol::GaveUp{terminal.epoch, 1});
      EXPECT_TRUE(terminal.run_until([&] { return answers() == 1; }));
    }
    return card(request);
  };
  ASSERT_TRUE(terminal.send(tap(terminal, 1)));
  ASSERT_TRUE(serve_until(terminal, slow, [&] { return is_over(issued().state); }));
  EXPECT_EQ(static_cast<int>(issued().state), static_cast<int>(IssueState::done));
  EXPECT_EQ(answers(), 1u);
  EXPECT_EQ(answered(terminal), Outcome::recorded);
  EXPECT_EQ(count("log WHERE type = 'tap.recorded'"), 1);
  EXPECT_EQ(count("log WHERE type LIKE 'attendance.%'"), 0);
}

TEST_F(CardsTest, AnIssueThatGotNoFurtherThanTheCardIsFinishedByTheNext) {
  ASSERT_TRUE(bench.issue(
      {.issuing = credentials::card_key(card_master, uid.view(), credentials::default_application,
                                        credentials::KeyNumber::issuing),
       .reading = credentials::card_key(card_master, uid.view(), credentials::default_application,
                                        credentials::KeyNumber::reading)}));
  start();
  TestTerminal terminal(talking);
  ASSERT_TRUE(enter(terminal));
  issue(terminal, 1);
  EXPECT_EQ(static_cast<int>(issued().state), static_cast<int>(IssueState::done));
  ASSERT_TRUE(terminal.send(tap(terminal, 2)));
  ASSERT_TRUE(serve(terminal, card_at_reader(), 2));
  EXPECT_EQ(answered(terminal), Outcome::arrived);
}

TEST_F(CardsTest, ATapWhoseVisitEndsWithTheConnectionStaysWithTheTerminal) {
  start();
  {
    TestTerminal terminal(talking);
    ASSERT_TRUE(enter(terminal));
    issue(terminal, 1);
    ASSERT_TRUE(terminal.send(tap(terminal, 2)));
    ASSERT_TRUE(terminal.wait_for<protocol::ApduRequest>(served + 1));
  }
  TestTerminal again(talking);
  ASSERT_TRUE(enter(again));
  EXPECT_EQ(count("tap"), 1) << "only that of the desk";
  ASSERT_TRUE(again.send(test::sealed(tap(again, 2), keys.public_key)));
  ASSERT_TRUE(again.wait_for<protocol::TapAck>());
  EXPECT_EQ(newest("attendance.arrived")["data"]["assurance"], "uid_offline");
}

}  // namespace
}  // namespace rollcall::terminals
