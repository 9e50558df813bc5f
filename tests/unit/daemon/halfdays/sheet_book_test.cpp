// A half-day from taps to a closed sheet.
#include "daemon/attendance/assist.hpp"
#include "daemon/halfdays/certificate.hpp"
#include "daemon/recovery/import.hpp"
#include "daemon/roster/identity.hpp"
#include "tests/unit/daemon/halfdays/sheet_book_fixture.hpp"

namespace rollcall::halfdays {
namespace {

TEST_F(SheetBook, WhatWasTappedIsConfirmedWithHoursAndTitle) {
  two_people_were_there();
  const auto confirmed = confirm_it();
  ASSERT_TRUE(confirmed) << confirmed.error();
  const json told = newest("halfday.confirmed");
  EXPECT_TRUE(testing::satisfies_contract(told)) << told.dump(1);
  ASSERT_EQ(told["data"]["people"].size(), 2u);
  EXPECT_EQ(told["data"]["people"][0]["minutes"], 210);
  EXPECT_EQ(told["data"]["people"][1]["minutes"], 190);
  EXPECT_EQ(told["data"]["people"][0]["rests_on"].size(), 2u);
  EXPECT_EQ(told["data"]["actor"], "t-1");
  EXPECT_EQ(told["data"]["digest"], confirmed->digest);
  EXPECT_EQ(events::hex(sheets::digest(sheet())), confirmed->digest)
      << "read again it has the same content";
}

TEST_F(SheetBook, ASheetShowsNamesButNeverThoseThatAreProtected) {
  two_people_were_there();
  ASSERT_TRUE(confirm_it());
  const sheets::Sheet shown = sheet();
  EXPECT_EQ(shown.trainer.shown, "Nora Peeters");
  EXPECT_EQ(shown.lines[0].person.shown, "Yasmina El Amrani");
  EXPECT_EQ(shown.lines[1].person.shown, "p-2");
  EXPECT_EQ(shown.lines[1].mark, sheets::Mark::late);
}

TEST_F(SheetBook, WhoWasThereSignsOnceAndTheEventSaysHow) {
  two_people_were_there();
  EXPECT_EQ(sign_it(draws("p-1")).error(), phrase(Refusal::not_confirmed));
  ASSERT_TRUE(confirm_it());
  const auto signature = sign_it(draws("p-1"));
  ASSERT_TRUE(signature) << signature.error();
  const json told = newest("halfday.signed");
  EXPECT_TRUE(testing::satisfies_contract(told)) << told.dump(1);
  EXPECT_EQ(told["data"]["form"], "drawn");
  EXPECT_EQ(told["data"]["signature"].get<std::string>().size(), 64u);
  EXPECT_EQ(told.dump().find("0.1"), std::string::npos) << "points stay at the site";
  EXPECT_EQ(sign_it(draws("p-1")).error(), phrase(Refusal::signed_already));
  EXPECT_EQ(sign_it(draws("p-3")).error(), phrase(Refusal::not_there));
  EXPECT_TRUE(std::holds_alternative<sheets::Signature>(sheet().lines[0].closing));
}

TEST_F(SheetBook, ACardAndAWitnessSignToo) {
  two_people_were_there();
  ASSERT_TRUE(confirm_it());
  const auto by_card = sign_it(taps("p-1", tap_to_sign(9, card_1)));
  ASSERT_TRUE(by_card) << by_card.error();
  EXPECT_TRUE(testing::satisfies_contract(newest("halfday.signed")));
  EXPECT_EQ(newest("halfday.signed")["data"]["form"], "tap");
  SignRequest witnessed = draws("p-2");
  witnessed.form = WitnessedForm{"The hand is in plaster."};
  EXPECT_FALSE(sign_it(witnessed)) << "who witnesses it is needed";
  witnessed.actor = "t-1";
  ASSERT_TRUE(sign_it(witnessed));
  EXPECT_TRUE(testing::satisfies_contract(newest("halfday.signed")))
      << newest("halfday.signed").dump(1);
  EXPECT_EQ(newest("halfday.signed")["data"]["reason"], "The hand is in plaster.");
}

TEST_F(SheetBook, TheWrongHalfDayIsWithdrawnAndBothStayOnRecord) {
  two_people_were_there();
  ASSERT_TRUE(confirm_it());
  const auto signature = sign_it(draws("p-1"));
  ASSERT_TRUE(signature);
  const WithdrawRequest request{*signature, "wrong_half_day", "It was to be the afternoon.", "t-1"};
  const auto done = act([&](store::Database& db) { return withdraw(db, rules, request, host); });
  ASSERT_TRUE(done) << done.error();
  EXPECT_TRUE(testing::satisfies_contract(newest("halfday.withdrawn")))
      << newest("halfday.withdrawn").dump(1);
  const sheets::Sheet after = sheet();
  EXPECT_TRUE(std::holds_alternative<sheets::Open>(after.lines[0].closing));
  ASSERT_EQ(after.withdrawn.size(), 1u);
  EXPECT_EQ(after.withdrawn[0].reason, "It was to be the afternoon.");
  EXPECT_FALSE(act([&](store::Database& db) { return withdraw(db, rules, request, host); }))
      << "once";
  EXPECT_TRUE(sign_it(draws("p-1"))) << "and signed again";
}

TEST_F(SheetBook, AConfirmationTakesItsSignaturesWithIt) {
  two_people_were_there();
  const auto confirmed = confirm_it();
  ASSERT_TRUE(sign_it(draws("p-1")));
  EXPECT_EQ(sign_it(draws("p-2")).error(), "this person signs by card or with a witness")
      << "a drawing can be read";
  SignRequest witnessed = draws("p-2");
  witnessed.form = WitnessedForm{"Signs with a witness."};
  witnessed.actor = "t-1";
  ASSERT_TRUE(sign_it(witnessed));
  const auto done = act([&](store::Database& db) {
    return withdraw(db, rules,
                    {confirmed->event, "wrong_session", "Another session was meant.", "t-1"}, host);
  });
  ASSERT_TRUE(done) << done.error();
  EXPECT_EQ(*done, 3);
  EXPECT_FALSE(sheet().confirmed);
  EXPECT_EQ(sheet().withdrawn.size(), 2u);
}

TEST_F(SheetBook, ACorrectionAfterTheConfirmationMakesANewVersionThatIsSignedAgain) {
  two_people_were_there();
  const auto first = confirm_it();
  ASSERT_TRUE(sign_it(draws("p-1")));
  EXPECT_FALSE(act([&](store::Database& db) {
    return read_sheet_now(db, config, morning, host.wall_ms)->outdated;
  }));
  take(tap(6, at(10, 0), card_1, "TC-1"));  // a late tap: out at ten, and not back
  EXPECT_TRUE(act([&](store::Database& db) {
    return read_sheet_now(db, config, morning, host.wall_ms)->outdated;
  }));
  EXPECT_EQ(events::hex(sheets::digest(sheet())), first->digest)
      << "what was confirmed stands until it is confirmed again";
  const auto second = confirm_it();
  ASSERT_TRUE(second) << second.error();
  EXPECT_EQ(second->sheet, first->sheet);
  EXPECT_NE(second->digest, first->digest);
  EXPECT_EQ(second->withdrawn, 1);
  EXPECT_EQ(newest("halfday.confirmed")["data"]["replaces"], first->event);
  EXPECT_EQ(newest("halfday.withdrawn")["data"]["reason"], "content_changed");
  EXPECT_EQ(sheet().version, 2);
}

TEST_F(SheetBook, AnOlderVersionReadsAsItStoodUntilItWasReplaced) {
  two_people_were_there();
  const auto first = confirm_it();
  const auto signature = sign_it(draws("p-1"));
  ASSERT_TRUE(act([&](store::Database& db) {
    return withdraw(db, rules, {*signature, "by_mistake", "It was not me.", "t-1"}, host);
  }));
  ASSERT_TRUE(sign_it(draws("p-1")));
  host.wall_ms = at(13, 0);
  take(tap(6, at(10, 0), card_1, "TC-1"));
  ASSERT_TRUE(confirm_it());
  const auto version = [&](int number) {
    return act([&](store::Database& db) {
      return read_version(db, config, morning, number, host.wall_ms);
    });
  };
  const auto old = version(1);
  ASSERT_TRUE(old);
  EXPECT_EQ(events::hex(sheets::digest(*old)), first->digest);
  EXPECT_EQ(old->ended_ms, host.wall_ms);
  EXPECT_TRUE(std::holds_alternative<sheets::Signature>(old->lines[0].closing))
      << "it was signed until then";
  ASSERT_EQ(old->withdrawn.size(), 1u) << "what staff took back of it, not the rule";
  EXPECT_EQ(old->withdrawn[0].reason, "It was not me.");
  const auto now = version(2);
  ASSERT_TRUE(now);
  EXPECT_FALSE(now->ended_ms);
  EXPECT_TRUE(std::holds_alternative<sheets::Open>(now->lines[0].closing));
  EXPECT_FALSE(version(0));
  EXPECT_FALSE(version(3));
}

TEST_F(SheetBook, AVersionThatWasWithdrawnStaysReadableAndTheNextIsAnother) {
  two_people_were_there();
  const auto first = confirm_it();
  ASSERT_TRUE(act([&](store::Database& db) {
    return withdraw(db, rules, {first->event, "wrong_half_day", "It was the other.", "t-1"}, host);
  }));
  EXPECT_EQ(sheet().version, 2);
  EXPECT_FALSE(sheet().confirmed);
  const auto old =
      act([&](store::Database& db) { return read_version(db, config, morning, 1, host.wall_ms); });
  ASSERT_TRUE(old);
  EXPECT_TRUE(old->ended_ms);
  ASSERT_TRUE(confirm_it());
  EXPECT_EQ(sheet().version, 2);
}

TEST_F(SheetBook, WhoSignsAndThenTapsOutChangesNothingOfTheSheet) {
  host.wall_ms = at(12, 20);
  take(tap(1, at(8, 55), card_1));
  ASSERT_TRUE(confirm_it());
  EXPECT_EQ(newest("halfday.confirmed")["data"]["people"][0]["minutes"], 210);
  ASSERT_TRUE(sign_it(draws("p-1")));
  host.wall_ms = at(12, 31);
  take(tap(2, at(12, 31), card_1));
  EXPECT_FALSE(act([&](store::Database& db) {
    return read_sheet_now(db, config, morning, host.wall_ms)->outdated;
  }));
  EXPECT_TRUE(std::holds_alternative<sheets::Signature>(sheet().lines[0].closing));
}

TEST_F(SheetBook, WhoLeftEarlyAfterAllMakesTheSheetOutdated) {
  host.wall_ms = at(12, 20);
  take(tap(1, at(8, 55), card_1));
  ASSERT_TRUE(confirm_it());
  take(tap(2, at(11, 0), card_1));
  EXPECT_TRUE(act([&](store::Database& db) {
    return read_sheet_now(db, config, morning, host.wall_ms)->outdated;
  }));
}

TEST_F(SheetBook, MinutesThatNobodySawCountWhenTheTrainerSaysSoAndNeverMore) {
  host.wall_ms = at(14, 0);
  take(tap(1, at(8, 55), card_1));
  const auto too_many = confirm_it({{"p-1", 211}});
  ASSERT_FALSE(too_many);
  EXPECT_NE(too_many.error().find("between 0 and 210"), std::string::npos) << too_many.error();
  ASSERT_TRUE(confirm_it());
  EXPECT_EQ(newest("halfday.confirmed")["data"]["people"][0]["minutes"], 0);
  ASSERT_TRUE(confirm_it({{"p-1", 200}}));
  EXPECT_EQ(newest("halfday.confirmed")["data"]["people"][0]["minutes"], 200);
  EXPECT_TRUE(sheet().lines[0].no_exit_tap);
}

TEST_F(SheetBook, ASheetIsClosedWhenEachLineIsAndNeverStuck) {
  two_people_were_there();
  ASSERT_TRUE(confirm_it());
  ASSERT_TRUE(sign_it(draws("p-1")));
  EXPECT_EQ(close_it().error(), "p-2 was there and has neither signed nor is closed as not signed");
  const NotSignedRequest gone{morning, "p-2", "left_early", "Had to catch the bus.", "t-1"};
  ASSERT_TRUE(act([&](store::Database& db) { return close_unsigned(db, rules, gone, host); }));
  const auto closed = close_it();
  ASSERT_TRUE(closed) << closed.error();
  const json told = newest("halfday.closed");
  EXPECT_TRUE(testing::satisfies_contract(told)) << told.dump(1);
  EXPECT_EQ(told["data"]["unsigned"], json::array({"p-2"}));
  EXPECT_EQ(told["data"]["not_signed"][0]["why"], "left_early");
  EXPECT_EQ(close_it().error(), phrase(Refusal::closed));
  EXPECT_EQ(confirm_it().error(), phrase(Refusal::closed));
}

TEST_F(SheetBook, WhatIsTakenBackOfAClosedSheetOpensItAgain) {
  two_people_were_there();
  const std::string signature = close_with_a_signature();
  ASSERT_TRUE(act([&](store::Database& db) {
    return withdraw(db, rules, {signature, "wrong_half_day", "The afternoon was meant.", "t-1"},
                    host);
  }));
  EXPECT_EQ(close_it().error(), "p-1 was there and has neither signed nor is closed as not signed");
  ASSERT_TRUE(sign_it(draws("p-1")));
  EXPECT_TRUE(close_it());
}

TEST_F(SheetBook, ACorrectionAfterClosingIsConfirmedAgainAndOnlyWhomItConcernsSignsAgain) {
  two_people_were_there();
  close_with_a_signature();
  EXPECT_EQ(confirm_it().error(), phrase(Refusal::closed)) << "nothing was corrected";
  host.wall_ms = at(12, 40) + 40 * 24 * 60 * minute_ms;
  take(tap(6, at(10, 0), stranger, "TC-1"));  // p-2, who signed nothing, was out at ten
  const auto second = confirm_it();
  ASSERT_TRUE(second) << second.error();
  EXPECT_EQ(second->withdrawn, 0);
  EXPECT_TRUE(std::holds_alternative<sheets::Signature>(sheet().lines[0].closing))
      << "whose line says the same has signed it";
  EXPECT_EQ(sheet().version, 2);
  EXPECT_EQ(sign_it(draws("p-1")).error(), phrase(Refusal::too_long_ago));
  EXPECT_TRUE(close_it()) << "a new version is closed like the first";
}

TEST_F(SheetBook, TheTrainerSignsANewVersionAnew) {
  two_people_were_there();
  ASSERT_TRUE(confirm_it());
  SignRequest trainer = draws("t-1");
  trainer.role = "trainer";
  ASSERT_TRUE(sign_it(trainer));
  take(tap(6, at(10, 0), stranger, "TC-1"));
  const auto second = confirm_it();
  ASSERT_TRUE(second) << second.error();
  EXPECT_EQ(second->withdrawn, 1);
  EXPECT_FALSE(sheet().trainer_signature);
}

TEST_F(SheetBook, AMonthIsSentWhenItIsOverAndEachHalfDayIsClosed) {
  two_people_were_there();
  ASSERT_TRUE(confirm_it());
  EXPECT_EQ(send_it().error(), "the month is not over yet");
  host.wall_ms = at(12, 40) + 30 * 24 * 60 * minute_ms;
  EXPECT_EQ(send_it().error(), "1 half-days are not closed, the first is S-AM on 2026-03-02");
  const std::string signature = close_with_a_signature();
  const auto sent = send_it();
  ASSERT_TRUE(sent) << sent.error();
  const json told = newest("halfday.month_sent");
  EXPECT_TRUE(testing::satisfies_contract(told)) << told.dump(1);
  EXPECT_EQ(told["data"]["version"], 1);
  ASSERT_EQ(told["data"]["sheets"].size(), 1u);
  EXPECT_EQ(told["data"]["sheets"][0]["digest"], events::hex(sheets::digest(sheet())));
  EXPECT_EQ(send_it().error(), "it was sent and nothing has changed since");

  const auto withdrawn = act([&](store::Database& db) {
    return withdraw(db, rules, {signature, "wrong_half_day", "Too late.", "t-1"}, host);
  });
  EXPECT_EQ(withdrawn.error(), "the month 2026-03 was sent; it can only be corrected now");
  EXPECT_TRUE(std::holds_alternative<sheets::Signature>(sheet().lines[0].closing));

  take(tap(6, at(10, 0), stranger, "TC-1"));
  EXPECT_TRUE(month().changed());
  ASSERT_TRUE(confirm_it());
  ASSERT_TRUE(close_it());
  ASSERT_TRUE(send_it());
  EXPECT_EQ(newest("halfday.month_sent")["data"]["version"], 2);
  EXPECT_EQ(newest("halfday.month_sent")["data"]["sheets"][0]["version"], 3);
}

TEST_F(SheetBook, WhatNobodyConfirmedInTimeKeepsNoMonthFromBeingSent) {
  two_people_were_there();
  host.wall_ms = at(12, 40) + 32 * 24 * 60 * minute_ms;
  const auto sent = send_it();
  ASSERT_TRUE(sent) << sent.error();
  const json told = newest("halfday.month_sent");
  EXPECT_TRUE(testing::satisfies_contract(told)) << told.dump(1);
  EXPECT_EQ(told["data"]["lapsed"], json::array({{{"session", "S-AM"}, {"date", "2026-03-02"}}}));
}

TEST_F(SheetBook, AnExitThatTheDeskGivesAfterClosingMakesItsMinutesCountInANewVersion) {
  host.wall_ms = at(14, 0);
  take(tap(1, at(8, 55), card_1));
  ASSERT_TRUE(confirm_it());
  ASSERT_TRUE(sign_it(draws("p-1")));
  ASSERT_TRUE(close_it());
  EXPECT_EQ(confirm_it().error(), phrase(Refusal::closed));
  const auto outdated = [&] {
    return act([&](store::Database& db) {
      return read_sheet_now(db, config, morning, host.wall_ms)->outdated;
    });
  };
  EXPECT_FALSE(outdated());

  attendance::AssistRequest forgotten;
  forgotten.person = "p-1";
  forgotten.direction = attendance::Direction::out;
  forgotten.cause = "forgotten";
  forgotten.minute = 12 * 60 + 30;
  forgotten.actor = "desk-1";
  ASSERT_TRUE(act([&](store::Database& db) {
    return attendance::record_assisted(db, config, forgotten, host);
  }));
  EXPECT_TRUE(outdated()) << "its minutes count by now";
  EXPECT_EQ(sign_it(draws("p-1")).error(), phrase(Refusal::closed));
  const auto again = confirm_it();
  ASSERT_TRUE(again) << again.error();
  EXPECT_EQ(again->withdrawn, 1);
  EXPECT_EQ(newest("halfday.confirmed")["data"]["people"][0]["minutes"], 210);
  const auto versions = act([&](store::Database& db) { return read_versions(db, morning); });
  ASSERT_EQ(versions.size(), 2u);
  EXPECT_EQ(versions[0].number, 2);
  EXPECT_NE(versions[0].digest, versions[1].digest);
  ASSERT_TRUE(sign_it(draws("p-1"))) << "signed again";
  ASSERT_TRUE(close_it()) << "and closed again";
}

TEST_F(SheetBook, ACancelledSessionAndAHolidayAreRefused) {
  two_people_were_there();
  writer.run_now([](store::Database& db) {
    db.exec(
        "INSERT INTO session_day (session, day, state) VALUES ('S-AM', '2026-03-02', 'cancelled')");
  });
  EXPECT_EQ(confirm_it().error(), phrase(Refusal::cancelled));
}

TEST_F(SheetBook, AnExcusedAbsenceIsOnTheSheetAsSuch) {
  two_people_were_there();
  writer.run_now([](store::Database& db) {
    db.exec("INSERT INTO person (id, role) VALUES ('p-9', 'participant')");
    db.exec("INSERT INTO enrolment (course, person) VALUES ('C', 'p-9')");
    db.exec(
        "INSERT INTO excuse (session, day, person, actor, at_ms) VALUES ('S-AM', '2026-03-02', "
        "'p-9', 't-1', 0)");
  });
  ASSERT_TRUE(confirm_it());
  EXPECT_EQ(newest("halfday.confirmed")["data"]["people"][2]["state"], "excused");
}

TEST_F(SheetBook, AMonthKnowsTheHoursInWhichTheSiteIsOpen) {
  two_people_were_there();
  ASSERT_TRUE(confirm_it());
  const auto found = [&](const char* opening) {
    config::Config open = config;
    open.site.opening[1] = {{8 * 60, opening == std::string("long") ? 18 * 60 : 12 * 60}};
    open.site.opening[2] = open.site.opening[1];
    const auto month = act([&](store::Database& db) {
      return check_month(db, {open, no_holidays}, "2026-03", host.wall_ms);
    });
    return std::ranges::count(month.findings, sheets::FindingKind::planned_outside_hours,
                              &sheets::Finding::kind);
  };
  EXPECT_EQ(found("long"), 0);
  EXPECT_EQ(found("short"), 10) << "each Monday and Tuesday, until half past twelve";
}

TEST_F(SheetBook, ACertificateCountsWhatStandsConfirmedUnderAllIdsOfThePerson) {
  two_people_were_there();
  ASSERT_TRUE(confirm_it());
  const auto read = [&] {
    return act([&](store::Database& db) {
      return certificates_of(db, rules, "p-1", {"2026-03-01", "2026-03-02"}, host.wall_ms);
    });
  };
  const Certificates one = read();
  ASSERT_EQ(one.courses.size(), 1u);
  EXPECT_EQ(one.courses[0].half_days[0].minutes, 210);
  EXPECT_EQ(one.courses[0].person.shown, "Yasmina El Amrani");
  EXPECT_EQ(events::hex(one.courses[0].half_days[0].sheet), confirm_it()->digest);
  EXPECT_TRUE(one.left_out.empty());
  writer.run_now([](store::Database& db) {
    db.exec("INSERT INTO person (id, role, display_name) VALUES ('p-7', 'participant', 'Y')");
    roster::merge(db, "p-1", "p-7", 1);
  });
  EXPECT_EQ(read().courses[0].person.id, "p-7");
  EXPECT_EQ(read().courses[0].half_days[0].minutes, 210);
}

TEST_F(SheetBook, WhatCameBackFromTheCaseSystemStandsAsItStood) {
  two_people_were_there();
  ASSERT_TRUE(confirm_it());
  const auto signature = sign_it(draws("p-1"));
  ASSERT_TRUE(act([&](store::Database& db) {
    return withdraw(db, rules, {*signature, "by_mistake", "It was not me.", "t-1"}, host);
  }));
  ASSERT_TRUE(sign_it(draws("p-1")));
  const NotSignedRequest gone{morning, "p-2", "left_early", "Had to catch the bus.", "t-1"};
  ASSERT_TRUE(act([&](store::Database& db) { return close_unsigned(db, rules, gone, host); }));
  ASSERT_TRUE(close_it());
  host.wall_ms += 30 * 24 * 60 * minute_ms;
  ASSERT_TRUE(send_it());
  const auto rows = [](store::Database& db, const char* query) {
    std::string all;
    auto row = db.prepare(query);
    while (row.step()) all += row.text(0) + "\n";
    return all;
  };
  constexpr const char* sheets_query =
      "SELECT session || day || id || version || confirmed || closed FROM sheet"
      " UNION ALL SELECT month || version || position || digest FROM month_sent";
  constexpr const char* signatures_query =
      "SELECT position || person || role || form || ifnull(withdrawn, '-') FROM signature ORDER BY "
      "position";
  constexpr const char* unsigned_query = "SELECT person || why || reason || actor FROM not_signed";
  std::array<std::string, 3> before;
  writer.run_now([&](store::Database& db) {
    before = {rows(db, sheets_query), rows(db, signatures_query), rows(db, unsigned_query)};
    db.exec(
        "DELETE FROM sheet; DELETE FROM signature; DELETE FROM not_signed; DELETE FROM month_sent");
    const attendance::TimeZone zone("Europe/Brussels");
    std::vector<std::pair<std::int64_t, events::Event>> all;
    {
      auto row = db.prepare(
          "SELECT l.position, l.event_id, l.type, l.subject, l.time_ms, p.data FROM log l"
          " JOIN payload_attendance p ON p.position = l.position WHERE l.type LIKE 'halfday.%' "
          "ORDER BY l.position");
      while (row.step()) {
        events::Event event;
        event.id = row.text(1);
        event.type = row.text(2);
        event.subject = row.optional_text(3);
        event.time_ms = row.integer(4);
        event.data = row.text(5);
        all.emplace_back(row.integer(0), event);
      }
    }
    for (const auto& [position, event] : all) recovery::rebuild_from(db, event, position, zone);
    EXPECT_EQ(rows(db, sheets_query), before[0]);
    EXPECT_EQ(rows(db, signatures_query), before[1]);
    EXPECT_EQ(rows(db, unsigned_query), before[2]);
    EXPECT_FALSE(before[1].empty());
  });
}

}  // namespace
}  // namespace rollcall::halfdays
