// A half-day of two people, one of whom is protected, and its sheet.
#pragma once

#include "daemon/halfdays/months.hpp"
#include "daemon/halfdays/sheet_book.hpp"
#include "tests/unit/daemon/attendance/recording.hpp"
#include "tests/unit/daemon/contract.hpp"

namespace rollcall::halfdays {

using attendance::test::minute_ms;
using attendance::test::monday_0850;
using nlohmann::json;
using rollcall::testing::tap;

inline const SheetKey morning{"S-AM", "2026-03-02"};

struct SheetBook : attendance::test::Recording {
  SheetBook() {
    writer.run_now([&](store::Database& db) {
      db.exec(
          "INSERT INTO person (id, role, display_name) VALUES ('t-1', 'trainer', 'Nora Peeters')");
      db.exec("UPDATE session SET trainer = 't-1'");
      db.exec("UPDATE person SET display_name = 'Yasmina El Amrani' WHERE id = 'p-1'");
      db.exec("UPDATE person SET display_name = 'Protected Name', protected = 1 WHERE id = 'p-2'");
      db.prepare("INSERT INTO card (token, person, source) VALUES (?, 'p-2', 'roster')")
          .bind(token(stranger))
          .run();
    });
  }

  static std::int64_t at(int hour, int minute) {
    return monday_0850 + (hour * 60 + minute - 530) * minute_ms;
  }

  void two_people_were_there() {
    host.wall_ms = at(12, 40);
    take(tap(1, at(8, 55), card_1));
    take(tap(2, at(9, 20), stranger));
    take(tap(3, at(12, 31), card_1));
    take(tap(4, at(12, 32), stranger));
  }

  template <class Act>
  auto act(Act&& what) {
    decltype(what(std::declval<store::Database&>())) result;
    writer.run_now([&](store::Database& db) { result = what(db); });
    return result;
  }
  Result<Confirmed> confirm_it(std::map<std::string, int> minutes = {}) {
    return act([&](store::Database& db) {
      return confirm(db, rules, {morning, "t-1", std::move(minutes)}, host);
    });
  }
  SignRequest draws(const std::string& person) const {
    SignRequest request;
    request.sheet = morning;
    request.person = person;
    request.form = DrawnForm{{{{{0.1, 0.5}, {0.5, 0.2}, {0.9, 0.6}}}, 3}};
    return request;
  }
  Result<std::string> sign_it(const SignRequest& request) {
    return act([&](store::Database& db) { return sign(db, rules, request, host); });
  }
  // The card that a screen asked this person for.
  events::TapIdentity tap_to_sign(std::uint64_t number, const std::array<std::uint8_t, 4>& chip,
                                  const char* asked = "p-1") {
    auto report = tap(number, host.wall_ms, chip);
    report.asked = asked;
    take(report);
    return {report.serial, report.tap.epoch, number};
  }
  SignRequest taps(const std::string& person, const events::TapIdentity& with) const {
    SignRequest request = draws(person);
    request.form = TapForm{with};
    request.method = "card";
    request.assurance = "uid";
    request.terminal = with.serial;
    return request;
  }
  sheets::Sheet sheet() {
    return act([&](store::Database& db) { return read_sheet(db, config, morning, host.wall_ms); })
        .value();
  }
  Result<std::string> close_it() {
    return act([&](store::Database& db) { return close(db, rules, morning, "t-1", host); });
  }
  // p-1 has signed, p-2 left before; the id of the signature.
  std::string close_with_a_signature() {
    confirm_it();
    const auto signature = sign_it(draws("p-1"));
    const NotSignedRequest gone{morning, "p-2", "left_early", "Had to catch the bus.", "t-1"};
    act([&](store::Database& db) { return close_unsigned(db, rules, gone, host); });
    EXPECT_TRUE(close_it());
    return signature.value_or("");
  }
  MonthState month() {
    return act([&](store::Database& db) { return month_state(db, rules, "2026-03", host); });
  }
  Result<SentMonth> send_it() {
    return act([&](store::Database& db) { return send_month(db, rules, "2026-03", "s-2", host); });
  }
  json newest(const char* type) { return testing::newest_event(scratch.path(), type); }

  const sheets::Calendar no_holidays;
  const Rules rules{config, no_holidays};
};

}  // namespace rollcall::halfdays
