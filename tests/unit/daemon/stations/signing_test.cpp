// Half-days that are signed at a kiosk page, by card and by drawing.
#include "tests/unit/daemon/halfdays/signed_morning.hpp"
#include "tests/unit/daemon/stations/running_station.hpp"

namespace rollcall::stations {
namespace {

struct StationSigning : StationTest {
  // Both have come, the trainer has confirmed, and it is a minute after the end.
  void SetUp() override {
    writer_.run_now([](store::Database& db) { halfdays::test::plan_morning(db); });
    touch(1);
    ASSERT_TRUE(until([&] { return count("presence") == 1; }));
    touch(2);
    ASSERT_TRUE(shows("arrived"));
    ASSERT_TRUE(until([&] { return count("presence") == 2; }));
    ASSERT_TRUE(shows("idle")) << "nothing is confirmed yet, and so nothing to sign";
    writer_.run_now([this](store::Database& db) {
      host_.wall_ms = halfdays::test::monday_1231;
      host_.monotonic_ms += 221 * 60'000;
      halfdays::test::confirm_morning(db, config_, holidays_, host_);
    });
    away();
  }
  // The card is away for long enough to count again; what is shown can have been read.
  void away() {
    const auto end = std::chrono::steady_clock::now() + 600ms;
    until([&] { return std::chrono::steady_clock::now() >= end; });
  }
  std::int64_t signatures(const std::string& where) { return count("signature WHERE " + where); }
  static sheets::Drawing drawing() { return {{{{0.1, 0.5}, {0.5, 0.2}, {0.9, 0.6}}}, 3}; }
  Chosen sign(const sheets::Drawing& drawn) {
    return station_->sign(shown().at("screen").get<std::string>(), drawn);
  }
};

TEST_F(StationSigning, TheSameCardAgainIsTheSignature) {
  touch(2);
  ASSERT_TRUE(shows("sign"));
  EXPECT_EQ(shown().at("title"), "First steps");
  EXPECT_EQ(shown().at("signing").at("when"), "Monday 2 March, morning");
  EXPECT_EQ(shown().at("signing").at("how"), "or hold your card again");
  EXPECT_EQ(count("log WHERE type = 'attendance.left'"), 1);
  away();
  touch(2);
  ASSERT_TRUE(shows("signed"));
  EXPECT_EQ(signatures("person = 'p-2' AND form = 'tap'"), 1);
  EXPECT_EQ(count("tap WHERE signing = 1"), 1);
  EXPECT_EQ(count("log WHERE type = 'tap.recorded'"), 4) << "one for each tap";
  EXPECT_EQ(count("movement"), 3) << "the second tap moved nobody";
  EXPECT_TRUE(shows("idle"));
}

TEST_F(StationSigning, SomebodyElsesCardSignsNothingAndThePageIsTheirs) {
  touch(2);
  ASSERT_TRUE(shows("sign"));
  away();
  touch(1);
  ASSERT_TRUE(until([&] { return count("movement") == 4; }));
  ASSERT_TRUE(until([&] { return shown().at("kind") == "sign" && shown().at("language") == "fr"; }))
      << "what p-1 has to sign";
  EXPECT_EQ(signatures("1"), 0);
  away();
  touch(1);
  ASSERT_TRUE(shows("signed"));
  EXPECT_EQ(signatures("person = 'p-1'"), 1);
  EXPECT_EQ(signatures("1"), 1);
}

TEST_F(StationSigning, ADrawingIsASignature) {
  EXPECT_EQ(sign(drawing()), Chosen::not_offered) << "nobody is asked";
  touch(2);
  ASSERT_TRUE(shows("sign"));
  const auto screen = shown().at("screen").get<std::string>();
  EXPECT_EQ(station_->sign("another", drawing()), Chosen::stale);
  EXPECT_EQ(sign(drawing()), Chosen::taken);
  EXPECT_EQ(station_->sign(screen, drawing()), Chosen::stale) << "it is one signature";
  ASSERT_TRUE(shows("signed"));
  EXPECT_EQ(signatures("person = 'p-2' AND form = 'drawn' AND drawing IS NOT NULL"), 1);
}

TEST_F(StationSigning, LaterSignsNothingAndTheCardBringsItBack) {
  touch(2);
  ASSERT_TRUE(shows("sign"));
  ASSERT_EQ(choose("later"), Chosen::taken);
  ASSERT_TRUE(shows("idle"));
  EXPECT_EQ(signatures("1"), 0);
  away();
  touch(2);
  EXPECT_TRUE(shows("sign"));
}

TEST_F(StationSigning, WhoSaysThatTheyStayIsNotAskedForWhatIsNotOver) {
  writer_.run_now([this](store::Database&) { host_.wall_ms -= 12 * 60'000; });
  touch(2);
  ASSERT_TRUE(shows("sign"));
  ASSERT_EQ(choose("other-way"), Chosen::taken);
  ASSERT_TRUE(shows("arrived"));
  ASSERT_TRUE(shows("idle"));
  EXPECT_EQ(std::ranges::count(kinds_, "sign"), 1);
}

}  // namespace
}  // namespace rollcall::stations
