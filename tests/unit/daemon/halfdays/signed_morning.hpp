// A morning that can be signed, for tests of the places where people tap: its course has p-1 and
// p-2.
#pragma once

#include <gtest/gtest.h>

#include "daemon/halfdays/sheet_book.hpp"

namespace rollcall::halfdays::test {

inline constexpr std::int64_t monday_0850 = 1'772'437'800'000;  // 2026-03-02T08:50 in Brussels
inline constexpr std::int64_t monday_1231 = monday_0850 + 221 * 60'000;

inline void plan_morning(store::Database& db) {
  db.exec("INSERT INTO person (id, role) VALUES ('t-1', 'trainer')");
  db.exec(
      "INSERT INTO session (id, course, title, room, weekdays, first_day, last_day, start_min, "
      "end_min, half_day, trainer) VALUES ('S-AM', 'C', 'First steps', 'Room 1', 'mon', "
      "'2026-01-01', '2026-12-31', 540, 750, 'am', 't-1')");
  db.exec("INSERT INTO enrolment (course, person) VALUES ('C', 'p-1'), ('C', 'p-2')");
}

inline void confirm_morning(store::Database& db, const config::Config& config,
                            const sheets::Calendar& holidays, const attendance::HostTime& now) {
  const auto confirmed = confirm(db, {config, holidays}, {{"S-AM", "2026-03-02"}, "t-1", {}}, now);
  ASSERT_TRUE(confirmed) << confirmed.error();
}

}  // namespace rollcall::halfdays::test
