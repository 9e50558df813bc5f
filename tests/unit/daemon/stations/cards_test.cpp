// Taps of cards that prove a key, at a reader of the host with a simulated card.
#include <algorithm>
#include <optional>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "daemon/events/event.hpp"
#include "tests/unit/daemon/contract.hpp"
#include "tests/unit/daemon/credentials/card_bench.hpp"
#include "tests/unit/daemon/stations/running_station.hpp"

namespace rollcall::stations {
namespace {

using attendance::CardState;
using cards::CardVisit;
using cards::IssueState;
using cards::IssueWish;
using credentials::CardBench;
using hal::Exchange;
using hal::sim::ByteVector;
using readers::Answer;

// Says what the test says; where that is nothing it is silent, as long as it is given.
struct TestReader final : readers::Reader {
  using Says = std::function<std::optional<Answer>(const ByteVector& command)>;

  asio::awaitable<Answer> exchange(ByteVector command, std::chrono::milliseconds limit) override {
    EXPECT_FALSE(busy) << "one at a time";
    busy = true;
    ++asked;
    std::optional<Answer> answer = says(command);
    if (!answer) {
      asio::steady_timer silence(co_await asio::this_coro::executor, limit);
      co_await silence.async_wait(asio::use_awaitable);
      answer = std::unexpected(Exchange::timed_out);
    }
    busy = false;
    co_return *answer;
  }

  Says says;
  bool busy = false;
  unsigned asked = 0;
};

struct StationCards : StationTest {
  StationCards() {
    services_->answer_shown = 20ms;
    reader_.says = card();
    station_->talk_through(&reader_);
  }

  // The issued card, or what has its number.
  void hold(bool talks = true) {
    Sight sight{Sight::What::card, {}};
    const ByteVector number = hal::sim::hex(credentials::uid);
    sight.card.size = static_cast<std::uint8_t>(number.size());
    std::ranges::copy(number, sight.card.uid.begin());
    sight.card.sak = talks ? 0x20 : 0x08;
    bench_.tap();
    station_->seen(sight);
  }
  // So long that the same card counts anew.
  void take_away() {
    station_->seen({});
    const auto until_then = std::chrono::steady_clock::now() + hal::card_away + 10ms;
    ASSERT_TRUE(until([&] { return std::chrono::steady_clock::now() >= until_then; }));
  }

  TestReader::Says card() {
    return [this](const ByteVector& command) {
      heard_.push_back(bench_.exchange(command));
      return heard_.back();
    };
  }

  // Perhaps it is over by now.
  bool has_shown(const std::string& kind) {
    return until([&] { return std::ranges::find(kinds_, kind) != kinds_.end(); });
  }

  // The card becomes this person's, as the desk has it done.
  void issue() {
    ASSERT_TRUE(station_->can_issue());
    ASSERT_TRUE(issuing_.open(wish_));
    hold();
    ASSERT_TRUE(until([this] { return cards::is_over(issuing_.view()->state); }));
    ASSERT_EQ(static_cast<int>(issuing_.view()->state), static_cast<int>(IssueState::done));
    ASSERT_TRUE(has_shown("recorded"));
    ASSERT_TRUE(shows("idle"));
    take_away();
    reader_.asked = 0;
  }
  void withdraw(CardState to) {
    bool done = false;
    attendance::Withdrawal lost{.person = "p-2", .to = to, .actor = "desk-1", .reason = "Gone."};
    asio::co_spawn(io_, cards_.withdraw(std::move(lost)),
                   [&](const std::exception_ptr&, const cards::SiteCards::Changed& changed) {
                     done = changed.has_value();
                   });
    ASSERT_TRUE(until([&] { return done; }));
  }
  Json newest(const std::string& type) {
    return rollcall::testing::newest_event(database_.path(), type);
  }
  void expect_contract(const std::string& type) {
    const Json event = newest(type);
    EXPECT_TRUE(rollcall::testing::satisfies_contract(event)) << event.dump(2);
  }

