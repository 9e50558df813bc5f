#include "tests/unit/daemon/attendance/recording.hpp"

namespace rollcall::attendance {
namespace {

using protocol::Outcome;
using rollcall::testing::tap;
using test::minute_ms;
using test::monday_0850;
using test::Recording;

TEST_F(Recording, ATapIsAFactAndAConclusion) {
  const TapResult result = take(tap(1, monday_0850, card_1));
  EXPECT_EQ(result.outcome, Outcome::arrived);
  EXPECT_EQ(result.person, "p-1");
  EXPECT_EQ(result.language, "fr");
  EXPECT_EQ(types(), (std::vector<std::string>{"tap.recorded", "attendance.arrived"}));
  const auto arrived = event(2);
  EXPECT_EQ(arrived["subject"], "p-1");
  EXPECT_EQ(arrived["data"]["session"], "S-AM");
  EXPECT_EQ(arrived["data"]["half_day"]["part"], "am");
  EXPECT_EQ(arrived["data"]["taps"][0]["number"], 1);
  EXPECT_EQ(arrived["data"]["provisional"], false);
}

TEST_F(Recording, AResendReturnsTheStoredAnswerAndWritesNothing) {
  take(tap(1, monday_0850, card_1));
  const TapResult again = take(tap(1, monday_0850, card_1));
  EXPECT_TRUE(again.resend);
  EXPECT_EQ(again.outcome, Outcome::arrived);
  EXPECT_EQ(types().size(), 2u);
}

TEST_F(Recording, ADoubleTapRunsOnTapTimeNotOnArrivalTime) {
  take(tap(1, monday_0850, card_1));
  EXPECT_EQ(take(tap(2, monday_0850 + 30'000, card_1)).outcome, Outcome::repeat);
  EXPECT_EQ(take(tap(3, monday_0850 + 61'000, card_1)).outcome, Outcome::left);
}

TEST_F(Recording, AWalletWithTwoCardsOfOnePersonIsOneArrival) {
  writer.run_now([&](store::Database& db) {
    db.prepare("INSERT INTO card (token, person, source) VALUES (?, 'p-1', 'roster')")
        .bind(token(stranger))
        .run();
  });
  EXPECT_EQ(take(tap(1, monday_0850, card_1)).outcome, Outcome::arrived);
  EXPECT_EQ(take(tap(2, monday_0850 + 900, stranger)).outcome, Outcome::repeat);
  EXPECT_EQ(take(tap(3, monday_0850 + 1'800, card_1)).outcome, Outcome::repeat);
}

TEST_F(Recording, SameIdentityWithOtherContentKeepsBothAndAsksForANewEpoch) {
  take(tap(1, monday_0850, card_1));
  const TapResult other = take(tap(1, monday_0850 + minute_ms, stranger));
  EXPECT_TRUE(other.conflict);
  EXPECT_EQ(other.outcome, Outcome::see_staff);
  EXPECT_EQ(types(), (std::vector<std::string>{"tap.recorded", "attendance.arrived", "tap.recorded",
                                               "security.identity_reused"}));
  EXPECT_TRUE(take(tap(1, monday_0850 + minute_ms, stranger)).resend);
  EXPECT_EQ(types().size(), 4u);
  EXPECT_NE(event(1)["id"], event(3)["id"]);
  // The first one's answer stands.
  EXPECT_EQ(take(tap(1, monday_0850, card_1)).outcome, Outcome::arrived);
}

TEST_F(Recording, AnUnknownCardIsRecordedAndWaitsForStaff) {
  EXPECT_EQ(take(tap(1, monday_0850, stranger)).outcome, Outcome::see_staff);
  EXPECT_EQ(types(), (std::vector<std::string>{"tap.recorded"}));
  EXPECT_FALSE(event(1).contains("subject"));
}

TEST_F(Recording, AttachingACardGivesItsEarlierTapsTheirOriginalTimes) {
  take(tap(1, monday_0850, stranger));
  take(tap(2, monday_0850 + 10'000, stranger));
  Attached attached;
  const AttachRequest request{token(stranger), "p-2", "unix:0", "first card"};
  writer.run_now([&](store::Database& db) {
    attached = attach_card(db, config, request,
                           {monday_0850 + 40 * minute_ms, protocol::ClockTrust::synced, 9, 1});
  });
  EXPECT_EQ(attached.error, "");
  EXPECT_EQ(attached.earlier_taps, 2);
  EXPECT_EQ(types(), (std::vector<std::string>{"tap.recorded", "tap.recorded", "card.attached",
                                               "attendance.arrived"}));
  EXPECT_EQ(event(4)["subject"], "p-2");
  EXPECT_EQ(event(4)["time"], event(1)["time"]);
  EXPECT_EQ(event(4)["data"]["time"]["boot"], 3);
  // From now on the card is known.
  EXPECT_EQ(take(tap(3, monday_0850 + 70 * minute_ms, stranger)).person, "p-2");
}

TEST_F(Recording, AttachingNeedsAReasonAPersonAndACardThatWasSeen) {
  take(tap(1, monday_0850, stranger));
  const auto refused = [&](AttachRequest request) {
    Attached attached;
    writer.run_now([&](store::Database& db) { attached = attach_card(db, config, request, host); });
    return attached.error;
  };
  EXPECT_NE(refused({token(stranger), "p-2", "unix:0", ""}), "");
  EXPECT_NE(refused({token(stranger), "nobody", "unix:0", "why"}), "");
  EXPECT_NE(refused({token({5, 5, 5, 5}), "p-2", "unix:0", "why"}), "");
  EXPECT_NE(refused({token(card_1), "p-1", "unix:0", "why"}), "");
  EXPECT_EQ(types().size(), 1u);
}

TEST_F(Recording, ALiveTapThatOvertakesTheQueueIsProvisional) {
  take(tap(2, monday_0850, card_1));
  EXPECT_EQ(event(2)["data"]["provisional"], true);
  EXPECT_EQ(take(tap(1, monday_0850 - 20 * minute_ms, stranger)).outcome, Outcome::see_staff);
  take(tap(3, monday_0850 + 90 * minute_ms, card_1));
  EXPECT_EQ(event(5)["type"], "org.rollcall.attendance.left.v1");
  EXPECT_EQ(event(5)["data"]["provisional"], false);
}

TEST_F(Recording, ALateTapIsDecidedByWhatCameBeforeIt) {
  take(tap(2, monday_0850 + 215 * minute_ms,
           card_1));  // first known tap, at the end of the session: left
  EXPECT_EQ(event(2)["type"], "org.rollcall.attendance.left.v1");
  auto late = tap(1, monday_0850, card_1);
  late.live = false;
  EXPECT_EQ(take(late).outcome, Outcome::arrived);
  store::Database db(scratch.path(), store::Database::Mode::query_only);
  auto presence = db.prepare("SELECT direction FROM presence WHERE person = 'p-1'");
  ASSERT_TRUE(presence.step());
  EXPECT_EQ(presence.text(0), "out");
}

TEST_F(Recording, TheExitOfAClassOverMidnightBelongsToTheDayTheClassBegan) {
  writer.run_now([](store::Database& db) {
    db.exec(
        "INSERT INTO session (id, course, title, room, weekdays, first_day, last_day, start_min, "
        "end_min, half_day) VALUES ('S-NIGHT', 'C', 'Night', 'Door', 'mon', '2026-01-01', "
        "'2026-12-31', 1320, 1560, 'eve')");
  });
  const std::int64_t monday_2155 = monday_0850 + (13 * 60 + 5) * minute_ms;
  EXPECT_EQ(take(tap(1, monday_2155, card_1)).outcome, Outcome::arrived);
  EXPECT_EQ(take(tap(2, monday_2155 + 245 * minute_ms, card_1)).outcome, Outcome::left);
  const auto left = event(4)["data"];
  EXPECT_EQ(left["session"], "S-NIGHT");
  EXPECT_EQ(left["half_day"], (nlohmann::json{{"date", "2026-03-02"}, {"part", "eve"}}));
  // A day later nothing of it is left.
  EXPECT_EQ(take(tap(3, monday_2155 + 24 * 60 * minute_ms, card_1)).outcome, Outcome::arrived);
}

TEST_F(Recording, ACancelledSessionIsNoSession) {
  writer.run_now([](store::Database& db) {
    db.exec(
        "INSERT INTO session_day (session, day, state) VALUES ('S-AM', '2026-03-02', 'cancelled')");
  });
  EXPECT_EQ(take(tap(1, monday_0850, card_1)).outcome, Outcome::arrived);
  EXPECT_EQ(event(2)["data"]["session"], nullptr);
  EXPECT_EQ(event(2)["data"]["no_session_reason"], "no_session");
}

TEST_F(Recording, ATerminalWithoutTimeOfDayRecordsWithoutADirection) {
  auto timeless = tap(1, 0, card_1);
  timeless.tap.trust = protocol::ClockTrust::unproven;
  EXPECT_EQ(take(timeless).outcome, Outcome::recorded);
  EXPECT_EQ(types(), (std::vector<std::string>{"tap.recorded"}));
  EXPECT_TRUE(event(1)["data"]["time"]["wall"].is_null());
}

TEST_F(Recording, ATapAtTheChildcareDeskIsRecordedNotInterpreted) {
  EXPECT_EQ(take(tap(1, monday_0850, card_1, "CH-1")).outcome, Outcome::recorded);
  EXPECT_EQ(types(), (std::vector<std::string>{"tap.recorded"}));
}

TEST_F(Recording, RoomAndModeAreThoseOfTheMomentOfTheDecision) {
  take(tap(1, monday_0850, card_1));
  writer.run_now([](store::Database& db) {
    db.exec("UPDATE registry SET room = 'Playroom', mode = 'childcare' WHERE serial = 'TC-1'");
  });
  EXPECT_EQ(take(tap(2, monday_0850 + 5 * minute_ms, card_1)).outcome, Outcome::recorded);
  EXPECT_EQ(event(1)["data"]["room"], "Door");
  EXPECT_EQ(event(3)["data"]["room"], "Playroom");
}

TEST_F(Recording, AnAttachedCardsEarlierTapsKeepTheRoomTheyWereTakenIn) {
  take(tap(1, monday_0850, stranger));
  AttachRequest request{token(stranger), "p-2", "desk-1", "first card"};
  Attached attached;
  writer.run_now([&](store::Database& db) {
    db.exec("UPDATE registry SET room = 'Elsewhere' WHERE serial = 'TC-1'");
    attached = attach_card(db, config, request, host);
  });
  EXPECT_EQ(attached.error, "");
  EXPECT_EQ(types().back(), "attendance.arrived");
  EXPECT_EQ(event(3)["data"]["room"], "Door");
}

TEST_F(Recording, TheHighestNumberOfAnEpochIsKept) {
  take(tap(1, monday_0850, card_1));
  take(tap(7, monday_0850 + minute_ms, stranger));
  take(tap(3, monday_0850 + minute_ms, stranger));
  store::Database db(scratch.path(), store::Database::Mode::query_only);
  auto row = db.prepare("SELECT highest_number, taken FROM terminal_epoch");
  ASSERT_TRUE(row.step());
  EXPECT_EQ(row.integer(0), 7);
  EXPECT_EQ(row.integer(1), 3);
}

}  // namespace
}  // namespace rollcall::attendance
