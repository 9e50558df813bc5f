#include "tests/unit/daemon/stations/running_station.hpp"

namespace rollcall::stations {
namespace {

TEST_F(StationTest, TapIsRecordedWhereTheReaderStands) {
  touch(2);
  ASSERT_TRUE(shows("arrived"));
  EXPECT_EQ(count("tap WHERE serial = 'R-1' AND number = 1 AND person = 'p-2'"), 1);
  EXPECT_EQ(count("presence WHERE person = 'p-2' AND room = 'Desk'"), 1);
  EXPECT_TRUE(shows("idle"));
}

TEST_F(StationTest, CardThatStaysOrFlickersIsOneTap) {
  for (int i = 0; i < 5; ++i) {
    station_->seen(sight_of(2));
    station_->seen({});
  }
  station_->seen(sight_of(2));
  ASSERT_TRUE(shows("arrived"));
  ASSERT_TRUE(shows("idle"));
  EXPECT_EQ(count("tap"), 1);
}

readers::LineReading line_of(std::uint8_t card) {
  return {readers::LineReading::What::card, {card, card, card, card}};
}
readers::LineReading code_of(std::string_view digits) {
  return {readers::LineReading::What::code, {digits.begin(), digits.end()}};
}

TEST_F(StationTest, CardOnALineIsATapHoweverOftenItIsPrinted) {
  for (int i = 0; i < 5; ++i) station_->read(line_of(2));
  ASSERT_TRUE(shows("arrived"));
  ASSERT_TRUE(shows("idle"));
  EXPECT_EQ(count("tap WHERE person = 'p-2'"), 1);
  station_->read(line_of(1));
  station_->read(line_of(2));
  ASSERT_TRUE(until([&] { return count("tap") == 3; })) << "another one was there in between";
}

TEST_F(StationTest, RandomNumberOnALineIsNobodys) {
  station_->read(readers::LineReading{readers::LineReading::What::random_card, {8, 2, 3, 4}});
  ASSERT_TRUE(shows("see_desk"));
  EXPECT_EQ(count("tap WHERE person IS NULL"), 1);
  EXPECT_EQ(count("inbox"), 0);
}

TEST_F(StationTest, LineThatIsNoneIsSaidAndNotRecorded) {
  station_->read(std::unexpected(std::string("it is too long")));
  EXPECT_EQ(shown().at("kind"), "see_desk_first");
  EXPECT_TRUE(shows("idle"));
  EXPECT_EQ(count("tap"), 0);
}

TEST_F(StationTest, CodeOnALineIsItsPersonsTap) {
  const std::string digits = give_code("p-2");
  station_->read(code_of(digits));
  ASSERT_TRUE(shows("arrived"));
  EXPECT_EQ(count("tap WHERE person = 'p-2'"), 1);
}

TEST_F(StationTest, CodeIsTypedAtThePage) {
  const std::string digits = give_code("p-2");
  EXPECT_EQ(choose("code-" + digits), Chosen::not_offered) << "not on the page at rest";
  ASSERT_EQ(choose("have-code"), Chosen::taken);
  const Json keys = shown();
  EXPECT_EQ(keys.at("kind"), "code");
  EXPECT_EQ(keys.at("keypad").at("digits"), 8);
  for (const char* none : {"code-", "code-1234567", "code-123456789", "code-1234567x", "yes"})
    EXPECT_EQ(choose(none), Chosen::not_offered) << none;
  ASSERT_EQ(choose("code-" + digits), Chosen::taken);
  EXPECT_EQ(choose("code-" + digits), Chosen::stale) << "it is one tap";
  ASSERT_TRUE(shows("arrived"));
  ASSERT_TRUE(shows("idle"));
  EXPECT_EQ(count("tap WHERE person = 'p-2'"), 1);
  EXPECT_EQ(kinds_, (std::vector<std::string>{"idle", "code", "arrived", "idle"}));
  for (const std::string& state : states_) EXPECT_EQ(state.find(digits), std::string::npos);
}

TEST_F(StationTest, WhoeverGoesBackOrAwayLeavesThePageAtRest) {
  ASSERT_EQ(choose("have-code"), Chosen::taken);
  ASSERT_EQ(choose("no-code"), Chosen::taken);
  EXPECT_EQ(shown().at("kind"), "idle");
  ASSERT_EQ(choose("have-code"), Chosen::taken);
  EXPECT_EQ(shown().at("kind"), "code");
  EXPECT_TRUE(shows("idle")) << "nobody typed anything";
  EXPECT_EQ(count("tap"), 0);
}

TEST_F(StationTest, CardEndsTyping) {
  ASSERT_EQ(choose("have-code"), Chosen::taken);
  touch(2);
  ASSERT_TRUE(shows("arrived"));
  EXPECT_TRUE(shows("idle"));
}

TEST_F(StationTest, FiveWrongCodesAndItTakesNoneForAMinute) {
  const std::string digits = give_code("p-2");
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(shows("idle"));
    ASSERT_EQ(choose("have-code"), Chosen::taken);
    ASSERT_EQ(choose("code-" + std::string(7, '1') + std::to_string(i)), Chosen::taken);
    ASSERT_TRUE(shows("see_desk"));
  }
  EXPECT_EQ(count("inbox WHERE kind = 'code-guessing'"), 1);
  const auto right_one = [&] {
    EXPECT_TRUE(shows("idle"));
    EXPECT_EQ(choose("have-code"), Chosen::taken);
    EXPECT_EQ(choose("code-" + digits), Chosen::taken);
  };
  right_one();
  EXPECT_TRUE(shows("see_desk"));
  EXPECT_EQ(count("tap WHERE person = 'p-2'"), 0);
  pass(61s);
  right_one();
  EXPECT_TRUE(shows("arrived"));
}

TEST_F(StationTest, WhoeverTypesIsNotAskedWhatSomebodyElseWasAsked) {
  touch(1);
  ASSERT_TRUE(shows("offer"));
  EXPECT_EQ(choose("have-code"), Chosen::not_offered) << "the way is on the page at rest";
  EXPECT_EQ(choose("later"), Chosen::taken);
  EXPECT_TRUE(logged("assessment.declined"));
}

TEST_F(StationTest, SeveralCardsAreNone) {
  station_->seen({Sight::What::several, {}});
  EXPECT_EQ(shown().at("kind"), "one_card");
  EXPECT_TRUE(shows("idle"));
  EXPECT_EQ(count("tap"), 0);
}

TEST_F(StationTest, NumberOfABankCardIsNotKept) {
  station_->seen(sight_of(2, Sight::What::bank_card));
  ASSERT_TRUE(shows("see_desk")) << "although this number belongs to somebody";
  EXPECT_EQ(count("tap WHERE person IS NULL"), 1);
  EXPECT_EQ(count("inbox"), 0) << "nobody can attach what is another number each time";
}

TEST_F(StationTest, WhatCannotBeCommittedIsNotShownAsRecorded) {
  writer_.run_now([](store::Database& db) {
    db.exec("CREATE TRIGGER full BEFORE INSERT ON tap BEGIN SELECT RAISE(ABORT, 'full'); END");
  });
  touch(2);
  ASSERT_TRUE(shows("see_desk_first"));
  EXPECT_EQ(count("log"), 0);
}

TEST_F(StationTest, WithoutItsReaderItIsOutOfOrder) {
  station_->state(false, "unplugged");
  EXPECT_EQ(shown().at("kind"), "not_working");
  EXPECT_FALSE(station_->status().working);
  EXPECT_EQ(station_->status().reader, "unplugged");
  station_->state(true, "a reader");
  EXPECT_EQ(shown().at("kind"), "idle");
  EXPECT_EQ(changes_, 3);
}

TEST_F(StationTest, AssessmentIsPlayedByChoices) {
  touch(1);
  ASSERT_TRUE(shows("offer"));
  EXPECT_EQ(shown().at("language"), "fr") << "the person's";
  EXPECT_EQ(choose("yes"), Chosen::taken);
  ASSERT_TRUE(shows("question"));
  EXPECT_EQ(choose("yes"), Chosen::not_offered);
  EXPECT_EQ(choose("b"), Chosen::taken);
  ASSERT_TRUE(logged("assessment.completed"));
  ASSERT_TRUE(shows("idle"));
  EXPECT_EQ(kinds_, (std::vector<std::string>{"idle", "arrived", "offer", "question", "thank_you",
                                              "idle"}));
}

TEST_F(StationTest, NobodyIsAskedWhereNoPageIsOpen) {
  page_.reset();
  touch(1);
  ASSERT_TRUE(shows("arrived"));
  ASSERT_TRUE(shows("idle"));
  EXPECT_EQ(count("log WHERE type LIKE 'assessment.%'"), 0);
}

TEST_F(StationTest, SomebodyElsesTapEndsTheQuestionsAndIsAnswered) {
  touch(1);
  ASSERT_TRUE(shows("offer"));
  ASSERT_EQ(choose("yes"), Chosen::taken);
  ASSERT_TRUE(shows("question"));
  touch(2);
  ASSERT_TRUE(shows("arrived"));
  ASSERT_TRUE(logged("assessment.abandoned"));
  EXPECT_TRUE(shows("idle"));
  EXPECT_EQ(count("tap"), 2);
}

TEST_F(StationTest, SeveralCardsInterruptNobody) {
  touch(1);
  ASSERT_TRUE(shows("offer"));
  station_->seen({Sight::What::several, {}});
  EXPECT_EQ(shown().at("kind"), "one_card");
  ASSERT_TRUE(shows("offer"));
  EXPECT_EQ(choose("later"), Chosen::taken);
  EXPECT_TRUE(logged("assessment.declined"));
}

TEST_F(StationTest, TouchOnAScreenThatIsOverIsRefused) {
  const std::string before = shown().at("screen");
  touch(1);
  ASSERT_TRUE(shows("offer"));
  EXPECT_EQ(station_->choose(before, "yes"), Chosen::stale);
  EXPECT_EQ(station_->choose("", "yes"), Chosen::stale);
  const std::string offer = shown().at("screen");
  EXPECT_EQ(station_->choose(offer, "yes"), Chosen::taken);
  ASSERT_TRUE(shows("question"));
  EXPECT_EQ(station_->choose(offer, "later"), Chosen::stale);
}

TEST_F(StationTest, ChosenLanguageIsSpokenAndThenForgotten) {
  EXPECT_EQ(shown().at("language"), "en");
  EXPECT_EQ(choose("language-fr"), Chosen::taken);
  EXPECT_EQ(shown().at("language"), "fr");
  EXPECT_EQ(shown().at("languages"), (Json{"en", "fr"}));
  touch(2);
  ASSERT_TRUE(shows("arrived"));
  EXPECT_EQ(shown().at("title"), "Bienvenue");
  ASSERT_TRUE(shows("idle"));
  EXPECT_TRUE(until([&] { return shown().at("language") == "en"; }));
}

TEST_F(StationTest, TwoStationsOfOneReaderNeverShareAnIdentity) {
  touch(2);
  ASSERT_TRUE(shows("arrived"));
  auto next = std::make_shared<Station>(io_.get_executor(), *services_, config_.readers[0], [] {});
  next->state(true, "a reader");
  next->seen(sight_of(1));
  ASSERT_TRUE(until([&] { return count("tap") == 2; }));
  EXPECT_EQ(count("tap WHERE number = 1"), 2);
  EXPECT_EQ(count("tap_conflict"), 0);
  bool stopped = false;
  asio::co_spawn(io_, next->stop(), [&](const std::exception_ptr&) { stopped = true; });
  EXPECT_TRUE(until([&] { return stopped; }));
}

TEST_F(StationTest, ReaderCannotHaveTheNameOfATerminal) {
  writer_.run_now([this](store::Database& db) {
    rollcall::testing::register_terminal(db, "R-1", "Door");
    const auto kept = keep_readers(db, config_.readers);
    ASSERT_FALSE(kept);
    EXPECT_NE(kept.error().find("serial number of an enrolled terminal"), std::string::npos);
  });
}

}  // namespace
}  // namespace rollcall::stations
