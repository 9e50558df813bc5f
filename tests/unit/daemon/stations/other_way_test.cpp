// The answer that came to a movement: with its time, and the way to say that it was the other way.
#include "tests/unit/daemon/stations/running_station.hpp"

namespace rollcall::stations {
namespace {

struct OtherWayTest : StationTest {
  OtherWayTest() { services_->pace.other_way = 20s; }  // who does not say so here says nothing
  // As soon as somebody waits for it.
  bool says_other_way() {
    bool taken = false;
    return until([&] { return taken = taken || choose("other-way") == Chosen::taken; });
  }
  std::string stated() {
    store::Database db(database_.path(), store::Database::Mode::query_only);
    std::string all;
    auto row = db.prepare("SELECT number || ifnull(stated, '-') FROM tap ORDER BY number");
    while (row.step()) all += (all.empty() ? "" : " ") + row.text(0);
    return all;
  }
};

TEST_F(OtherWayTest, TheAnswerSaysWayAndTimeAndIsTurnedRound) {
  touch(2);
  ASSERT_TRUE(shows("arrived"));
  const Json page = shown();
  EXPECT_EQ(page.at("title"), "Welcome");
  EXPECT_EQ(page.at("detail"), "You arrived · 08:50");
  ASSERT_EQ(page.at("choices").size(), 1u);
  EXPECT_EQ(page.at("choices").at(0).at("text"), "I am leaving");
  ASSERT_TRUE(says_other_way() && shows("left"));
  EXPECT_EQ(stated(), "1out") << "durable before it is shown";
  EXPECT_EQ(shown().at("choices"), Json::array()) << "once";
  EXPECT_EQ(choose("other-way"), Chosen::not_offered);
  EXPECT_TRUE(shows("idle"));
  EXPECT_EQ(count("log WHERE type = 'attendance.corrected'"), 1);
}

TEST_F(OtherWayTest, ItSpeaksThePersonsLanguage) {
  touch(1);
  ASSERT_TRUE(shows("arrived"));
  EXPECT_EQ(shown().at("detail"), "Arrivée · 08:50");
  EXPECT_EQ(shown().at("choices").at(0).at("text"), "Je pars");
}

TEST_F(OtherWayTest, AfterItsTimeThePageIsAtRestAndTheChoiceStale) {
  services_->pace.other_way = 100ms;
  touch(2);
  ASSERT_TRUE(shows("arrived"));
  const std::string screen = shown().at("screen");
  ASSERT_TRUE(shows("idle"));
  EXPECT_EQ(station_->choose(screen, "other-way"), Chosen::stale);
  EXPECT_EQ(stated(), "1-");
}

TEST_F(OtherWayTest, TheNextPersonHasThePageAndTheirOwnTap) {
  touch(1);
  ASSERT_TRUE(shows("arrived"));
  const std::string first = shown().at("screen");
  touch(2);
  ASSERT_TRUE(until([&] { return shown().at("detail") == "You arrived · 08:50"; }));
  EXPECT_EQ(station_->choose(first, "other-way"), Chosen::stale);
  ASSERT_TRUE(says_other_way() && shows("left"));
  EXPECT_EQ(stated(), "1- 2out");
}

TEST_F(OtherWayTest, WhoTurnedTheirTapRoundIsNotAskedAnything) {
  touch(1);
  ASSERT_TRUE(shows("arrived"));
  ASSERT_TRUE(says_other_way() && shows("left"));
  ASSERT_TRUE(shows("idle"));
  EXPECT_EQ(count("log WHERE type LIKE 'assessment.%'"), 0);
}

TEST_F(OtherWayTest, WhereNoPageIsOpenItIsOnlyAnswered) {
  page_.reset();
  touch(2);
  ASSERT_TRUE(shows("arrived"));
  EXPECT_EQ(shown().at("choices"), Json::array());
  EXPECT_TRUE(shows("idle"));
}

TEST_F(OtherWayTest, WhatIsNoMovementIsOnlyAnswered) {
  touch(9);
  ASSERT_TRUE(shows("see_desk"));
  EXPECT_EQ(shown().at("choices"), Json::array());
}

TEST_F(OtherWayTest, WhatCannotBeKeptEndsAtTheDesk) {
  writer_.run_now([](store::Database& db) {
    db.exec("CREATE TRIGGER full BEFORE UPDATE ON tap BEGIN SELECT RAISE(ABORT, 'full'); END");
  });
  touch(2);
  ASSERT_TRUE(shows("arrived"));
  ASSERT_TRUE(says_other_way() && shows("see_desk"));
  EXPECT_EQ(count("log WHERE type = 'attendance.corrected'"), 0);
}

}  // namespace
}  // namespace rollcall::stations
