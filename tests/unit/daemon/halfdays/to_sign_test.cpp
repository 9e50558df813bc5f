// What somebody may sign alone, and with what.
#include "daemon/halfdays/to_sign.hpp"

#include "tests/unit/daemon/halfdays/sheet_book_fixture.hpp"

namespace rollcall::halfdays {
namespace {

struct ToSignNow : SheetBook {
  std::vector<ToSign> open(const std::string& person) {
    return act([&](store::Database& db) { return to_sign(db, rules, person, host); });
  }
};

TEST_F(ToSignNow, IsWhatWasConfirmedWithItsTitleDayAndMinutes) {
  two_people_were_there();
  EXPECT_TRUE(open("p-1").empty()) << "nobody has confirmed it";
  const auto confirmed = confirm_it();
  ASSERT_TRUE(confirmed);
  const auto mine = open("p-1");
  ASSERT_EQ(mine.size(), 1u);
  EXPECT_EQ(mine[0].sheet.session, "S-AM");
  EXPECT_EQ(mine[0].title, "Title");
  EXPECT_EQ(sheets::iso(mine[0].date), "2026-03-02");
  EXPECT_EQ(mine[0].part, sheets::Part::am);
  EXPECT_EQ(mine[0].minutes, 210);
  EXPECT_EQ(mine[0].start_ms, at(9, 0));
  EXPECT_EQ(mine[0].end_ms, at(12, 30));
  EXPECT_EQ(mine[0].confirmed, confirmed->event);
  EXPECT_TRUE(mine[0].forms.drawn);
  EXPECT_TRUE(mine[0].forms.tap);
}

TEST_F(ToSignNow, IsNothingForWhoWasNotThereOrHasSigned) {
  two_people_were_there();
  ASSERT_TRUE(confirm_it());
  EXPECT_TRUE(open("p-3").empty());
  ASSERT_TRUE(sign_it(draws("p-1")));
  EXPECT_TRUE(open("p-1").empty());
}

TEST_F(ToSignNow, IsNotDrawnByWhoIsProtected) {
  two_people_were_there();
  ASSERT_TRUE(confirm_it());
  const auto theirs = open("p-2");
  ASSERT_EQ(theirs.size(), 1u);
  EXPECT_FALSE(theirs[0].forms.drawn);
  EXPECT_TRUE(theirs[0].forms.tap);
}

TEST_F(ToSignNow, EndsWithTheSheetAndAfterAMonth) {
  two_people_were_there();
  ASSERT_TRUE(confirm_it());
  const auto now = host.wall_ms;
  host.wall_ms = at(12, 30) + 32 * 24 * 60 * minute_ms;
  EXPECT_TRUE(open("p-1").empty()) << "too long ago";
  host.wall_ms = now;
  host.trust = protocol::ClockTrust::unproven;
  EXPECT_TRUE(open("p-1").empty()) << "nobody knows when it is signed";
  host.trust = protocol::ClockTrust::synced;
  for (const char* person : {"p-1", "p-2"}) {
    const NotSignedRequest gone{morning, person, "left_early", "Had to catch the bus.", "t-1"};
    ASSERT_TRUE(act([&](store::Database& db) { return close_unsigned(db, rules, gone, host); }));
    EXPECT_EQ(open(person).size(), 1u) << "who had left may still sign";
  }
  const NotSignedRequest refuses{morning, "p-1", "refused", "Does not want to.", "t-1"};
  ASSERT_TRUE(act([&](store::Database& db) { return close_unsigned(db, rules, refuses, host); }));
  EXPECT_TRUE(open("p-1").empty()) << "nobody is asked again and again";
  ASSERT_TRUE(act([&](store::Database& db) { return close(db, rules, morning, "t-1", host); }));
  EXPECT_TRUE(open("p-2").empty());
}

TEST_F(ToSignNow, TheNewestComesFirst) {
  two_people_were_there();
  ASSERT_TRUE(confirm_it());
  constexpr std::int64_t day = 24 * 60 * minute_ms;
  host.wall_ms = at(12, 40) + day;
  take(tap(5, at(8, 55) + day, card_1));
  take(tap(6, at(12, 31) + day, card_1));
  const SheetKey tuesday{"S-AM", "2026-03-03"};
  ASSERT_TRUE(
      act([&](store::Database& db) { return confirm(db, rules, {tuesday, "t-1", {}}, host); }));
  const auto mine = open("p-1");
  ASSERT_EQ(mine.size(), 2u);
  EXPECT_EQ(mine[0].sheet.day, "2026-03-03");
  EXPECT_EQ(mine[1].sheet.day, "2026-03-02");
}

TEST_F(ToSignNow, IsOfferedAsThePlaceHasIt) {
  two_people_were_there();
  ASSERT_TRUE(confirm_it());
  EXPECT_FALSE(offered(open("p-1"), {.drawn = false, .tap = true})[0].forms.drawn);
  EXPECT_EQ(offered(open("p-2"), {.drawn = true, .tap = false}).size(), 0u) << "protected";
}

// The programme of the session says how people sign.
struct Programmes : ToSignNow {
  Result<std::string> sign_in(std::vector<std::string> signatures, const SignRequest& request) {
    config::Config with = config;
    with.programmes = {{.id = "bilan", .signatures = std::move(signatures)}};
    return act([&](store::Database& db) { return sign(db, {with, no_holidays}, request, host); });
  }
  void SetUp() override {
    writer.run_now([](store::Database& db) { db.exec("UPDATE session SET programme = 'bilan'"); });
    two_people_were_there();
    ASSERT_TRUE(confirm_it());
  }
};

TEST_F(Programmes, OneThatIsSignedByCardTakesNoDrawing) {
  EXPECT_EQ(sign_in({"tap"}, draws("p-1")).error(),
            "in this programme people sign by card or with a witness");
  EXPECT_TRUE(sign_in({"tap"}, taps("p-1", tap_to_sign(9, card_1))));
}

TEST_F(Programmes, OneThatIsSignedByDrawingTakesNoCard) {
  EXPECT_EQ(sign_in({"drawn"}, taps("p-1", tap_to_sign(9, card_1))).error(),
            "in this programme people sign by drawing or with a witness");
  EXPECT_EQ(sign_in({"drawn"}, draws("p-2")).error(), "this person signs with a witness");
  EXPECT_TRUE(sign_in({"drawn"}, draws("p-1")));
}

TEST_F(Programmes, AWitnessIsAlwaysPossibleAndTheTrainerDrawsOnTheConsole) {
  for (const auto& signatures : {std::vector<std::string>{"tap"}, {"drawn"}}) {
    SignRequest witnessed = draws(signatures[0] == "tap" ? "p-1" : "p-2");
    witnessed.form = WitnessedForm{"The hand is in plaster."};
    witnessed.actor = "t-1";
    EXPECT_TRUE(sign_in(signatures, witnessed));
  }
  SignRequest trainer = draws("t-1");
  trainer.role = "trainer";
  EXPECT_TRUE(sign_in({"tap"}, trainer));
}

struct OwnTaps : ToSignNow {
  void SetUp() override {
    two_people_were_there();
    ASSERT_TRUE(confirm_it());
  }
};

TEST_F(OwnTaps, ATapThatWasNotAskedForSignsNothing) {
  EXPECT_EQ(sign_it(taps("p-1", {"TC-1", {}, 77})).error(),
            "this tap was not made by this person to sign");
  const auto movement = tap(3, 0, card_1);
  EXPECT_FALSE(sign_it(taps("p-1", {"TC-1", movement.tap.epoch, 3}))) << "their exit";
  EXPECT_FALSE(sign_it(taps("p-2", tap_to_sign(9, card_1)))) << "somebody else's";
}

TEST_F(OwnTaps, OneTapSignsOneHalfDay) {
  const auto with = tap_to_sign(9, card_1);
  const auto first = sign_it(taps("p-1", with));
  ASSERT_TRUE(first) << first.error();
  ASSERT_TRUE(act([&](store::Database& db) {
    return withdraw(db, rules, {*first, "by_mistake", "It was not me.", "t-1"}, host);
  }));
  EXPECT_EQ(sign_it(taps("p-1", with)).error(),
            "this tap has signed a half-day already; each is signed by itself");
  EXPECT_TRUE(sign_it(taps("p-1", tap_to_sign(10, card_1))));
}

TEST_F(OwnTaps, WhatWasShownIsWhatIsSigned) {
  auto request = taps("p-1", tap_to_sign(9, card_1));
  request.confirmed = open("p-1")[0].confirmed;
  ASSERT_TRUE(confirm_it()) << "again, while the screen is up";
  EXPECT_EQ(sign_it(request).error(), "the half-day was confirmed again since it was shown");
  request.confirmed = open("p-1")[0].confirmed;
  EXPECT_TRUE(sign_it(request));
}

TEST_F(OwnTaps, ADrawingAtAReaderSaysByWhatItsPersonWasKnown) {
  auto request = draws("p-1");
  std::get<DrawnForm>(request.form).tap = events::TapIdentity{"TC-1", {}, 3};
  request.method = "card";
  request.assurance = "uid";
  request.terminal = "TC-1";
  ASSERT_TRUE(sign_it(request));
  const json told = newest("halfday.signed");
  EXPECT_TRUE(testing::satisfies_contract(told)) << told.dump(1);
  EXPECT_EQ(told["data"]["tap"]["number"], 3);
  EXPECT_EQ(told["data"]["method"], "card");
  EXPECT_TRUE(told["data"]["actor"].is_null());
}

}  // namespace
}  // namespace rollcall::halfdays