  const IssueWish wish_{.serial = "R-1",
                        .person = "p-2",
                        .replaces = false,
                        .actor = "desk-1",
                        .reason = "First card."};
  CardBench bench_;
  TestReader reader_;
  std::vector<ByteVector> heard_;  // what the card has said so far
};

TEST_F(StationCards, CardThatTheDeskIssuesHereIsGreenAndProven) {
  issue();
  EXPECT_EQ(newest("card.issued")["data"]["terminal"], "R-1");
  expect_contract("card.issued");
  expect_contract("tap.recorded");
  hold();
  ASSERT_TRUE(shows("arrived"));
  EXPECT_EQ(reader_.asked, 4u);
  const Json arrived = newest("attendance.arrived");
  EXPECT_EQ(arrived["subject"], "p-2");
  EXPECT_EQ(arrived["data"]["assurance"], "authenticated");
  EXPECT_EQ(arrived["data"]["credential"], "desfire");
  expect_contract("attendance.arrived");
  expect_contract("tap.recorded");
}

TEST_F(StationCards, CardOfSomebodyWhoSignsInAtTheConsoleIsNoTapOfTheirs) {
  issue();
  const auto now = std::chrono::steady_clock::now();
  ASSERT_EQ(sign_ins_.open("ticket", "account:a", "p-2", now), cards::CardSignIns::Opened::yes);
  hold();
  ASSERT_TRUE(until([&] { return sign_ins_.find("ticket", now)->shown; }));
  ASSERT_TRUE(until([this] { return count("tap") == 2; }));
  const Json tap = newest("tap.recorded");
  EXPECT_EQ(tap["data"]["recognised"], false);
  EXPECT_FALSE(tap.contains("subject")) << tap.dump(2);
  expect_contract("tap.recorded");
  EXPECT_EQ(count("presence"), 0);
  EXPECT_EQ(count("log WHERE type LIKE 'attendance.%'"), 0);
  sign_ins_.end("ticket");
  take_away();
  hold();
  EXPECT_TRUE(shows("arrived")) << "within the double-tap window of the other";
}

TEST_F(StationCards, CardThatDoesNotProveItselfSignsNobodyIn) {
  issue();
  const auto now = std::chrono::steady_clock::now();
  ASSERT_EQ(sign_ins_.open("ticket", "account:a", "p-2", now), cards::CardSignIns::Opened::yes);
  reader_.says = [](const ByteVector&) { return Answer{ByteVector{0x91, 0xAE}}; };
  hold();
  ASSERT_TRUE(shows("see_desk"));
  EXPECT_FALSE(sign_ins_.find("ticket", now)->shown);
  EXPECT_EQ(count("inbox WHERE kind = 'card-not-authentic'"), 1);
  reader_.says = card();
  withdraw(CardState::lost);
  ASSERT_TRUE(shows("idle"));
  take_away();
  hold();
  ASSERT_TRUE(shows("see_desk"));
  EXPECT_FALSE(sign_ins_.find("ticket", now)->shown) << "a card that is not in force";
}

TEST_F(StationCards, CardsThatWereNotIssuedAreNotAsked) {
  issue();
  touch(1);
  ASSERT_TRUE(shows("arrived"));
  EXPECT_EQ(reader_.asked, 0u);
  EXPECT_EQ(newest("attendance.arrived")["data"]["credential"], "uid");
}

TEST_F(StationCards, NumberOfAnIssuedCardAloneIsNotAccepted) {
  issue();
  hold(false);  // a card that exchanges no APDUs
  ASSERT_TRUE(shows("see_desk"));
  EXPECT_EQ(reader_.asked, 0u);
  EXPECT_EQ(newest("security.card_refused")["data"]["reason"], "not_authentic");
  EXPECT_EQ(newest("security.card_refused")["data"]["holder"], "p-2");
  expect_contract("security.card_refused");
  ASSERT_TRUE(shows("idle"));
  take_away();
  reader_.says = [](const ByteVector&) { return hal::sim::hex("91a0"); };  // no such application
  hold();
  ASSERT_TRUE(shows("see_desk"));
  EXPECT_EQ(count("log WHERE type = 'security.card_refused'"), 2);
  EXPECT_EQ(count("inbox WHERE kind = 'card-not-authentic'"), 1) << "one matter, however often";
  EXPECT_EQ(count("log WHERE type = 'attendance.arrived'"), 0);
  take_away();
  reader_.says = card();  // the holder's own is no worse for it, and no repeat
  hold();
  EXPECT_TRUE(shows("arrived"));
}

TEST_F(StationCards, ExchangeThatWasRecordedIsNoProof) {
  issue();
  heard_.clear();
  hold();
  ASSERT_TRUE(shows("arrived"));
  ASSERT_EQ(heard_.size(), 4u);
  ASSERT_TRUE(shows("idle"));
  take_away();
  std::size_t next = 0;
  reader_.says = [&](const ByteVector&) { return heard_[next++]; };
  host_.wall_ms += 600'000;
  hold();
  ASSERT_TRUE(shows("see_desk"));
  EXPECT_EQ(next, 3u) << "ends at the proof";
  EXPECT_EQ(newest("security.card_refused")["data"]["reason"], "not_authentic");
  EXPECT_EQ(count("log WHERE type = 'attendance.left'"), 0);
}

TEST_F(StationCards, CardThatLeavesAtAnyExchangeIsAskedAgainTheNextTime) {
  issue();
  for (unsigned leaves_at = 0; leaves_at < 4; ++leaves_at) {
    unsigned exchange = 0;
    reader_.says = [&, there = card()](const ByteVector& command) -> std::optional<Answer> {
      if (exchange++ == leaves_at) return std::unexpected(Exchange::card_gone);
      return there(command);
    };
    hold();
    ASSERT_TRUE(shows("see_desk")) << "at exchange " << leaves_at;
    EXPECT_EQ(exchange, leaves_at + 1);
    ASSERT_TRUE(shows("idle"));
    take_away();
  }
  EXPECT_EQ(newest("tap.recorded")["data"]["refused"], "interrupted");
  EXPECT_EQ(count("log WHERE type = 'security.card_refused'"), 0);
  EXPECT_EQ(count("inbox"), 0);
  reader_.says = card();
  hold();
  EXPECT_TRUE(shows("arrived")) << "within the double-tap window of the others";
}

TEST_F(StationCards, ReaderThatFallsSilentIsWaitedForALittleOnly) {
  issue();
  reader_.says = [](const ByteVector&) { return std::nullopt; };
  const auto before = std::chrono::steady_clock::now();
  hold();
  ASSERT_TRUE(shows("see_desk"));
  EXPECT_LT(std::chrono::steady_clock::now() - before, 5s);
  EXPECT_EQ(newest("tap.recorded")["data"]["refused"], "interrupted");
  touch(2);
  EXPECT_TRUE(shows("arrived"));
}

TEST_F(StationCards, NextTapEndsAVisitAndTheReaderThatIsStillBusyIsAskedAgain) {
  issue();
  reader_.says = [](const ByteVector&) { return std::nullopt; };
  hold();
  ASSERT_TRUE(until([this] { return reader_.busy; }));
  touch(1);
  ASSERT_TRUE(until([this] { return count("tap") == 3; }));
  EXPECT_EQ(count("tap WHERE number = 2 AND outcome = 5"), 1) << "see staff";
  EXPECT_EQ(count("presence WHERE person = 'p-1'"), 1);
  reader_.says = card();
  ASSERT_TRUE(reader_.busy);
  hold();
  ASSERT_TRUE(until([this] { return count("presence WHERE person = 'p-2'") == 1; }));
  EXPECT_EQ(newest("attendance.arrived")["data"]["credential"], "desfire");
}

TEST_F(StationCards, CardThatIsNoLongerInForceIsNotAcceptedThoughItHasTheKey) {
  issue();
  withdraw(CardState::lost);
  hold();
  ASSERT_TRUE(shows("see_desk"));
  EXPECT_EQ(newest("security.card_refused")["data"]["reason"], "lost");
  EXPECT_EQ(newest("tap.recorded")["data"]["credential"], "desfire");
  EXPECT_EQ(count("inbox WHERE kind = 'card-withdrawn'"), 1);
}

TEST_F(StationCards, ReaderThatCannotAskRecordsWhatCouldNotBeAsked) {
  issue();
  station_->talk_through(nullptr);
  const auto able = station_->can_issue();
  ASSERT_FALSE(able);
  EXPECT_EQ(able.error(), "the reader R-1 cannot talk to cards");
  hold();
  ASSERT_TRUE(shows("arrived"));
  EXPECT_EQ(newest("attendance.arrived")["data"]["credential"], "unverified");
  EXPECT_EQ(newest("attendance.arrived")["data"]["assurance"], "uid");
}

TEST_F(StationCards, NothingIsIssuedAtAReaderThatIsAway) {
  station_->state(false, "it was unplugged");
  const auto able = station_->can_issue();
  ASSERT_FALSE(able);
  EXPECT_EQ(able.error(), "R-1 is out of order: it was unplugged");
}

TEST_F(StationCards, IssueThatIsPulledAwayIsBegunAnew) {
  ASSERT_TRUE(issuing_.open(wish_));
  unsigned exchange = 0;
  reader_.says = [&, there = card()](const ByteVector& command) -> std::optional<Answer> {
    if (exchange++ == 6) return std::unexpected(Exchange::card_gone);
    return there(command);
  };
  hold();
  ASSERT_TRUE(until([this] { return cards::is_over(issuing_.view()->state); }));
  EXPECT_EQ(static_cast<int>(issuing_.view()->state), static_cast<int>(IssueState::card_gone));
  EXPECT_EQ(count("issued_card"), 0);
  ASSERT_TRUE(has_shown("see_desk"));
  ASSERT_TRUE(shows("idle"));
  take_away();
  reader_.says = card();
  issue();
  EXPECT_EQ(count("issued_card"), 1);
}

TEST_F(StationCards, IssueOfACardThatIsRefusedAtOnceEndsOnce) {
  ASSERT_TRUE(bench_.issue(credentials::keys_of()));  // of another site
  ASSERT_TRUE(issuing_.open(wish_));
  hold();
  ASSERT_TRUE(until([this] { return cards::is_over(issuing_.view()->state); }));
  EXPECT_EQ(static_cast<int>(issuing_.view()->state), static_cast<int>(IssueState::taken));
  ASSERT_TRUE(has_shown("see_desk"));
  EXPECT_EQ(count("tap"), 1);
}

TEST_F(StationCards, TapThatIsBeingAskedAtTheEndIsRecorded) {
  issue();
  reader_.says = [](const ByteVector&) { return std::nullopt; };
  hold();
  ASSERT_TRUE(until([this] { return reader_.busy; }));
  bool stopped = false;
  asio::co_spawn(io_, station_->stop(), [&](const std::exception_ptr&) { stopped = true; });
  ASSERT_TRUE(until([&] { return stopped; }));
  EXPECT_FALSE(reader_.busy);
  EXPECT_EQ(count("tap"), 2);
  EXPECT_EQ(newest("tap.recorded")["data"]["refused"], "interrupted");
}

}  // namespace
}  // namespace rollcall::stations
