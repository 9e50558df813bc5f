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
