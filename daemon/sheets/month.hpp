// What an audit would object to in a month of sheets. Pure: everything that counts is passed in.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/sheets/calendar.hpp"
#include "daemon/sheets/sheet.hpp"

namespace rollcall::sheets {

enum class FindingKind : std::uint8_t {
  one_signature_many_half_days,
  identical_drawings,
  half_day_on_holiday,
  signed_on_holiday,
  half_day_cancelled,
  signed_before_end,
  planned_outside_hours,
  signed_outside_hours,
  trainer_in_two_rooms,
  title_differs,
  not_in_roster,
  many_assisted,
  line_open,
  not_confirmed,
};
inline constexpr std::size_t finding_kinds = 14;

enum class Severity : std::uint8_t {
  rejected,  // a sheet that was turned down for this, or would be
  doubtful,  // somebody should look, and may say why it is right
};
Severity severity(FindingKind kind);
std::string_view name(FindingKind kind);  // "one_signature_many_half_days"

struct Finding {
  FindingKind kind{};
  std::string sheet;  // id
  std::string session;
  Date date;
  Part part = Part::am;
  std::optional<std::string> person;  // pseudonym: of this line, or the trainer's
  std::vector<std::string> values;    // for the text
};
// What is wrong and what to do, as a clause. No names.
std::string clause(const Finding& finding, std::string_view language);
// One line: half-day, sheet, person if there is one, what is wrong and what to do. No names.
std::string in_words(const Finding& finding, std::string_view language);

// Minutes after local midnight; `to` above 1440 is on the next day.
struct Hours {
  int from = 0;
  int to = 0;
};

struct Month {
  std::span<const Sheet> sheets;  // the version in force of each
  const Calendar& holidays;
  // When the site is open, Sunday first. All empty = not known, and nothing is said about it.
  std::array<std::vector<Hours>, 7> opening = {};
  std::map<std::string, std::string> titles = {};  // of the roster, by session; empty = not known
  struct HalfDay {
    std::string session;
    Date date;
    Part part = Part::am;
  };
  std::vector<HalfDay> cancelled = {};
  std::int64_t now_ms = 0;  // what has not ended need not be closed
  // How long before the planned end people may sign, and how long after closing time.
  std::chrono::minutes before_end{5};
  std::chrono::minutes around_opening{30};
};

// In the order of the sheets, then of the lines.
//
//   one_signature_many_half_days  one halfday.signed, or one person's signatures of one instant,
//                                 under several sheets
//   identical_drawings            two signatures of the same strokes, wherever and however large
//                                 they stand, from `telling_points` points on: no hand draws twice
//                                 the same
//   half_day_on_holiday           somebody signed for a holiday; signed_on_holiday: on one
//   half_day_cancelled            somebody signed for a half-day that was not held
//   signed_before_end             but for who left early, and signed on leaving
//   *_outside_hours               of what takes place at the site
//   trainer_in_two_rooms          hours of the timetable overlap, rooms differ, or one is online
//   many_assisted                 more than a tenth of those who attended, and at least two, on
//                                 this sheet or in this session's month
//   line_open, not_confirmed      the half-day is over
std::vector<Finding> check_month(const Month& month);

inline constexpr std::size_t telling_points = 12;
// Whether two drawings are the same but for place and size.
bool same_drawing(const Drawing& one, const Drawing& other);

}  // namespace rollcall::sheets
